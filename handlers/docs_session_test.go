package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"golang.org/x/crypto/bcrypt"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// token is what the page is logged in with: nothing, when it is logged out.
func (p *page) token() models.TokenAnswer {
	p.t.Helper()
	return ask(p, chromedp.Evaluate[models.TokenAnswer](
		`ui.getState().getIn(["auth", "authorized", "OAuth2PasswordBearer", "token"])?.toJS() ?? {}`))
}

// renewed waits until the page has another token than that.
func (p *page) renewed(before models.TokenAnswer) models.TokenAnswer {
	p.t.Helper()
	var now models.TokenAnswer
	waitFor(p.t, func() bool {
		now = p.token()
		return now.AccessToken != before.AccessToken
	})
	if now.RefreshToken == before.RefreshToken {
		p.t.Error("the refresh token is the same")
	}
	return now
}

// sleep is what a machine does that nobody uses for an hour: the time of day
// goes on, timers do not.
func (p *page) sleep() {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](`void (Date.now = ((now) => () => now() + 3600e3)(Date.now))`))
}

var bearerInCurl = regexp.MustCompile(`Authorization: Bearer ([^'"\s]+)`)

// bearer is the token in the curl command that the page shows of a call.
func (p *page) bearer(operation string) string {
	p.t.Helper()
	curl := ask(p, chromedp.Text(chromedp.CSS("#"+operation+" .curl-command code")))
	found := bearerInCurl.FindStringSubmatch(curl)
	if found == nil {
		p.t.Fatalf("there is no token in %s", curl)
	}
	return found[1]
}

func TestDocsStayLoggedIn(t *testing.T) {
	s := apitest.Start(t, "--access-token-ttl=3s")
	p := openDocs(t, s.URL+"/docs")
	p.logIn("johndoe", "secret")
	first := p.token().AccessToken
	waitFor(t, func() bool { return s.Get("/users/me", first).Status == http.StatusUnauthorized })
	waitFor(t, func() bool {
		status, _ := p.call(readCurrentUser)
		return status == "200"
	})
	if p.bearer(readCurrentUser) == first {
		t.Error("the first token is still in use")
	}
}

func TestDocsRenewAfterASleep(t *testing.T) {
	p := openDocs(t, apitest.Start(t).URL+"/docs")
	p.logIn("johndoe", "secret")
	before := p.token()
	p.sleep()
	p.renewed(before)
}

func TestDocsLogOutForReal(t *testing.T) {
	s := apitest.Start(t)
	p := openDocs(t, s.URL+"/docs")
	p.logIn("johndoe", "secret")
	if status, body := p.call(readCurrentUser); status != "200" {
		t.Fatal(status, body)
	}
	shown, refreshToken := p.bearer(readCurrentUser), p.token().RefreshToken
	if got := s.Get("/users/me", shown); got.Status != http.StatusOK {
		t.Fatal(got.Status, got.Body)
	}
	p.logOut()
	waitFor(t, func() bool { return s.Get("/users/me", shown).Status == http.StatusUnauthorized })
	if got := refresh(s, refreshToken); got.Body != deadRefreshToken {
		t.Errorf("the refresh token: %d %s", got.Status, got.Body)
	}
}

func TestDocsForgetThePassword(t *testing.T) {
	const password = "x-mint-tortoise-x"
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	s := apitest.Start(t)
	s.Exec(`UPDATE users SET hashed_password = $1 WHERE username = 'johndoe'`, string(hash))
	p := openDocs(t, s.URL+"/docs")
	p.logIn("johndoe", password)
	before := p.token()
	p.sleep()
	p.renewed(before)
	state := ask(p, chromedp.Evaluate[string](`JSON.stringify(ui.getState().toJS())`))
	if !strings.Contains(state, "johndoe") || strings.Contains(state, password) {
		t.Errorf("the page's state has the password, or is not the state (%d bytes)", len(state))
	}
	p.keepsNo(password)

	// The dialog has a state of its own, which outlives a logout inside it.
	p.do(click(authorizeButton), click(logOutButton), chromedp.WaitVisible(logInButton))
	p.do(chromedp.SendKeys(usernameField, "johndoe"), chromedp.SendKeys(passwordField, password), click(logInButton))
	p.do(chromedp.WaitVisible(logOutButton), click(logOutButton), chromedp.WaitVisible(logInButton), click(logInButton))
	if message := ask(p, chromedp.Text(dialog+" .errors")); !strings.Contains(message, "password is missing") {
		t.Errorf("without typing a password again, the dialog says %q", message)
	}
}

