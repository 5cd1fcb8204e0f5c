package journal

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/sysopssquad/muster"
)

// peopleFile lies beside the journals of a folder; all processes that share the folder keep the same people in it.
const peopleFile = "people.json"

// person is what must be known of somebody to accept a submission from them: nobody's name or address.
type person struct {
	ID       muster.UserID     `json:"id"`
	Role     muster.Role       `json:"role"`
	Expert   muster.ExpertID   `json:"expert,omitempty"`
	Customer muster.CustomerID `json:"customer,omitempty"`
}

// KeepPeople writes down who may act, for a process that is started while the graph is away. Those who are suspended are
// left out. It writes nothing if nobody has changed.
func KeepPeople(dir string, users []*muster.User) error {
	all := make([]person, 0, len(users))
	for _, u := range users {
		if !u.Suspended {
			all = append(all, person{u.ID, u.Role, u.Expert, u.Customer})
		}
	}
	slices.SortFunc(all, func(a, b person) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	path := filepath.Join(dir, peopleFile)
	text, err := json.Marshal(all)
	if err != nil {
		return muster.E(muster.CodeInternal, "people have no JSON form", "report this").Because(err)
	}
	if old, err := os.ReadFile(path); err == nil && string(old) == string(text) {
		return nil
	}
	fresh, err := os.CreateTemp(dir, peopleFile+".*") // its own: another process may do the same; 0600
	if err != nil {
		return unavailable(dir, err)
	}
	_, err = fresh.Write(text)
	if err == nil {
		err = fresh.Sync()
	}
	if e := fresh.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err == nil {
		err = syncFolder(dir)
	}
	if err != nil {
		_ = os.Remove(fresh.Name())
		return unavailable(path, err)
	}
	return nil
}

// People reads who could act when KeepPeople was last called; none if it never was. What can't be read is CodeUnavailable.
func People(dir string) ([]*muster.User, error) {
	path := filepath.Join(dir, peopleFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all []person
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, unavailable(path, err)
	}
	users := make([]*muster.User, len(all))
	for i, p := range all {
		users[i] = &muster.User{ID: p.ID, Role: p.Role, Expert: p.Expert, Customer: p.Customer}
	}
	return users, nil
}
