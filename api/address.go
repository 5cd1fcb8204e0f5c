package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sysopssquad/muster"
)

// checkedAddress lets only paths and queries through that are text: percent signs may spell any bytes, and what
// is no UTF-8 would be compared with names as something else than what was sent.
func (s *server) checkedAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := address(r.URL); err != nil {
			s.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func address(u *url.URL) error {
	if err := plainText("path", u.Path); err != nil {
		return err
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil { // Go would leave the parameter out in silence
		return malformed("query", u.RawQuery, "can't be read: "+err.Error(), "write each sign that is not plain as a percent sign and two hexadecimal digits, ; too")
	}
	for name, values := range query {
		if err := plainText("query", name); err != nil {
			return err
		}
		for _, v := range values {
			if err := plainText(name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func plainText(field, text string) error {
	switch {
	case !utf8.ValidString(text):
		return unreadable(field, text, "is not UTF-8", "send the text as UTF-8")
	case strings.ContainsRune(text, 0):
		return unreadable(field, text, "has U+0000", noNull)
	}
	return nil
}

func unreadable(field, text, what, hint string) *muster.Error {
	return &muster.Error{Code: codeMalformed, Message: field + " " + what, Hint: hint, Field: field, Value: shown(strconv.QuoteToASCII(text))}
}
