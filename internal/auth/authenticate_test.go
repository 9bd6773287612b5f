package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/auth"
	"latchkey/internal/store"
	"latchkey/internal/tokens"
	"latchkey/models"
)

func TestTokensThatOpenNothing(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "joe", "secret")
	token := h.token(t, login("joe", "secret")).AccessToken
	head, _, _ := strings.Cut(token, ".")
	for _, bad := range []string{"", "x", token[:len(token)-2], token + "A", head + ".e30.AAAA", strings.ToLower(token)} {
		h.wantInvalidToken(t, bad, invalid)
	}
	h.time = h.time.Add(30*time.Minute - time.Second)
	if _, _, err := h.Authenticate(t.Context(), token); err != nil {
		t.Errorf("in its last second: %v", err)
	}
	h.time = h.time.Add(time.Second)
	h.wantInvalidToken(t, token, expired)
}

func TestTokenOfADeletedUser(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "joe", "secret")
	token := h.token(t, login("joe", "secret")).AccessToken
	if err := apitest.DeleteUser(t.Context(), h.store, "joe"); err != nil {
		t.Fatal(err)
	}
	h.wantInvalidToken(t, token, invalid)
	h.addUser(t, "joe", "secret")
	h.wantInvalidToken(t, token, invalid)
}

// counted is a store that counts how often it is asked for a token's user.
type counted struct {
	*store.Store
	callers int
}

func (c *counted) Caller(ctx context.Context, sessionID, tokenID string) (models.User, error) {
	c.callers++
	return c.Store.Caller(ctx, sessionID, tokenID)
}

func TestWhoeverLeavesARevocationMakesNobodyForgotten(t *testing.T) {
	reads := new(counted)
	h := newHouse(t, options{users: func(s *store.Store) auth.Store { reads.Store = s; return reads }})
	h.addUser(t, "joe", "secret")
	token := h.token(t, login("joe", "secret")).AccessToken
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, ctx := range []context.Context{t.Context(), gone, gone} {
		if err := h.Revoke(ctx, models.TokenForm{Token: "no.token"}, models.Origin{}); err != nil {
			t.Error(err)
		}
		if _, _, err := h.Authenticate(t.Context(), token); err != nil {
			t.Error(err)
		}
	}
	if reads.callers != 1 {
		t.Errorf("the database was asked %d times", reads.callers)
	}
}

// overtaken is a store in which a token is revoked while it is looked up.
type overtaken struct {
	*store.Store
	revoke func()
}

func (o *overtaken) Caller(ctx context.Context, sessionID, tokenID string) (models.User, error) {
	user, err := o.Store.Caller(ctx, sessionID, tokenID)
	o.revoke()
	return user, err
}

func TestARevocationDuringALookUpIsNotForgotten(t *testing.T) {
	o := new(overtaken)
	h := newHouse(t, options{users: func(s *store.Store) auth.Store { o.Store = s; return o }})
	h.addUser(t, "joe", "secret")
	token := h.token(t, login("joe", "secret")).AccessToken
	o.revoke = sync.OnceFunc(func() {
		if err := h.Revoke(t.Context(), models.TokenForm{Token: token}, models.Origin{}); err != nil {
			t.Error(err)
		}
	})
	if _, _, err := h.Authenticate(t.Context(), token); err != nil {
		t.Error(err)
	}
	h.wantInvalidToken(t, token, invalid)
}

func TestTokenWithTheSessionOfAnother(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "joe", "secret")
	eve := h.addUser(t, "eve", "secret")
	claims, err := h.issuer.Verify(h.token(t, login("joe", "secret")).AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := h.issuer.Issue(tokens.Grant{Subject: eve.ID, ClientID: claims.ClientID, SessionID: claims.SessionID})
	if err != nil {
		t.Fatal(err)
	}
	h.wantInvalidToken(t, token, invalid)
}

func TestScopesAreThoseOfNow(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "joe", "secret", "items:write", "items:read")
	both := h.token(t, login("joe", "secret")).AccessToken
	form := login("joe", "secret")
	form.Scope = "items:read"
	one := h.token(t, form).AccessToken
	tests := []struct {
		allowed   []string
		both, one string
	}{
		{[]string{"items:read", "items:write"}, "items:write items:read", "items:read"},
		{[]string{"items:write"}, "items:write", ""},
		{[]string{}, "", ""},
		{[]string{"items:read", "items:write"}, "items:write items:read", "items:read"}, // given back
	}
	for _, tt := range tests {
		if err := apitest.SetScopes(t.Context(), h.store, "joe", tt.allowed); err != nil {
			t.Fatal(err)
		}
		for token, want := range map[string]string{both: tt.both, one: tt.one} {
			user, scopes, err := h.Authenticate(t.Context(), token)
			if err != nil || user.Username != "joe" || strings.Join(scopes, " ") != want {
				t.Errorf("with %q allowed: %q, %v, want %q", tt.allowed, scopes, err, want)
			}
		}
	}
}

func TestStorageIsAway(t *testing.T) {
	h := newHouse(t, options{})
	h.addUser(t, "joe", "secret")
	pair := h.token(t, login("joe", "secret"))
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, authenticate := h.Authenticate(t.Context(), pair.AccessToken)
	_, known := h.Token(t.Context(), login("joe", "secret"), models.Origin{})
	_, access := h.Introspect(t.Context(), pair.AccessToken)
	_, refresh := h.Introspect(t.Context(), pair.RefreshToken)
	revoke := h.Revoke(t.Context(), models.TokenForm{Token: pair.AccessToken}, models.Origin{})
	for what, err := range map[string]error{
		"Authenticate": authenticate, "Token": known, "Introspect": access, "of a refresh token": refresh, "Revoke": revoke,
	} {
		e, ok := errors.AsType[*models.Error](err)
		if !ok || e.Kind != models.KindUnavailable || e.RetryAfter < time.Second || e.OAuth != models.OAuthTemporarilyUnavailable {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestKeySet(t *testing.T) {
	h := newHouse(t, options{})
	keys := h.KeySet().Keys
	if len(keys) != 1 || !keys[0].IsPublic() || keys[0].Algorithm != "ES256" {
		t.Errorf("%+v", keys)
	}
}
