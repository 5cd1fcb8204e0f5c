package dispatch_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
)

// doubtful is a store in which nobody learns at once what became of any write, whatever method it is by. It notes to which
// functions that happened.
type doubtful struct {
	*unsure
	calls map[string]int // how many outcomes were unknown to which functions
	turns map[string]int // of writes, by function
}

func newDoubtful(s graph.Store) doubtful {
	return doubtful{newUnsure(s, make(map[string]int)), make(map[string]int), make(map[string]int)}
}

func (u doubtful) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	return doubted(u.unsure, string(changes[0].Command.ID), func() {
		u.noted(changes)
		u.note(callers("Commit"))
	}, func() ([]graph.Outcome, error) { return u.Store.Commit(ctx, changes...) })
}

func (u doubtful) ClaimDue(
	ctx context.Context, lane muster.Lane, shard int, now, until time.Time, limit int,
) ([]graph.Wake, error) {
	return by(u, "ClaimDue", func() ([]graph.Wake, error) { return u.Store.ClaimDue(ctx, lane, shard, now, until, limit) })
}

func (u doubtful) Claim(ctx context.Context, id string, now, until time.Time) (w graph.Wake, ok bool, err error) {
	w, err = by(u, "Claim", func() (w graph.Wake, err error) { w, ok, err = u.Store.Claim(ctx, id, now, until); return w, err })
	return w, ok && err == nil, err
}

func (u doubtful) Settle(ctx context.Context, settled ...graph.Settled) ([]string, error) {
	return by(u, "Settle", func() ([]string, error) { return u.Store.Settle(ctx, settled...) })
}

func (u doubtful) Number(ctx context.Context, duty string, fence, first int64, events []muster.Event) error {
	_, err := by(u, "Number", func() (any, error) { return nil, u.Store.Number(ctx, duty, fence, first, events) })
	return err
}

func (u doubtful) Advance(ctx context.Context, consumer string, seq int64) error {
	_, err := by(u, "Advance", func() (any, error) { return nil, u.Store.Advance(ctx, consumer, seq) })
	return err
}

func (u doubtful) Reserve(ctx context.Context, n int) (int64, error) {
	return by(u, "Reserve", func() (int64, error) { return u.Store.Reserve(ctx, n) })
}

func (u doubtful) Prune(ctx context.Context, before time.Time, limit int) (int, error) {
	return by(u, "Prune", func() (int, error) { return u.Store.Prune(ctx, before, limit) })
}

func (u doubtful) PruneJobs(ctx context.Context, before time.Time, limit int) (int, error) {
	return by(u, "PruneJobs", func() (int, error) { return u.Store.PruneJobs(ctx, before, limit) })
}

// forgotten is how many events aren't retained any more when those come who follow them.
const forgotten = 1

func (u doubtful) EventsAfter(ctx context.Context, seq int64, limit int) ([]muster.Event, error) {
	return u.Store.EventsAfter(ctx, max(seq, forgotten), limit)
}

// by does a write, or loses it: of seven by one function one after it was written and one before, and the store is away for
// one more. So whoever waits for a lease or the next look comes to it within minutes.
func by[T any](u doubtful, method string, write func() (T, error)) (none T, _ error) {
	u.mu.Lock()
	sites := callers(method)
	next, known := u.turns[sites[0]]
	if !known {
		next = len(u.turns) % 2 * 3 // of the functions that write only once half begin with the one, half with the other
	}
	turn := next % 7
	u.turns[sites[0]] = next + 1
	if turn == 0 || turn == 3 {
		u.n++
		u.sites[method]++
		u.note(sites)
	}
	u.mu.Unlock()
	unknown := muster.E(muster.CodeUnknown, "the reply was lost", "send the same again")
	switch turn {
	case 3:
		return none, unknown
	case 4:
		return none, muster.E(muster.CodeUnavailable, "the store is away", "try again")
	}
	v, err := write()
	if turn == 0 && err == nil {
		return none, unknown
	}
	return v, err
}

const module = "github.com/sysopssquad/muster/"

