package api

import (
	"net/http"
	"slices"
	"strings"
)

// Conditional is what every read of a single thing takes.
type Conditional struct {
	IfNoneMatch string `header:"If-None-Match" example:"\"3\"" doc:"ETags that the caller has: 304 without a body if the thing is still at one of them."`
}

// Single is the answer with one thing, tagged with its revision and those of what is shown beside it.
type Single[T any] struct {
	Status       int
	ETag         string `header:"ETag" doc:"The revision, for If-None-Match and If-Match; behind a dash that of what is shown beside it."`
	CacheControl string `header:"Cache-Control"`
	Body         T
}

// single answers with a thing, or with 304 if the caller has this revision of it. Others are the revisions of
// other aggregates in the body.
func single[T any](in Conditional, rev int64, body T, others ...int64) *Single[T] {
	out := &Single[T]{Status: http.StatusOK, ETag: etag(rev, others...), CacheControl: "private, no-cache", Body: body}
	has := func(tag string) bool { return strings.TrimPrefix(strings.TrimSpace(tag), "W/") == out.ETag }
	if in.IfNoneMatch == "*" || slices.ContainsFunc(strings.Split(in.IfNoneMatch, ","), has) {
		out.Status = http.StatusNotModified
	}
	return out
}
