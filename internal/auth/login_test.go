package auth_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/auth"
	"latchkey/internal/store"
	"latchkey/models"
)

func TestToken(t *testing.T) {
	h := newHouse(t, options{})
	joe := h.addUser(t, "Joe", "secret")
	for _, name := range []string{"Joe", "joe", "JOE"} {
		answer := h.token(t, login(name, "secret"))
		if answer.TokenType != "bearer" || answer.ExpiresIn != 1800 || answer.Scope != "items:read items:write" {
			t.Errorf("%+v", answer)
		}
		claims, err := h.issuer.Verify(answer.AccessToken)
		if err != nil || claims.Subject != joe.ID || strings.Join(claims.Scopes, " ") != answer.Scope {
			t.Errorf("%+v, %v", claims, err)
		}
		user, scopes, err := h.Authenticate(t.Context(), answer.AccessToken)
		if err != nil || !reflect.DeepEqual(user.User, joe) || strings.Join(scopes, " ") != answer.Scope {
			t.Errorf("%+v, %q, %v", user, scopes, err)
		}
	}
}

func TestWrongCredentials(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "joe", "secret")
	want := models.BadRequest(models.OAuthInvalidGrant, "Incorrect username or password")
	tests := []struct{ name, username, password string }{
		{"wrong password", "joe", "Secret"},
		{"a longer one", "joe", "secret "},
		{"unknown user", "jane", "secret"},
		{"a pattern", "j%", "secret"},
		{"a longer name", "joe ", "secret"},
		{"NUL", "joe\x00", "secret"},
		{"not UTF-8", "joe\xff", "secret"},
		{"a very long name", strings.Repeat("x", 50_000), "secret"},
		{"a very long password", "joe", strings.Repeat("x", 50_000)},
		{"a password with NUL", "joe", "secret\x00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := h.refused(t, login(tt.username, tt.password))
			got.Cause = nil // is never sent
			if got, want := fmt.Sprintf("%#v", *got), fmt.Sprintf("%#v", *want); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
	if h.log.Len() > 0 {
		t.Errorf("the log has %s", h.log)
	}
}

// leaving is a store whose caller leaves as soon as a refusal is known.
type leaving struct {
	*store.Store
	leave context.CancelFunc
}

func (l *leaving) Record(ctx context.Context, e models.NewEvent) error {
	l.leave()
	return l.Store.Record(ctx, e)
}

func TestWhoeverLeavesIsRefusedOnTheRecord(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := &leaving{leave: cancel}
	h := newHouse(t, options{users: func(s *store.Store) auth.Store { l.Store = s; return l }})
	h.addUser(t, "joe", "secret")
	if _, err := h.Token(ctx, login("joe", "a wrong guess"), models.Origin{}); models.KindOf(err) != models.KindBadRequest {
		t.Error(err)
	}
	events, err := h.store.Events(t.Context(), models.EventQuery{PageQuery: models.PageQuery{Limit: 1}, Kind: models.EventLoginRefused})
	if err != nil || len(events.Data) != 1 {
		t.Errorf("%+v %v", events.Data, err)
	}
}

func TestForm(t *testing.T) {
	lax, strict := newHouse(t, options{}), newHouse(t, options{strict: true})
	lax.addUser(t, "joe", "secret")
	strict.addUser(t, "joe", "secret")
	tests := []struct {
		name                      string
		grant, username, password string
		lax, strict               string // the code of the refusal
		detail                    string
	}{
		{"whole", "password", "joe", "secret", "", "", ""},
		{"no grant type", "", "joe", "secret", "", "invalid_request", "The parameter grant_type is missing"},
		{
			"another grant", "implicit", "joe", "secret", "unsupported_grant_type", "unsupported_grant_type",
			"The grant type is not supported",
		},
		{"no refresh token", "refresh_token", "joe", "secret", "invalid_request", "invalid_request", "The parameter refresh_token is missing"},
		{
			"another case", "Password", "joe", "secret", "unsupported_grant_type", "unsupported_grant_type",
			"The grant type is not supported",
		},
		{
			"no username", "password", "", "secret", "invalid_request", "invalid_request",
			"The parameter username is missing",
		},
		{
			"no password", "password", "joe", "", "invalid_request", "invalid_request",
			"The parameter password is missing",
		},
		{
			"neither", "password", "", "", "invalid_request", "invalid_request",
			"The parameters username and password are missing",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			form := login(tt.username, tt.password)
			form.GrantType = tt.grant
			for h, want := range map[*house]string{lax: tt.lax, strict: tt.strict} {
				if want == "" {
					h.token(t, form)
					continue
				}
				e := h.refused(t, form)
				if e.Kind != models.KindBadRequest || e.OAuth != want || e.Detail != tt.detail {
					t.Errorf("%+v, want %s, %s", e, want, tt.detail)
				}
			}
		})
	}
}

