package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"latchkey/internal/apitest"
)

// openLink opens an address in a browser of its own, as openDocs does.
func openLink(t *testing.T, address string) *page {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findBrowser(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 800),
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
	p.expectNoneRefused()
	p.do(chromedp.Navigate(address))
	return p
}

// expectNoneRefused fails the test if the page's own policy keeps a part of it
// from working.
func (p *page) expectNoneRefused() {
	err := chromedp.Listen(p.ctx, func(event any) {
		if e, ok := event.(*cdplog.EventEntryAdded); ok && e.Entry.Source == cdplog.EntrySourceSecurity {
			p.t.Errorf("the browser says: %s", e.Entry.Text)
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// expectState waits until the page says how things stand, below that heading.
func (p *page) expectState(state, heading string) {
	p.t.Helper()
	section := chromedp.CSS(`[data-state="` + state + `"]`)
	p.do(chromedp.WaitVisible(section))
	if got := ask(p, chromedp.Text(section+" h1")); got != heading {
		p.t.Errorf("the heading is %q, want %q", got, heading)
	}
	if got := ask(p, chromedp.Title()); got != heading {
		p.t.Errorf("the title is %q, want %q", got, heading)
	}
	if n := ask(p, chromedp.Evaluate[int](`document.querySelectorAll("main > section:not([hidden])").length`)); n != 1 {
		p.t.Errorf("%d sections are shown", n)
	}
}

// press presses keys where the focus is.
func (p *page) press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// expectFocus looks where the keyboard's next key goes: to the visible text,
// the name or the id of an element.
func (p *page) expectFocus(want string) {
	p.t.Helper()
	const focus = `(e => e.localName === "input" ? e.id : e.getAttribute("aria-label") ?? e.innerText)(document.activeElement)`
	if got := ask(p, chromedp.Evaluate[string](focus)); got != want {
		p.t.Errorf("the focus is on %q, want %q", got, want)
	}
}

// expectText waits until an element's text is that.
func (p *page) expectText(id, want string) {
	p.t.Helper()
	const wait = `new Promise(done => {
		const look = () => document.getElementById(%q).innerText === %q ? done(true) : setTimeout(look, 10);
		look();
	})`
	ask(p, chromedp.Evaluate[bool](fmt.Sprintf(wait, id, want), chromedp.EvalAwaitPromise))
}

// expectNo looks for the token where the browser or the page could show it later.
func (p *page) expectNo(token string) {
	p.t.Helper()
	history := ask(p, chromedp.NavigationEntries())
	for _, entry := range history.Entries {
		if strings.Contains(entry.URL, token) {
			p.t.Errorf("the history has %s", entry.URL)
		}
	}
	if address := ask(p, chromedp.Location()); strings.ContainsAny(address, "?#") {
		p.t.Errorf("the address is %s", address)
	}
	if html := ask(p, chromedp.Evaluate[string]("document.documentElement.outerHTML + JSON.stringify(history.state)")); strings.Contains(html, token) {
		p.t.Errorf("the page has the token: %s", html)
	}
	p.keepsNo(token)
}

// linkIn is the link in the last mail in the log to that page.
func linkIn(t *testing.T, s *apitest.Server, path string) (link, token string) {
	t.Helper()
	pattern := regexp.MustCompile(`\S+` + path + `\?token=(\S+)`)
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 1000 {
		for line := range strings.Lines(s.Log.String()) {
			var mail struct{ Text string }
			if err := json.Unmarshal([]byte(line), &mail); err != nil {
				t.Fatal(err)
			}
			if found := pattern.FindStringSubmatch(mail.Text); found != nil {
				link, token = found[0], found[1]
			}
		}
		if link != "" {
			return link, token
		}
		<-ticker.C
	}
	t.Fatalf("no mail has a link to %s", path)
	return "", ""
}

// signUpForLink has a mail sent to a new user.
func signUpForLink(t *testing.T, s *apitest.Server) {
	t.Helper()
	resp := s.JSON(http.MethodPost, "/users/", "", `{"username":"otter","password":"violet otter staple","email":"otter@example.com"}`)
	if resp.Status != http.StatusCreated {
		t.Fatalf("sign up: %d %s", resp.Status, resp.Body)
	}
}

// recoverForLink has a mail sent to johndoe.
func recoverForLink(t *testing.T, s *apitest.Server) {
	t.Helper()
	resp := s.JSON(http.MethodPost, "/password-recovery", "", `{"email":"johndoe@example.com"}`)
	if resp.Status != http.StatusAccepted {
		t.Fatalf("recover the password: %d %s", resp.Status, resp.Body)
	}
}

// logsIn reports whether one can log in with that.
func logsIn(s *apitest.Server, username, password string) bool {
	return s.Form("/token", "username", username, "password", password).Status == http.StatusOK
}

func TestVerifyEmailByKeyboard(t *testing.T) {
	s := apitest.Start(t)
	signUpForLink(t, s)
	link, token := linkIn(t, s, "/verify-email")
	p := openLink(t, link)
	p.expectState("ask", "Confirm your email address")
	p.expectNo(token)
	if logsIn(s, "otter@example.com", "violet otter staple") {
		t.Error("to look at the page is enough to confirm the address")
	}
	p.press(kb.Tab)
	p.expectFocus("Confirm my address")
	p.press(kb.Enter)
	p.expectState("done", "Your address is confirmed")
	p.expectFocus("Your address is confirmed")
	p.expectNo(token)
	if !logsIn(s, "otter@example.com", "violet otter staple") {
		t.Error("the address does not count")
	}

	p.do(chromedp.Reload())
	p.expectState("missing", "Please open the link in the mail")
	p.do(chromedp.Navigate(link))
	p.expectState("ask", "Confirm your email address")
	p.press(kb.Tab)
	p.press(kb.Enter)
	p.expectState("refused", "This link does not work any more")
	p.expectFocus("This link does not work any more")
	p.expectNo(token)
}

func TestVerifyEmailThatIsAnothers(t *testing.T) {
	s := apitest.Start(t)
	signUpForLink(t, s)
	link, _ := linkIn(t, s, "/verify-email")
	s.Exec(`UPDATE users SET email = 'alice@elsewhere.example', pending_email = 'otter@example.com' WHERE username = 'otter'`)
	s.Exec(`UPDATE users SET email = 'otter@example.com' WHERE username = 'johndoe'`)
	p := openLink(t, link)
	p.expectState("ask", "Confirm your email address")
	p.press(kb.Tab)
	p.press(kb.Enter)
	p.expectState("taken", "This address is taken")
	p.expectFocus("This address is taken")
}

func TestResetPasswordByKeyboard(t *testing.T) {
	s := apitest.Start(t)
	recoverForLink(t, s)
	link, token := linkIn(t, s, "/reset-password")
	p := openLink(t, link)
	p.expectState("ask", "Choose a new password")
	p.expectNo(token)
	p.press(kb.Tab)
	p.expectFocus("password")
	for _, weak := range []struct{ typed, fault string }{
		{"", "Please use at least 8 characters."},
		{"short", "Please use at least 8 characters."},
		{"aaaaaaaaa", "A password cannot be one character repeated."},
		{"password1", "That password is too common."},
		{"JohnDoe@example.com1", "A password cannot be the username or the email address, nor that and digits."},
		{strings.Repeat("ab", 513), "That is too long a password."},
	} {
		p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("password").select()`))
		p.press(kb.Delete)
		p.press(weak.typed)
		p.press(kb.Enter)
		p.expectText("fault", weak.fault)
		p.expectFocus("password")
		p.expectFieldFault(true)
	}

	p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("password").select()`))
	p.press("purple heron basket")
	p.press(kb.Tab)
	p.expectFocus("Show password")
	p.press(kb.Enter)
	p.expectFocus("Hide password")
	p.expectFieldType("text")
	p.press(kb.Tab)
	p.expectFocus("Save the password")
	p.press(kb.Enter)
	p.expectState("done", "Your password is changed")
	p.expectFocus("Your password is changed")
	p.expectFieldType("password")
	p.expectFieldFault(false)
	p.expectNo(token)
	p.keepsNo("purple heron basket")
	if !logsIn(s, "johndoe", "purple heron basket") || logsIn(s, "johndoe", "secret") {
		t.Error("the password is not the new one")
	}
}

func (p *page) expectFieldType(want string) {
	p.t.Helper()
	if got := ask(p, chromedp.Evaluate[string](`document.getElementById("password").type`)); got != want {
		p.t.Errorf("the field is of the type %s, want %s", got, want)
	}
}

// expectFieldFault looks whether a screen reader is told of a fault of the
// field's, and where to read what it is.
func (p *page) expectFieldFault(want bool) {
	p.t.Helper()
	const attributes = `["aria-invalid", "aria-describedby"].map(name => document.getElementById("password").getAttribute(name)).join(" ")`
	if got := ask(p, chromedp.Evaluate[string](attributes)); got != fmt.Sprintf("%t hint fault", want) {
		p.t.Errorf("the field says %s", got)
	}
}

func TestLinkPagesWithWrongTokens(t *testing.T) {
	s := apitest.Start(t)
	p := openLink(t, s.URL+"/verify-email?token=wrong")
	p.expectState("ask", "Confirm your email address")
	p.press(kb.Tab)
	p.press(kb.Enter)
	p.expectState("refused", "This link does not work any more")

	p.do(chromedp.Navigate(s.URL + "/reset-password?token=wrong"))
	p.expectState("ask", "Choose a new password")
	p.press(kb.Tab)
	p.press("purple heron basket")
	p.press(kb.Enter)
	p.expectState("refused", "This link does not work any more")
	p.expectFocus("This link does not work any more")

	for _, path := range []string{"/verify-email", "/verify-email/?token=", "/reset-password/", "/reset-password?other=1#token=x"} {
		p.do(chromedp.Navigate(s.URL + path))
		p.expectState("missing", "Please open the link in the mail")
	}
}

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
