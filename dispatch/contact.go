package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sysopssquad/muster"
)

// maxContacts bounds the log of one exception: after so many tries another step is needed.
const maxContacts = 100

// What a contact may say.
var (
	contactWhom   = []string{"customer", "expert"}
	contactHow    = []string{"phone", "sms", "email", "in_person"}
	contactResult = []string{"reached", "no_answer", "will_call_back", "wrong_number"}
)

// ContactException logs a try to reach somebody about an exception. It counts as having looked after it, for whoever has it.
func (d *Dispatch) ContactException(ctx context.Context, cmd muster.Command, req ContactRequest) (Answer, error) {
	return d.onException(ctx, cmd, verbContact, req, req.ExceptionRequest, func(k *desk, e *muster.Exception) error {
		for _, f := range []struct {
			field, have string
			of          []string
		}{{"whom", req.Whom, contactWhom}, {"how", req.How, contactHow}, {"result", req.Result, contactResult}} {
			if !slices.Contains(f.of, f.have) {
				return muster.Invalid(f.field, f.have, "one of "+strings.Join(f.of, ", "))
			}
		}
		if err := textFits("note", req.Note); err != nil {
			return err
		}
		if len(e.Contacts) >= maxContacts {
			return muster.Invalid("contacts", strconv.Itoa(len(e.Contacts)), fmt.Sprintf("a log has %d entries; settle it, or do something else about the ticket", maxContacts))
		}
		e.Contacts = append(slices.Clone(e.Contacts), muster.Contact{
			At: k.now, By: k.cmd.Actor.ID, Whom: req.Whom, How: req.How, Result: req.Result, Note: req.Note,
		})
		return nil
	})
}
