package dispatch_test

import (
	"testing"

	"github.com/sysopssquad/muster/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }
