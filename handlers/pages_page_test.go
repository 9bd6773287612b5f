package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"

	"latchkey/internal/apitest"
)

// openLink opens an address in a browser of its own, as openDocs does.
func openLink(t *testing.T, address string) *page {
	t.Helper()
	p := openBrowser(t, address, 800)
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
