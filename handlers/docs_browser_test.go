package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"latchkey/internal/apitest"
)

const (
	authorizeButton = chromedp.CSS(".btn.authorize")
	dialog          = chromedp.CSS(".dialog-ux .modal-ux")
	logInButton     = dialog + ` [aria-label="Apply given OAuth2 credentials"]`
	closeButton     = dialog + " .btn-done"
	usernameField   = chromedp.CSS("#oauth_username")
	passwordField   = chromedp.CSS("#oauth_password")
	logOutButton    = dialog + ` [aria-label="Remove authorization"]`
)

// authorize fills in the dialog behind the Authorize button, and leaves it open.
func (p *page) authorize(username, password string) {
	p.t.Helper()
	p.do(
		click(authorizeButton), chromedp.WaitVisible(dialog),
		chromedp.SendKeys(usernameField, username), chromedp.SendKeys(passwordField, password),
		click(logInButton),
	)
}

// logIn authorizes, and closes the dialog once it says so.
func (p *page) logIn(username, password string) {
	p.t.Helper()
	p.authorize(username, password)
	p.do(chromedp.WaitVisible(logOutButton), click(closeButton), chromedp.WaitNotPresent(dialog))
}

func (p *page) logOut() {
	p.t.Helper()
	p.do(
		click(authorizeButton), click(logOutButton), chromedp.WaitVisible(logInButton),
		click(closeButton), chromedp.WaitNotPresent(dialog),
	)
}

// call executes an operation that has no parameters, and returns the status
// and the body that the page shows.
func (p *page) call(operation string) (status, body string) {
	p.t.Helper()
	block := chromedp.CSS("#" + operation)
	if !ask(p, chromedp.Evaluate[bool](`!!document.querySelector("`+string(block)+`.is-open")`)) {
		p.do(click(block + " .opblock-summary-control"))
	}
	execute, clearButton := block+" .btn.execute", block+" .btn-clear"
	answer := block + " .live-responses-table tbody"
	// The page forgets a click on Execute while it still looks up the responses to show.
	p.do(chromedp.WaitVisible(execute), chromedp.WaitVisible(block+" .responses-table .model-example"))
	if ask(p, chromedp.Evaluate[bool](`!!document.querySelector("`+string(clearButton)+`")`)) {
		p.do(click(clearButton), chromedp.WaitNotPresent(answer))
	}
	p.do(click(execute), chromedp.WaitVisible(answer))
	status, _, _ = strings.Cut(strings.TrimSpace(ask(p, chromedp.Text(answer+" .response-col_status"))), "\n")
	return status, ask(p, chromedp.Text(answer+" .highlight-code"))
}

const readCurrentUser = "operations-users-readCurrentUser"

func TestDocsInABrowser(t *testing.T) {
	p := openDocs(t, apitest.Start(t).URL+"/docs")
	if status, body := p.call(readCurrentUser); status != "401" || !strings.Contains(body, "Not authenticated") {
		t.Errorf("before the login: %s %s", status, body)
	}
	p.logIn("johndoe", "secret")
	status, body := p.call(readCurrentUser)
	if status != "200" || !strings.Contains(body, `"username": "johndoe"`) {
		t.Errorf("logged in: %s %s", status, body)
	}
	if path := os.Getenv("LATCHKEY_TEST_SCREENSHOT"); path != "" { // for the README
		p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("operations-users-readCurrentUser").scrollIntoView()`))
		p.screenshot(path)
	}
	p.logOut()
	if status, body := p.call(readCurrentUser); status != "401" || !strings.Contains(body, "Not authenticated") {
		t.Errorf("logged out: %s %s", status, body)
	}
	p.keepsNo("secret")
}

// keepsNo looks for the password where a page can leave it behind.
func (p *page) keepsNo(password string) {
	p.t.Helper()
	kept := ask(p, chromedp.Evaluate[string](
		`JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie])`))
	if strings.Contains(kept, password) {
		p.t.Errorf("the browser keeps %s", kept)
	}
}

func TestDocsWithAWrongPassword(t *testing.T) {
	p := openDocs(t, apitest.Start(t).URL+"/docs")
	p.authorize("johndoe", "wrong")
	message := ask(p, chromedp.Text(dialog+" .errors"))
	if !strings.Contains(message, "Incorrect username or password") {
		t.Errorf("the dialog says %q", message)
	}
}

func TestDocsWithAnInactiveUser(t *testing.T) {
	p := openDocs(t, apitest.Start(t).URL+"/docs")
	p.logIn("alice", "secret2")
	if status, body := p.call(readCurrentUser); status != "400" || !strings.Contains(body, "Inactive user") {
		t.Errorf("%s %s", status, body)
	}
}

func TestDocsBehindAPrefix(t *testing.T) {
	s := apitest.Start(t)
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.StripPrefix("/some/prefix", proxy))
	defer front.Close()
	for _, path := range []string{"/docs", "/docs/"} {
		t.Run(fmt.Sprintf("%q", path), func(t *testing.T) {
			p := openDocs(t, front.URL+"/some/prefix"+path)
			p.logIn("johndoe", "secret")
			if status, body := p.call(readCurrentUser); status != "200" || !strings.Contains(body, `"username": "johndoe"`) {
				t.Errorf("%s %s", status, body)
			}
		})
	}
}
