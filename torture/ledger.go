package torture

import (
	"bufio"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sysopssquad/muster"
)

// line is one answer that somebody was given.
type line struct {
	Command muster.CommandID `json:"command"`
	Path    string           `json:"path"`
	Status  int              `json:"status"`
	Body    string           `json:"body"`             // hash of the answer
	Ticket  muster.TicketID  `json:"ticket,omitempty"` // of a submission
	Number  int64            `json:"number,omitempty"`
}

// ledger keeps on disk what people were told: a line is on its way to the disk before the next request of whoever got it.
type ledger struct {
	mu   sync.Mutex
	file *os.File
	told map[muster.CommandID][]line // the first answer, and what others told of another number
	two  []string                    // requests with two different answers

	// Submissions that two servers accepted without the graph, each under a number of its own: both lead to the one
	// ticket. Without the graph they can't know of each other (decision 21).
	renumbered int
}

const ledgerFile = "ledger.jsonl"

// openLedger reads what is there and goes on behind it.
func openLedger(dir string) (*ledger, error) {
	l := &ledger{told: make(map[muster.CommandID][]line)}
	path := filepath.Join(dir, ledgerFile)
	old, err := os.Open(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		defer old.Close()
		in := bufio.NewScanner(old)
		for in.Scan() {
			var told line
			if json.Unmarshal(in.Bytes(), &told) == nil { // the last line may be torn
				l.told[told.Command] = append(l.told[told.Command], told)
			}
		}
		if err := in.Err(); err != nil {
			return nil, err
		}
	}
	l.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	return l, err
}

// note keeps an answer. One to a request that was answered before must be the same, but for a number that another server gave
// it without the graph: that is kept too, as whoever was told it will ask by it.
func (l *ledger) note(told line) error {
	b, err := json.Marshal(told)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if before := l.told[told.Command]; len(before) > 0 {
		first := before[0]
		switch {
		case slices.Contains(before, told):
			return nil
		case first.Ticket == told.Ticket && (first.Status == http.StatusAccepted || told.Status == http.StatusAccepted):
			l.renumbered++
		default:
			l.two = append(l.two, string(told.Command)+" "+told.Path+": "+first.Body+" and "+told.Body)
			return nil
		}
	}
	l.told[told.Command] = append(l.told[told.Command], told)
	_, err = l.file.Write(append(b, '\n'))
	return err
}

func (l *ledger) close() error { return errors.Join(l.file.Sync(), l.file.Close()) }

// commandOf is the id that the API gives a request's command: docs/api.md says how.
func commandOf(actor, key string) muster.CommandID {
	sum := sha256.Sum256([]byte(actor + "\x00" + key))
	ids := base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
	return muster.CommandID("cmd_" + ids.EncodeToString(sum[:20]))
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}
