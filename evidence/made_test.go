package evidence

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommandsNameNoFolderOfTheMachine(t *testing.T) {
	require.Equal(t, `make torture ARGS="-dir FOLDER -kills 10 -evidence docs/evidence/torture.json -muster=FOLDER"`,
		made("torture", []string{"-dir", "/somewhere/run", "-kills", "10", "-evidence", "docs/evidence/torture.json", "-muster=/else/muster"}))
}
