package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"latchkey/internal/apitest"
)

// front is a proxy that strips a prefix, and sees what a browser sends.
type front struct {
	URL string

	mu       sync.Mutex
	requests []string
	referers []string
	// instead answers POSTs in the service's place, if it is set.
	instead http.HandlerFunc
}

func startFront(t *testing.T, s *apitest.Server) *front {
	t.Helper()
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{}
	next := http.StripPrefix("/some/prefix", httputil.NewSingleHostReverseProxy(target))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.requests = append(f.requests, r.Method+" "+r.URL.Path)
		f.referers = append(f.referers, r.Header.Values("Referer")...)
		instead := f.instead
		f.mu.Unlock()
		if r.Method == http.MethodPost && instead != nil {
			instead(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.URL = server.URL + "/some/prefix"
	return f
}

func (f *front) answerInstead(h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.instead = h
}

func (f *front) seen() (requests, referers []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests), slices.Clone(f.referers)
}

func TestLinkPagesBehindAPrefix(t *testing.T) {
	for _, slash := range []string{"", "/"} {
		t.Run(fmt.Sprintf("%q", slash), func(t *testing.T) {
			s := apitest.Start(t)
			f := startFront(t, s)
			signUpForLink(t, s)
			recoverForLink(t, s)
			_, verification := linkIn(t, s, "/verify-email")
			_, reset := linkIn(t, s, "/reset-password")

			p := openLink(t, f.URL+"/verify-email"+slash+"?token="+verification)
			p.expectState("ask", "Confirm your email address")
			p.press(kb.Tab)
			p.press(kb.Enter)
			p.expectState("done", "Your address is confirmed")

			p.do(chromedp.Navigate(f.URL + "/reset-password" + slash + "?token=" + reset))
			p.expectState("ask", "Choose a new password")
			p.press(kb.Tab)
			p.press("purple heron basket")
			p.press(kb.Enter)
			p.expectState("done", "Your password is changed")

			requests, referers := f.seen()
			verify, choose := "/some/prefix/verify-email"+slash, "/some/prefix/reset-password"+slash
			if want := []string{"GET " + verify, "POST " + verify, "GET " + choose, "POST " + choose}; !slices.Equal(requests, want) {
				t.Errorf("the browser asks for %q, want %q", requests, want)
			}
			if len(referers) > 0 {
				t.Errorf("the browser tells %q", referers)
			}
		})
	}
}

func TestLinkPagesInTrouble(t *testing.T) {
	s := apitest.Start(t)
	f := startFront(t, s)
	recoverForLink(t, s)
	link, _ := linkIn(t, s, "/reset-password")
	p := openLink(t, f.URL+strings.TrimPrefix(link, s.URL))
	p.expectState("ask", "Choose a new password")
	p.press(kb.Tab)
	p.press("purple heron basket")
	p.press(kb.Tab + kb.Tab)
	for _, c := range []struct {
		status         int
		retryAfter     string
		body, apologie string
	}{
		{http.StatusServiceUnavailable, "1", `{"detail":"no"}`, "That did not work just now. Please try again in 1 second."},
		{http.StatusTooManyRequests, "30", `{"detail":"no"}`, "That did not work just now. Please try again in 30 seconds."},
		{http.StatusTooManyRequests, "61", `{"detail":"no"}`, "That did not work just now. Please try again in 2 minutes."},
		{http.StatusBadGateway, "", "<html>", "That did not work just now. Please try again later."},
		{http.StatusOK, "", "<html>", "That did not work just now. Please try again later."},
		{http.StatusUnprocessableEntity, "", "<html>", "There is no answer. Please check your connection, and try again."},
		{http.StatusFound, "", "<html>", "There is no answer. Please check your connection, and try again."},
	} {
		f.answerInstead(func(w http.ResponseWriter, _ *http.Request) {
			if c.retryAfter != "" {
				w.Header().Set("Retry-After", c.retryAfter)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		p.do(chromedp.Evaluate[chromedp.Void](`trouble.textContent = ""; void 0`))
		p.press(kb.Enter)
		p.expectText("trouble", c.apologie)
		p.expectFocus("Save the password")
	}

	f.answerInstead(nil)
	p.press(kb.Enter)
	p.expectState("done", "Your password is changed")
}

func TestLinkPagesWaitForTheAnswer(t *testing.T) {
	s := apitest.Start(t)
	f := startFront(t, s)
	arrived, release := make(chan []byte, 2), make(chan struct{})
	f.answerInstead(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		arrived <- body
		<-release
		w.WriteHeader(http.StatusNoContent)
	})
	p := openLink(t, f.URL+"/verify-email?token=a%2Bb%20c")
	p.expectState("ask", "Confirm your email address")
	p.press(kb.Tab)
	p.press(kb.Enter)
	if body := <-arrived; !bytes.Equal(body, []byte(`{"token":"a+b c"}`)) {
		t.Errorf("the page sends %s", body)
	}
	p.expectFocus("One moment…")
	if !ask(p, chromedp.Evaluate[bool](`document.activeElement.getAttribute("aria-disabled") === "true"`)) {
		t.Error("the button looks as if it could be pressed again")
	}
	p.press(kb.Enter)
	close(release)
	p.expectState("done", "Your address is confirmed")
	if len(arrived) > 0 {
		t.Error("what was sent is sent again")
	}
}

// The smallest phones are 320 wide, which is also what WCAG 2.2 §1.4.10 asks for.
func TestLinkPagesOnAPhone(t *testing.T) {
	s := apitest.Start(t)
	p := openLink(t, s.URL+"/verify-email?token=wrong")
	for _, path := range []string{"/verify-email", "/reset-password"} {
		for _, width := range []int64{320, 360} {
			p.do(
				chromedp.EmulateViewport(width, 640, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(2)),
				chromedp.Navigate(s.URL+path+"?token=wrong"), chromedp.WaitVisible(chromedp.CSS("section")),
			)
			p.expectToFit(width, path)
		}
	}
	p.do(chromedp.Navigate(s.URL+"/verify-email?token=wrong"), chromedp.Click(chromedp.CSS("button")))
	p.expectState("refused", "This link does not work any more")
}

func TestLinkPagesWithoutJavaScript(t *testing.T) {
	s := apitest.Start(t)
	p := openLink(t, s.URL+"/verify-email")
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	for path, title := range linkPages {
		p.do(chromedp.Navigate(s.URL + path + "?token=wrong"))
		want := title + "\n\nThis page needs JavaScript. Please allow it here, or open the link in another browser."
		if got := ask(p, chromedp.Text(chromedp.CSS("main"))); strings.TrimSpace(got) != want {
			t.Errorf("%s shows %q", path, got)
		}
	}
}

// expectToFit looks at each state of the page, with all it can complain about.
func (p *page) expectToFit(width int64, path string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](`void complain("A password cannot be the username or the email address, nor that and digits.", "")`))
	states := ask(p, chromedp.Evaluate[[]string](`[...document.querySelectorAll("[data-state]")].map(s => s.dataset.state)`))
	if len(states) < 4 {
		p.t.Errorf("%s has the states %q", path, states)
	}
	for _, state := range states {
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("void show(%q)", state)))
		if got := ask(p, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")); got > width {
			p.t.Errorf("%s, %s, is %d wide on a screen of %d", path, state, got, width)
		}
		small := ask(p, chromedp.Evaluate[[]string](`[...document.querySelectorAll("button, input")].filter(e => e.offsetParent &&
			(e.offsetHeight < 44 || e.offsetWidth < 44 || parseFloat(getComputedStyle(e).fontSize) < 16)).map(e => e.outerHTML)`))
		if len(small) > 0 {
			p.t.Errorf("too small for a finger, or made larger by the phone: %q", small)
		}
	}
}
