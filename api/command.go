package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sysopssquad/muster"
)

// KeyParam is what every POST takes in its headers.
type KeyParam struct {
	Key string `header:"Idempotency-Key" maxLength:"200" example:"b1946ac9-24ef" doc:"Names this request: sent again with the same key it happens once and gets the first answer, byte for byte; another request under it is refused (key_reused). Without one Muster makes one and returns it."`
}

// Commanded is what every command takes in its headers.
type Commanded struct {
	KeyParam
	IfMatch string `header:"If-Match" example:"\"3\"" doc:"The ETag that was seen. If the thing has changed since, nothing happens (412, stale). Without it any revision will do."`
}

// Empty is the body of a command that needs none: {} or nothing at all.
type Empty struct{}

// Keyed is the header of every command's answer.
type Keyed struct {
	Key string `header:"Idempotency-Key" doc:"The key of this request, for sending it again."`
}

var commandIDs = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// command makes the command of a request. Its id follows from who acts and the key, so that two people's
// keys never meet; dispatch adds the verb and the fingerprint of what was asked for.
func command(ctx context.Context, in *Commanded) (muster.Command, error) {
	if err := in.settle(); err != nil {
		return muster.Command{}, err
	}
	seen, err := revision("If-Match", in.IfMatch)
	if err != nil {
		return muster.Command{}, err
	}
	actor := actorOf(ctx)
	sum := sha256.Sum256([]byte(string(actor.ID) + "\x00" + in.Key))
	return muster.Command{
		ID: muster.CommandID("cmd_" + commandIDs.EncodeToString(sum[:20])), Actor: actor, Seen: seen,
	}, nil
}

// settle makes a key where none was given, and refuses one that could not be sent again.
func (k *KeyParam) settle() error {
	if k.Key == "" {
		k.Key = rand.Text()
	}
	if !plain(k.Key, 200) {
		return muster.Invalid("Idempotency-Key", k.Key, "give 1 to 200 visible ASCII signs, such as a UUID")
	}
	return nil
}

// etag is a revision as a header. What shows other aggregates too has theirs after its own, "3-5".
func etag(rev int64, others ...int64) string {
	tag := strconv.FormatInt(rev, 10)
	for _, r := range others {
		tag += "-" + strconv.FormatInt(r, 10)
	}
	return `"` + tag + `"`
}

// revision reads an ETag of ours, nil for none and for *. A command asks for the thing's own revision only: that
// something beside it has changed is no reason to refuse.
func revision(header, tag string) (*int64, error) {
	if tag == "" || tag == "*" {
		return nil, nil
	}
	inner, ok := strings.CutPrefix(strings.TrimPrefix(tag, "W/"), `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	own, beside, two := strings.Cut(inner, "-")
	rev, err := strconv.ParseUint(own, 10, 63)
	if two && err == nil {
		_, err = strconv.ParseUint(beside, 10, 63)
	}
	if !ok || !closed || err != nil {
		return nil, muster.Invalid(header, tag, `send the ETag as it was given, such as "3"`)
	}
	seen := int64(rev)
	return &seen, nil
}

// carry makes the command of a request, has it carried out and shows the answer.
func carry[Q, A, O any](ctx context.Context, in *Commanded, req Q,
	do func(context.Context, muster.Command, Q) (A, error), show func(key string, answer A) *O,
) (*O, error) {
	cmd, err := command(ctx, in)
	if err != nil {
		return nil, err
	}
	answer, err := do(ctx, cmd, req)
	if err != nil {
		return nil, in.spoken(err)
	}
	return show(in.Key, answer), nil
}

// spoken gives a refusal in the words of HTTP, where a command's id and the revision that was seen are headers.
func (in *Commanded) spoken(err error) error {
	var e *muster.Error
	if !errors.As(err, &e) {
		return err
	}
	told := *e
	switch {
	case e.Code == muster.CodeReused:
		told.Field, told.Value = "Idempotency-Key", in.Key
		told.Message = fmt.Sprintf("Idempotency-Key: %q was used for another request", in.Key)
		told.Hint = "take a new key for a new request"
	case e.Code == muster.CodeStale && e.Field == "seen":
		told.Field, told.Value = "If-Match", in.IfMatch
	default:
		return err
	}
	return told.Because(err)
}

// A naming gives the name that a field of a command has in the body that the command was made of.
type naming func(field string) string

// inside is the naming of a body that is one part of the command: sites[0].place.zone is place.zone there. What is
// wrong with the part as a whole is told of the body's field whole.
func inside(part, whole string) naming {
	return func(field string) string {
		rest, ok := strings.CutPrefix(field, part)
		switch {
		case ok && rest == "":
			return whole
		case ok && rest[0] == '.':
			return rest[1:]
		}
		return field
	}
}

// called carries out do, with refusals that call a field as the body does. Commands whose fields are those of the
// body need none.
func called[Q, A any](do func(context.Context, muster.Command, Q) (A, error), as naming) func(context.Context, muster.Command, Q) (A, error) {
	return func(ctx context.Context, cmd muster.Command, req Q) (A, error) {
		answer, err := do(ctx, cmd, req)
		return answer, renamed(err, as)
	}
}

// renamed gives a refusal's field another name, also in its sentence.
func renamed(err error, as naming) error {
	var e *muster.Error
	if !errors.As(err, &e) {
		return err
	}
	field := as(e.Field)
	if field == e.Field {
		return err
	}
	told := *e
	told.Field = field
	if rest, ok := strings.CutPrefix(e.Message, e.Field+":"); ok {
		told.Message = field + ":" + rest
	}
	return told.Because(err)
}

// sameID refuses a body that names another thing than the path.
func sameID[T ~string](path, body T) error {
	if body == "" || body == path {
		return nil
	}
	return muster.Invalid("id", string(body), "the path says "+string(path)+"; make them alike, or leave id out")
}
