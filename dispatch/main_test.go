package dispatch_test

import (
	"flag"
	"os"
	"strconv"
	"testing"

	"github.com/sysopssquad/muster/servertest"
)

// histories is how many random histories and companies are tried in tests. A longer campaign:
//
//	DISPATCH_HISTORIES=2000 go test ./dispatch -run 'Random|Whoever'
const histories = 40

func TestMain(m *testing.M) {
	n := os.Getenv("DISPATCH_HISTORIES")
	if n == "" {
		n = strconv.Itoa(histories)
	}
	if err := flag.Set("rapid.checks", n); err != nil {
		panic("DISPATCH_HISTORIES: " + err.Error())
	}
	childIntake()
	servertest.Main(m)
}
