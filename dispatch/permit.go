package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
)

// Who may administer what.
var (
	asStaff = slices.Concat(anyone, itself) // customers their own
	asBoard = slices.Concat(board, itself)
	asAdmin = []muster.Role{muster.RoleAdministrator, muster.RoleSystem}
)

// permit refuses an actor whose role is not among those, and a customer on what is another's.
func permit(a muster.Actor, what string, who []muster.Role, owner muster.CustomerID) error {
	if !slices.Contains(who, a.Role) {
		return muster.E(muster.CodeForbidden, fmt.Sprintf("%s may not %s", roleName(a.Role), what), "ask "+oneOf(who))
	}
	if a.Role == muster.RoleCustomer && (a.Customer == "" || a.Customer != owner) {
		return muster.E(muster.CodeForbidden, "this is another customer's", "sign in as that customer")
	}
	return nil
}

// oneOf names those people of some roles who can be asked: an administrator, a dispatcher or a manager.
func oneOf(who []muster.Role) string {
	var names []string
	for _, r := range who {
		if r != muster.RoleSystem {
			names = append(names, roleName(r))
		}
	}
	switch last := len(names) - 1; last {
	case -1:
		return "nobody: it happens by itself"
	case 0:
		return names[0]
	default:
		return strings.Join(names[:last], ", ") + " or " + names[last]
	}
}

// sameRevision refuses to replace a record by one that was made from another revision. Given is the record's
// own revision, 0 if its maker didn't say.
func sameRevision(cmd muster.Command, id string, have, given int64) error {
	if given != 0 && given != have {
		return outdated("rev", id, have, given)
	}
	return stale(cmd, id, have)
}

// load reads one aggregate's root, the zero value if there is none. The command's first outcome comes as
// *graph.Replayed.
func load[T any](ctx context.Context, d *Dispatch, cmd muster.CommandID, id string) (T, error) {
	var none T
	records, err := d.store.Records(ctx, cmd, id)
	if err != nil {
		return none, err
	}
	if p, ok := any(records[id]).(*T); ok {
		return *p, nil
	}
	return none, nil
}
