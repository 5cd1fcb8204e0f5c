package api

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Paged is what every list takes. Cursors are opaque: they belong to the list and the filter that gave them.
type Paged struct {
	After string `query:"after" maxLength:"1000" doc:"The cursor in next of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"At most so many."`
}

// List is one page.
type List[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// Page is the answer with one page.
type Page[T any] struct {
	Link string `header:"Link" doc:"The next page as rel=next, absent on the last."`
	Body List[T]
}

// page reads one page of a list and shows each of its items.
func page[R, T any](ctx context.Context, in Paged, list string, filter url.Values,
	read func(context.Context, graph.Page) ([]R, string, error), show func(R) T,
) (*Page[T], error) {
	after, err := cursor(list, filter, in.After)
	if err != nil {
		return nil, err
	}
	rows, next, err := read(ctx, graph.Page{After: after, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &Page[T]{Body: List[T]{Items: make([]T, 0, len(rows))}}
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, show(r))
	}
	if next != "" {
		out.Body.Next = sealed(list, filter, next)
		out.Link = "<" + list + "?" + withPage(filter, out.Body.Next, in.Limit) + `>; rel="next"`
	}
	return out, nil
}

// sealed wraps a store's cursor with the list and filter that it belongs to.
func sealed(list string, filter url.Values, inner string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(bound(list, filter) + "\x00" + inner))
}

// cursor opens one again; the cursor of another list or filter would skip or repeat in silence.
func cursor(list string, filter url.Values, given string) (string, error) {
	if given == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(given)
	of, inner, ok := strings.Cut(string(b), "\x00")
	if err != nil || !ok {
		return "", muster.Invalid("after", given, "send next of the page before as it was given, or leave it out for the first page")
	}
	if of != bound(list, filter) {
		return "", muster.Invalid("after", given, "this cursor is of another list or filter; leave it out for the first page of this one")
	}
	return inner, nil
}

// bound is a short name of a list with its filter.
func bound(list string, filter url.Values) string {
	return muster.Fingerprint(list, filter.Encode())[:8]
}

func withPage(filter url.Values, after string, limit int) string {
	q := url.Values{"after": {after}, "limit": {itoa(limit)}}
	for k, v := range filter {
		q[k] = v
	}
	return q.Encode()
}
