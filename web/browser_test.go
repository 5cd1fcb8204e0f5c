package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// patience is how long a condition of the page is waited for. It only ever passes when a test fails.
const patience = 30 * time.Second

// A browser is one tab of a Chromium of its own, with what it complained about.
type browser struct {
	t    *testing.T
	ctx  context.Context // chromedp keeps the window in it
	base string

	mu         sync.Mutex
	complaints []string
	expected   []string
}

// chromium is started by the first test that needs it, and ended by TestMain.
var chromium = sync.OnceValues(func() (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.WindowSize(1440, 900),
	)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)           // with an empty profile
	ctx, end := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {})) // events newer than this chromedp
	endChromium = func() { _ = chromedp.Cancel(ctx); end(); stop() }
	return ctx, chromedp.Run(ctx)
})

var endChromium = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	endChromium()
	os.Exit(code)
}

// openBrowser opens a window that shares nothing with others, 1440 by 900 in the light scheme on the East
// Coast. At the end of the test everything that the console complained about, and was not expected, fails it.
func openBrowser(t *testing.T, base string) *browser {
	t.Helper()
	all, err := chromium()
	require.NoError(t, err, "Chromium is needed (apt-get install chromium)")
	browsers := cdp.WithExecutor(all, chromedp.FromContext(all).Browser)
	profile, err := target.CreateBrowserContext().Do(browsers)
	require.NoError(t, err)
	window, err := target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(browsers)
	require.NoError(t, err)
	ctx, closeTab := chromedp.NewContext(all, chromedp.WithTargetID(window))
	t.Cleanup(func() {
		closeTab()
		_ = target.DisposeBrowserContext(profile).Do(browsers)
	})
	b := &browser{t: t, ctx: ctx, base: base}
	chromedp.ListenTarget(ctx, b.listen)
	require.NoError(t, chromedp.Run(ctx, network.Enable(), log.Enable(), runtime.Enable(),
		emulation.SetFocusEmulationEnabled(true), emulation.SetTimezoneOverride("America/New_York"), emulation.SetLocaleOverride().WithLocale("en-US")))
	t.Cleanup(b.silent)
	b.size(1440, 900)
	b.media("prefers-color-scheme", "light")
	return b
}

func (b *browser) listen(e any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := e.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			var words []string
			for _, a := range e.Args {
				words = append(words, strings.Trim(string(a.Value), `"`)+a.Description)
			}
			b.complaints = append(b.complaints, strings.Join(words, " "))
		}
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			b.complaints = append(b.complaints, fmt.Sprintf("%s (%s)", e.Entry.Text, e.Entry.URL))
		}
	}
}

// expect allows complaints that hold a text: those of what the test breaks on purpose.
func (b *browser) expect(text string) { b.expected = append(b.expected, text) }

func (b *browser) silent() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		known := false
		for _, e := range b.expected {
			known = known || strings.Contains(c, e)
		}
		if !known {
			b.t.Errorf("the console says: %s", c)
		}
	}
}

func (b *browser) run(actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	require.NoError(b.t, chromedp.Run(ctx, actions...))
}

func (b *browser) size(width, height int64) {
	b.t.Helper()
	b.run(emulation.SetDeviceMetricsOverride(width, height, 1, false))
}

// media sets preferences, such as prefers-color-scheme dark.
func (b *browser) media(name, value string) {
	b.t.Helper()
	b.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: name, Value: value}}))
}

func (b *browser) open(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.base + path))
}

// In expressions, $ finds one element in the board (or on the page of people), $$ all, text its words.
const prelude = `(() => {
	const root = (document.querySelector('muster-board') ?? document.querySelector('muster-people'))?.shadowRoot
	const $ = (s) => root?.querySelector(s), $$ = (s) => [...(root?.querySelectorAll(s) ?? [])]
	const text = (s) => ($(s)?.textContent ?? '').replace(/\s+/g, ' ').trim()
	const focus = () => root?.activeElement
	return (%s)
})()`

// until waits for a condition of the page, also of one that is being loaded.
func (b *browser) until(condition string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		err := chromedp.Run(ctx, chromedp.Poll(fmt.Sprintf(prelude, "!!("+condition+")"), nil, chromedp.WithPollingTimeout(patience)))
		if err == nil {
			return
		}
		if text := err.Error(); ctx.Err() != nil || !strings.Contains(text, "find context") && !strings.Contains(text, "navigated") {
			b.t.Fatalf("this never came true: %s\n%v\nthe board reads: %s", condition, err, b.words())
		}
	}
}

func (b *browser) words() string {
	var s string
	_ = chromedp.Run(b.ctx, chromedp.Evaluate(fmt.Sprintf(prelude, "(root?.textContent ?? document.body.textContent).replace(/\\s+/g, ' ').slice(0, 1500)"), &s))
	return s
}

// value is what an expression gives.
func value[T any](b *browser, expression string) T {
	b.t.Helper()
	var v T
	b.run(chromedp.Evaluate(fmt.Sprintf(prelude, expression), &v))
	return v
}

// evaluate runs a plain expression of the page.
func evaluate(expression string, into any) chromedp.Action {
	return chromedp.Evaluate(expression, into)
}

// press sends keys one by one as a keyboard does: what a page prevents types nothing. Names in angle brackets
// are special keys.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	codes := map[string]int64{
		"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "End": 35, "Home": 36,
	}
	for _, k := range keys {
		down, up := input.DispatchKeyEvent(input.KeyRawDown), input.DispatchKeyEvent(input.KeyUp)
		if name, special := strings.CutPrefix(k, "<"); special {
			k = strings.TrimSuffix(name, ">")
			require.Contains(b.t, codes, k)
			down, up = down.WithWindowsVirtualKeyCode(codes[k]), up.WithWindowsVirtualKeyCode(codes[k])
			if k == "Enter" {
				down.Type = input.KeyDown
				down = down.WithText("\r")
			}
		} else {
			down.Type = input.KeyDown
			down = down.WithText(k)
		}
		b.run(down.WithKey(k), up.WithKey(k))
	}
}

// click presses the mouse in the middle of an element.
func (b *browser) click(selector string) {
	b.t.Helper()
	at := value[[]float64](b, fmt.Sprintf(`(() => { const e = $(%q); e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`, selector))
	b.run(chromedp.MouseClickXY(at[0], at[1]))
}

// tap touches the middle of an element with a finger.
func (b *browser) tap(selector string) {
	b.t.Helper()
	at := value[[]float64](b, fmt.Sprintf(`(() => { const e = $(%q); e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`, selector))
	b.run(
		input.DispatchTouchEvent(input.TouchStart, []*input.TouchPoint{{X: at[0], Y: at[1]}}),
		input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}),
	)
}

// shoot keeps a picture in the folder that MUSTER_SHOTS names; without it there is none.
func (b *browser) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("MUSTER_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	b.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		png, err = page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatPng).Do(ctx)
		return err
	}))
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}
