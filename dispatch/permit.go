package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
		return muster.E(muster.CodeForbidden, fmt.Sprintf("%s may not %s", roleName(a.Role), what), fmt.Sprintf("ask one of: %v", who))
	}
	if a.Role == muster.RoleCustomer && (a.Customer == "" || a.Customer != owner) {
		return muster.E(muster.CodeForbidden, "this is another customer's", "sign in as that customer")
	}
	return nil
}

// sameRevision refuses to replace a record by one that was made from another revision. Given is the record's
// own revision, 0 if its maker didn't say.
func sameRevision(cmd muster.Command, id string, have, given int64) error {
	if given != 0 && given != have {
		return stale(muster.Command{Seen: &given}, id, have)
	}
	return stale(cmd, id, have)
}

// inField names the input's field in an error about its value.
func inField(field string, err error) error {
	if e := (*muster.Error)(nil); errors.As(err, &e) {
		named := *e
		named.Field = field
		named.Message = field + ": " + e.Message
		return &named
	}
	return err
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
