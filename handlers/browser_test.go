package handlers_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"latchkey/internal/apitest"
)

// browsers are the names under which Chromium is installed.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"}

// findBrowser is the path of a Chromium, without which the test cannot run.
func findBrowser(t *testing.T) string {
	t.Helper()
	var found string
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			found = path
			break
		}
	}
	apitest.Need(t, "chromium", found != "")
	return found
}

// page is /docs in a browser.
type page struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // a browser's tab is a context in chromedp
}

// openDocs shows the page, of the width of a laptop's screen.
func openDocs(t *testing.T, address string) *page {
	t.Helper()
	p := openBrowser(t, address, 1000)
	p.do(chromedp.Navigate(address), chromedp.WaitVisible(chromedp.CSS(".btn.authorize")))
	return p
}

// openBrowser opens a browser of its own, of that height, for that address.
// Whatever it asks of another host, or complains about, fails the test.
func openBrowser(t *testing.T, address string, height int) *page {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findBrowser(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, height),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true),
	)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)

	p := &page{t, ctx}
	p.watch(address)
	return p
}

// watch reports what a person would not see: requests to other hosts, and
// messages on the console.
func (p *page) watch(address string) {
	own, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	err = chromedp.Listen(p.ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && u.Host != own.Host {
				p.t.Errorf("the page asks for %s", e.Request.URL)
			}
		case *runtime.EventExceptionThrown:
			p.t.Errorf("the page fails: %v", e.ExceptionDetails)
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// patience is how long a person would wait for the page to do something.
const patience = 20 * time.Second

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ask(p, chromedp.Steps(steps...))
}

// ask is what the page answers.
func ask[T any](p *page, question chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	answer, err := chromedp.Run(ctx, question)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, p.text())
	}
	return answer
}

// text is what the page shows, for the report of a failure.
func (p *page) text() string {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
	if err != nil {
		return err.Error()
	}
	return text
}

func (p *page) screenshot(path string) {
	p.t.Helper()
	if err := os.WriteFile(path, ask(p, chromedp.CaptureScreenshot()), 0o600); err != nil {
		p.t.Error(err)
	}
}

// click waits for the element, and clicks it wherever the page moves it in
// the meantime.
func click(element chromedp.CSS) chromedp.Action[chromedp.Void] {
	press := chromedp.Evaluate[chromedp.Void](fmt.Sprintf("void document.querySelector(%q).click()", element))
	return chromedp.Steps(chromedp.WaitVisible(element), press)
}
