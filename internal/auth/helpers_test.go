package auth_test

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/auth"
	"latchkey/internal/callers"
	"latchkey/internal/limits"
	"latchkey/internal/passwords"
	"latchkey/internal/store"
	"latchkey/internal/tokens"
	"latchkey/models"
)

// cheap are the least costs, for tests of anything but strength.
var cheap = passwords.Params{Memory: 8, Time: 1, Parallelism: 1}

// house is the rules with a real store and real hashes.
type house struct {
	*auth.Service
	store  *store.Store
	hasher *passwords.Hasher
	issuer *tokens.Issuer
	log    *bytes.Buffer
	time   time.Time // stands still
}

// options are what tests choose.
type options struct {
	strict bool
	costs  passwords.Params
	gate   *passwords.Gate
	users  func(*store.Store) auth.Store
}

func newHouse(t *testing.T, o options) *house {
	t.Helper()
	if o.costs == (passwords.Params{}) {
		o.costs = cheap
	}
	if o.gate == nil {
		o.gate = passwords.NewGate(2, 8)
	}
	if o.users == nil {
		o.users = func(s *store.Store) auth.Store { return s }
	}
	h := &house{log: new(bytes.Buffer), time: time.Now().Truncate(time.Second)}
	now := func() time.Time { return h.time }
	folder := t.TempDir()
	var err error
	if h.store, err = store.Open(filepath.Join(folder, "latchkey.db"), now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	if err := h.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys, err := tokens.OpenKeyFile(filepath.Join(folder, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	h.issuer, err = tokens.NewIssuer(tokens.Config{
		Issuer: "https://id.example.com", Audience: "https://id.example.com", Keys: keys, TTL: 30 * time.Minute, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.hasher = passwords.NewHasher(o.costs, o.gate)
	h.Service = auth.New(auth.Config{
		Store: o.users(h.store), Memory: callers.New(h.store, now), Hasher: h.hasher, Issuer: h.issuer,
		Limiter:   limits.New(h.store, now, true),
		PublicURL: "https://id.example.com", RefreshTTL: 720 * time.Hour, ReuseWindow: 10 * time.Second,
		StrictForm: o.strict, Log: slog.New(slog.NewTextHandler(h.log, nil)), Now: now,
	})
	return h
}

// addUser makes an active user with a password and these scopes, nil being the default.
func (h *house) addUser(t *testing.T, name, password string, scopes ...string) models.User {
	t.Helper()
	// Not by the hasher: its gate is the business of the test.
	hash, err := passwords.NewHasher(cheap, passwords.NewGate(1, 0)).Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	return h.addHash(t, name, hash, scopes...)
}

func (h *house) addHash(t *testing.T, name, hash string, scopes ...string) models.User {
	t.Helper()
	u, err := h.store.CreateUser(t.Context(), models.NewUser{Username: name, HashedPassword: hash, Scopes: scopes}, models.Trail{})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (h *house) setPassword(t *testing.T, name, password string) {
	t.Helper()
	hash, err := h.hasher.Hash(t.Context(), password)
	if err == nil {
		err = apitest.SetPassword(t.Context(), h.store, name, hash)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) hashOf(t *testing.T, name string) string {
	t.Helper()
	account, err := h.store.AccountByUsername(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return account.HashedPassword
}

func login(username, password string) models.OAuth2PasswordRequestForm {
	return models.OAuth2PasswordRequestForm{Username: username, Password: password}
}

// token logs in, and fails the test where that fails.
func (h *house) token(t *testing.T, form models.OAuth2PasswordRequestForm) models.TokenAnswer {
	t.Helper()
	answer, err := h.Token(t.Context(), form, models.Origin{})
	if err != nil {
		t.Fatalf("log in as %s: %v", form.Username, err)
	}
	return answer
}

// refused is the error of a login that must fail.
func (h *house) refused(t *testing.T, form models.OAuth2PasswordRequestForm) *models.Error {
	t.Helper()
	answer, err := h.Token(t.Context(), form, models.Origin{})
	e, ok := errors.AsType[*models.Error](err)
	if !ok || answer != (models.TokenAnswer{}) {
		t.Fatalf("log in as %s: %+v, %v", form.Username, answer, err)
	}
	return e
}

// wantInvalidToken fails the test where the token opens anything.
func (h *house) wantInvalidToken(t *testing.T, token, challenge string) {
	t.Helper()
	user, scopes, err := h.Authenticate(t.Context(), token)
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Kind != models.KindUnauthenticated || e.Challenge != challenge || user != nil || scopes != nil {
		t.Errorf("user %+v, scopes %q, %v, want %s", user, scopes, err, challenge)
	}
}

const (
	invalid = `Bearer error="invalid_token", error_description="The access token is invalid"`
	expired = `Bearer error="invalid_token", error_description="The access token expired"`
)