func TestDocsAreAClient(t *testing.T) {
	for _, location := range []string{"basic", "request-body"} {
		t.Run(location, func(t *testing.T) {
			s := apitest.Start(t)
			secret := s.RegisterClient("web")
			p := openDocs(t, s.URL+"/docs")
			p.do(
				click(authorizeButton), chromedp.WaitVisible(passwordField),
				chromedp.SendKeys(chromedp.CSS("#client_id_password"), "web"),
				chromedp.SendKeys(chromedp.CSS("#client_secret_password"), secret),
				chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
					const list = document.querySelector("#password_type");
					list.value = %q;
					void list.dispatchEvent(new Event("change", { bubbles: true }));
				}`, location)),
				chromedp.SendKeys(usernameField, "johndoe"), chromedp.SendKeys(passwordField, "secret"), click(logInButton),
				chromedp.WaitVisible(logOutButton), click(closeButton), chromedp.WaitNotPresent(dialog),
			)
			before := p.token()
			p.sleep()
			last := p.renewed(before)
			if got := refresh(s, last.RefreshToken); got.Body != deadClient {
				t.Errorf("the page did not log in as the client: %d %s", got.Status, got.Body)
			}
			p.logOut()
			waitFor(t, func() bool { return s.Get("/users/me", last.AccessToken).Status == http.StatusUnauthorized })
		})
	}
}

func TestDocsShowThatTheSessionEnded(t *testing.T) {
	s := apitest.Start(t)
	p := openDocs(t, s.URL+"/docs")
	p.logIn("johndoe", "secret")
	s.Exec(`DELETE FROM sessions`)
	p.sleep()
	waitFor(t, func() bool { return p.token().AccessToken == "" })
	const ended = "The session has ended"
	waitFor(t, func() bool { return strings.Contains(p.text(), ended) })
	p.logIn("johndoe", "secret")
	if text := p.text(); strings.Contains(text, ended) {
		t.Errorf("after another login, the page still says so: %s", text)
	}
}

// TestDocsOutliveABadNetwork has a proxy that strips a prefix fail in every
// way while the page renews its token, and while it logs out.
func TestDocsOutliveABadNetwork(t *testing.T) {
	s := apitest.Start(t)
	front := newBadNetwork(t, s.URL)
	p := openDocs(t, front.URL+"/some/prefix/docs/")
	p.logIn("johndoe", "secret")
	before := p.token()
	front.failures.Store(2)
	p.sleep()
	renewed := p.renewed(before)
	if status, body := p.call(readCurrentUser); status != "200" {
		t.Errorf("%s %s", status, body)
	}
	front.failures.Store(1)
	p.logOut()
	waitFor(t, func() bool { return s.Get("/users/me", renewed.AccessToken).Status == http.StatusUnauthorized })
	if left := front.failures.Load(); left > 0 {
		t.Errorf("%d failures did not happen", left)
	}
}

// badNetwork fails so many requests to the token endpoints.
type badNetwork struct {
	URL      string
	failures atomic.Int32
}

func newBadNetwork(t *testing.T, service string) *badNetwork {
	t.Helper()
	target, err := url.Parse(service)
	if err != nil {
		t.Fatal(err)
	}
	n := &badNetwork{}
	proxy := http.StripPrefix("/some/prefix", httputil.NewSingleHostReverseProxy(target))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		failing := strings.HasPrefix(r.URL.Path, "/some/prefix/token") && n.failures.Load() > 0
		switch {
		case !failing:
			proxy.ServeHTTP(w, r)
		case n.failures.Add(-1) == 0: // the service sees the request, the page does not see the answer
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, "the service is away", http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	n.URL = server.URL
	return n
}