func TestScopes(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "all", "secret")
	h.addUser(t, "reader", "secret", "items:read")
	h.addUser(t, "none", "secret", "")
	h.addUser(t, "odd", "secret", "admin", "items:write", "items:write") // as a database shell may leave it
	const refused = "refused"
	tests := []struct{ username, scope, want string }{
		{"all", "", "items:read items:write"},
		{"all", "   ", "items:read items:write"},
		{"all", "items:read", "items:read"},
		{"all", "items:write items:read", "items:write items:read"},
		{"all", " items:read  items:write items:read ", "items:read items:write"},
		{"all", "items:read admin", refused},
		{"all", "ITEMS:READ", refused},
		{"all", "items:", refused},
		{"all", "items:read,items:write", refused},
		{"all", "items:read\titems:write", refused},
		{"reader", "", "items:read"},
		{"reader", "items:read", "items:read"},
		{"reader", "items:read items:write", refused},
		{"none", "", ""},
		{"none", "items:read", refused},
		{"odd", "", "items:write"},
		{"odd", "admin", refused},
	}
	for _, tt := range tests {
		t.Run(tt.username+" "+tt.scope, func(t *testing.T) {
			form := login(tt.username, "secret")
			form.Scope = tt.scope
			if tt.want == refused {
				e := h.refused(t, form)
				if e.Kind != models.KindBadRequest || e.OAuth != models.OAuthInvalidScope {
					t.Errorf("%+v", e)
				}
				return
			}
			answer := h.token(t, form)
			_, scopes, err := h.Authenticate(t.Context(), answer.AccessToken)
			if err != nil || answer.Scope != tt.want || strings.Join(scopes, " ") != tt.want {
				t.Errorf("granted %q, opens %q, %v, want %q", answer.Scope, scopes, err, tt.want)
			}
		})
	}
	form := login("all", "wrong")
	form.Scope = "admin"
	if e := h.refused(t, form); e.OAuth != models.OAuthInvalidGrant {
		t.Errorf("the scope is looked at before the password: %+v", e)
	}
}

func TestClientID(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "joe", "secret")
	const refused = "refused"
	tests := map[string]string{
		"":                       "anonymous",
		"my-app":                 "my-app",
		"My App ~!":              "My App ~!",
		strings.Repeat("x", 255): strings.Repeat("x", 255),
		strings.Repeat("x", 256): refused,
		"line\nbreak":            refused,
		"ünal":                   refused,
		"\x7f":                   refused,
		"\xff":                   refused,
	}
	for id, want := range tests {
		form := login("joe", "secret")
		form.ClientID = id
		if want == refused {
			if e := h.refused(t, form); e.OAuth != models.OAuthInvalidRequest || e.Detail != "The parameter client_id is malformed" {
				t.Errorf("%q: %+v", id, e)
			}
			continue
		}
		claims, err := h.issuer.Verify(h.token(t, form).AccessToken)
		if err != nil || claims.ClientID != want {
			t.Errorf("%q: %q, %v", id, claims.ClientID, err)
		}
	}
}

func TestSecretOfNoClientIsFreeText(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "joe", "secret")
	form := login("joe", "secret")
	form.ClientSecret = "x"
	claims, err := h.issuer.Verify(h.token(t, form).AccessToken)
	if err != nil || claims.ClientID != "anonymous" {
		t.Errorf("%q, %v", claims.ClientID, err)
	}
}

func TestDisabledUserGetsAToken(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "alice", "secret2")
	if err := apitest.SetDisabled(t.Context(), h.store, "alice", true); err != nil {
		t.Fatal(err)
	}
	user, _, err := h.Authenticate(t.Context(), h.token(t, login("alice", "secret2")).AccessToken)
	if err != nil || user.Username != "alice" || user.Active() {
		t.Errorf("%+v, %v", user, err)
	}
}

func TestTokenAfterPasswordChanges(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "joe", "first")
	old := h.token(t, login("joe", "first")).AccessToken
	for _, password := range []string{"second", "third", "fourth"} {
		h.setPassword(t, "joe", password)
		h.wantInvalidToken(t, old, invalid)
		answer := h.token(t, login("joe", password))
		if answer.ExpiresIn != 1800 {
			t.Errorf("expires in %d", answer.ExpiresIn)
		}
		if _, _, err := h.Authenticate(t.Context(), answer.AccessToken); err != nil {
			t.Errorf("a token issued after the change: %v", err)
		}
		old = answer.AccessToken
	}
	h.time = h.time.Add(time.Minute)
	if _, _, err := h.Authenticate(t.Context(), old); err != nil {
		t.Errorf("a minute later: %v", err)
	}
	if e := h.refused(t, login("joe", "first")); e.OAuth != models.OAuthInvalidGrant {
		t.Errorf("the old password: %+v", e)
	}
}

// meddled is a store in which something happens just before a session begins.
type meddled struct {
	*store.Store
	meddle func()
}

func (m *meddled) CreateSession(ctx context.Context, n models.NewSession) (string, error) {
	m.meddle()
	return m.Store.CreateSession(ctx, n)
}

func TestNoSessionOfAPasswordThatWasChangedMeanwhile(t *testing.T) {
	m := new(meddled)
	h := newHouse(t, options{users: func(s *store.Store) auth.Store { m.Store = s; return m }})
	joe := h.addUser(t, "joe", "old")
	m.meddle = func() { h.setPassword(t, "joe", "new") }
	if e := h.refused(t, login("joe", "old")); e.Detail != "Incorrect username or password" {
		t.Errorf("%+v", e)
	}
	if page, err := h.store.Sessions(t.Context(), joe.ID, models.PageQuery{Limit: 1}); err != nil || len(page.Data) > 0 {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestLoginsThatRenewAHashAtOnce(t *testing.T) {
	m := new(meddled)
	h := newHouse(t, options{users: func(s *store.Store) auth.Store { m.Store = s; return m }})
	h.addUser(t, "joe", "secret")
	m.meddle = sync.OnceFunc(func() { h.setPassword(t, "joe", "secret") }) // the same with another hash
	h.token(t, login("joe", "secret"))
}
