package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"time"

	"github.com/sysopssquad/muster"
)

// MaxBody is how large the body of a request may be, in bytes.
const MaxBody = 1 << 20

// checkedBody reads the body whole, within MaxBody, and lets only strict JSON through to the decoder, which
// reads it twice: once to validate, once into Go's types. Other content types are left to be refused there.
func (s *server) checkedBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			wasRead(w)
			next.ServeHTTP(w, r)
			return
		}
		body, err := readBody(w, r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		wasRead(w)
		if len(body) > 0 && isJSON(r.Header.Get("Content-Type")) {
			if err := strict(body); err != nil {
				s.refuse(w, r, err)
				return
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// wasRead takes the deadline for reading from a connection whose request was read. Once it passes, net/http ends the context of
// the connection: that of the request under way, and of all that come after it on the same one.
func wasRead(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // a writer of a test has none
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > MaxBody {
		w.Header().Set("Connection", "close") // what is on its way is not read
		return nil, tooLarge(fmt.Sprintf("%d bytes", r.ContentLength))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var over *http.MaxBytesError
	var late net.Error
	switch {
	case errors.As(err, &over):
		return nil, tooLarge(fmt.Sprintf("more than %d bytes", MaxBody))
	case errors.As(err, &late) && late.Timeout():
		return nil, muster.E(codeSlow, "the body did not arrive in time", "send it again, without a pause inside")
	case err != nil:
		return nil, (&muster.Error{
			Code: codeMalformed, Message: "the body ended early", Hint: "send it again, whole", Field: "body",
		}).Because(err)
	}
	return body, nil
}

func tooLarge(size string) error {
	return &muster.Error{
		Code: muster.CodeTooLarge, Message: "body: " + size + " are too many", Field: "body", Value: size,
		Hint: fmt.Sprintf("a request may have at most %d bytes (1 MiB); for many tickets use `muster import`", MaxBody),
	}
}

func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && t == "application/json"
}