// closure is what the runtime adds to the name of a function for what is inside of it.
var closure = regexp.MustCompile(`(\.func\d+|\.gowrap\d+|\[\.\.\.\]|\.\d+|-range\d+)*$`)

// callers are the functions of the product that are on the way to a write, the nearest first.
func callers(method string) (sites []string) {
	var at [64]uintptr
	frames := runtime.CallersFrames(at[:runtime.Callers(2, at[:])])
	for {
		f, more := frames.Next()
		name, ours := strings.CutPrefix(f.Function, module)
		site := closure.ReplaceAllString(name, "") + " " + method
		if ours && !strings.HasSuffix(f.File, "_test.go") && !slices.Contains(sites, site) {
			sites = append(sites, site)
		}
		if !more {
			return sites
		}
	}
}

// note counts an outcome that functions don't know. The caller holds mu.
func (u doubtful) note(sites []string) {
	for _, site := range sites {
		u.calls[site]++
	}
}

// jobCommands are the names of commands that the sources of jobs have in place. What they call tickets and visits by are names
// of others' events.
func jobCommands(t *testing.T) (names []string) {
	t.Helper()
	isName := regexp.MustCompile(`^"[a-z]+\.[a-z_]+"$`)
	others := regexp.MustCompile(`^"(ticket|visit|task)\.`)
	for _, dir := range []string{"../jobs", "../jobs/notify"} {
		files, err := filepath.Glob(dir + "/*.go")
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CompositeLit: // an event has a name, too
					list, ok := n.Type.(*ast.ArrayType)
					if !ok {
						return true
					}
					of, ok := list.Elt.(*ast.SelectorExpr)
					return !ok || of.Sel.Name != "Event"
				case *ast.BasicLit:
					if isName.MatchString(n.Value) && !others.MatchString(n.Value) {
						names = append(names, strings.Trim(n.Value, `"`))
					}
				}
				return true
			})
		}
	}
	require.NotEmpty(t, names)
	return names
}

// writeSites are the functions of the product that call a method of the store's port that writes, as the sources have them.
func writeSites(t *testing.T) (sites []string) {
	t.Helper()
	arguments := make(map[string]reflect.Type)
	port := reflect.TypeFor[graph.Store]()
	for _, name := range graphtest.Writes() {
		m, _ := port.MethodByName(name)
		arguments[name] = m.Type
	}
	fits := func(name string, given int) bool {
		of := arguments[name]
		return of != nil && (given == of.NumIn() || of.IsVariadic() && given >= of.NumIn()-1)
	}
	// The stores themselves, what tries Muster, and who wires it.
	others := regexp.MustCompile(`^\.\./(graph|sim|linear|torture|bench|servertest|cmd|web|testdata|\.)`)
	require.NoError(t, filepath.WalkDir("..", func(file string, d os.DirEntry, err error) error {
		switch {
		case err == nil && d.IsDir() && others.MatchString(file):
			return filepath.SkipDir
		case err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range parsed.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			called := make(map[ast.Expr]int)
			ast.Inspect(fn, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					called[n.Fun] = len(n.Args)
				case *ast.SelectorExpr:
					given, call := called[n]
					if call && fits(n.Sel.Name, given) || !call && arguments[n.Sel.Name] != nil && isStore(n.X) {
						sites = append(sites, strings.TrimPrefix(filepath.Dir(file), "../")+"."+receiver(fn)+fn.Name.Name+" "+n.Sel.Name)
					}
				}
				return true
			})
		}
		return nil
	}))
	slices.Sort(sites)
	return slices.Compact(sites)
}

// isStore tells whether something is most likely a store, by its name: what is a field of others is a method there.
func isStore(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return isStore(e.Sel)
	case *ast.Ident:
		return slices.Contains([]string{"store", "graph", "timers"}, strings.ToLower(e.Name))
	}
	return false
}

// receiver is how the name of a method begins where the runtime tells it.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	switch of := fn.Recv.List[0].Type.(type) {
	case *ast.StarExpr:
		return "(*" + of.X.(*ast.Ident).Name + ")."
	case *ast.Ident:
		return of.Name + "."
	}
	return ""
}
