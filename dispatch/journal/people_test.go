package journal

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestPeopleAreKeptWithoutTheirNames(t *testing.T) {
	dir := t.TempDir()
	none, err := People(dir)
	require.NoError(t, err)
	require.Empty(t, none)
	users := []*muster.User{
		{ID: "usr_ruth", Name: "Ruth Okafor", Role: muster.RoleCustomer, Customer: "cus_ruth", About: "a widow"},
		{ID: "usr_ana", Name: "Ana Souza", Role: muster.RoleExpert, Expert: "exp_ana", Rev: 3},
		{ID: "usr_gone", Name: "Gone", Role: muster.RoleHelpdesk, Suspended: true},
	}
	require.NoError(t, KeepPeople(dir, users))
	kept, err := People(dir)
	require.NoError(t, err)
	require.Equal(t, []*muster.User{
		{ID: "usr_ana", Role: muster.RoleExpert, Expert: "exp_ana"}, {ID: "usr_ruth", Role: muster.RoleCustomer, Customer: "cus_ruth"},
	}, kept)
	path := filepath.Join(dir, peopleFile)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, u := range users {
		require.NotContains(t, string(text), u.Name)
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	users[0].Name = "Ruth O." // nothing that is kept
	require.NoError(t, KeepPeople(dir, users))
	again, err := os.Stat(path)
	require.NoError(t, err)
	require.True(t, os.SameFile(info, again), "written only when somebody changes")
	users[1].Suspended = true
	require.NoError(t, KeepPeople(dir, users))
	kept, err = People(dir)
	require.NoError(t, err)
	require.Len(t, kept, 1)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing is left of writing it")

	require.NoError(t, os.WriteFile(path, []byte("{torn"), 0o600))
	_, err = People(dir)
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	require.NoError(t, KeepPeople(dir, users))
	_, err = People(dir)
	require.NoError(t, err)
}
