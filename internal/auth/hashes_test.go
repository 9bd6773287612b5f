package auth_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"latchkey/internal/apitest"
	"latchkey/internal/auth"
	"latchkey/internal/passwords"
	"latchkey/internal/store"
	"latchkey/models"
)

func bcryptOf(t *testing.T, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

// derivations counts how often f hashes, by the memory that argon2id takes
// each time: neither time nor a stand-in for the hash tells it as surely.
func derivations(costs passwords.Params, f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int((after.TotalAlloc - before.TotalAlloc) / (uint64(costs.Memory) << 10))
}

func TestEveryLoginHashesOnce(t *testing.T) {
	costs := passwords.Params{Memory: 16 << 10, Time: 1, Parallelism: 1}
	h := newHouse(t, options{costs: costs})
	hash, err := h.hasher.Hash(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	h.addHash(t, "joe", hash)
	h.addHash(t, "broken", "$argon2id$broken")
	h.addHash(t, "imported", bcryptOf(t, "secret"))
	tests := []struct {
		name, username, password string
		want                     int
	}{
		{"right password", "joe", "secret", 1},
		{"wrong password", "joe", "wrong", 1},
		{"unknown user", "jane", "secret", 1},
		{"a name that no engine takes", "joe\x00", "secret", 1},
		{"unreadable hash", "broken", "secret", 1},
		{"bcrypt, wrong password", "imported", "wrong", 0},
		{"bcrypt, renewed", "imported", "secret", 1},
		{"renewed before", "imported", "secret", 1},
	}
	for _, tt := range tests {
		got := derivations(costs, func() { _, _ = h.Token(t.Context(), login(tt.username, tt.password), models.Origin{}) })
		if got != tt.want {
			t.Errorf("%s: %d hashes, want %d", tt.name, got, tt.want)
		}
	}
}

func TestHashIsRenewed(t *testing.T) {
	h := newHouse(t, options{costs: passwords.Params{Memory: 64, Time: 2, Parallelism: 1}})
	today, err := h.hasher.Hash(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	h.addHash(t, "bcrypt", bcryptOf(t, "secret"))
	h.addUser(t, "weak", "secret")
	h.addHash(t, "today", today)
	for _, name := range []string{"bcrypt", "weak", "today"} {
		before := h.hashOf(t, name)
		_ = h.refused(t, login(name, "wrong"))
		if h.hashOf(t, name) != before {
			t.Errorf("%s: renewed by a wrong password", name)
		}
		token := h.token(t, login(name, "secret")).AccessToken
		after := h.hashOf(t, name)
		if (after == before) != (name == "today") || !strings.HasPrefix(after, "$argon2id$v=19$m=64,t=2,p=1$") {
			t.Errorf("%s: renewed to %s", name, after)
		}
		if _, _, err := h.Authenticate(t.Context(), token); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		h.token(t, login(name, "secret"))
		if h.hashOf(t, name) != after {
			t.Errorf("%s: renewed again", name)
		}
		_ = h.refused(t, login(name, "wrong"))
	}
	if h.log.Len() > 0 {
		t.Errorf("the log has %s", h.log)
	}
}

// readOnly is a store that cannot renew hashes.
type readOnly struct{ *store.Store }

func (readOnly) RenewHash(context.Context, string, string, string) error {
	return errors.New("attempt to write a readonly database")
}

func TestHashThatCannotBeRenewed(t *testing.T) {
	h := newHouse(t, options{users: func(s *store.Store) auth.Store { return readOnly{s} }})
	joe := h.addHash(t, "joe", bcryptOf(t, "secret"))
	h.token(t, login("joe", "secret"))
	line := h.log.String()
	if !strings.Contains(line, "level=WARN") || !strings.Contains(line, joe.ID) || !strings.Contains(line, "readonly") {
		t.Errorf("the log has %q", line)
	}
	wantNone(t, line, "secret", "$2")
}

func wantNone(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%q has %q in it", text, secret)
		}
	}
}

func TestUnreadableHash(t *testing.T) {
	h := newHouse(t, options{})
	for _, hash := range []string{
		"", "plain secret", "$2b$12$KeepThis", "$argon2id$v=19$m=1,t=0,p=0$KeepThis$KeepThis", "$6$rounds=5000$KeepThis",
	} {
		h.log.Reset()
		user := h.addHash(t, "joe", hash)
		e := h.refused(t, login("joe", "plain secret"))
		if e.OAuth != models.OAuthInvalidGrant || e.Detail != "Incorrect username or password" || e.Cause != nil {
			t.Errorf("%q: %+v", hash, e)
		}
		line := h.log.String()
		if strings.Count(line, "\n") != 1 || !strings.Contains(line, "level=WARN") || !strings.Contains(line, user.ID) {
			t.Errorf("%q: the log has %q", hash, line)
		}
		wantNone(t, line, "secret", "KeepThis")
		if h.hashOf(t, "joe") != hash {
			t.Errorf("%q was changed", hash)
		}
		if err := apitest.DeleteUser(t.Context(), h.store, "joe"); err != nil {
			t.Fatal(err)
		}
	}
}

// hold takes a place at the gate until release is called.
func hold(t *testing.T, gate *passwords.Gate) (release func()) {
	t.Helper()
	inside, leave, left := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		left <- gate.Do(context.WithoutCancel(t.Context()), func() { close(inside); <-leave })
	}()
	<-inside
	return func() {
		close(leave)
		if err := <-left; err != nil {
			t.Error(err)
		}
	}
}

func TestQueueIsFull(t *testing.T) {
	gate := passwords.NewGate(1, 0)
	h := newHouse(t, options{gate: gate})
	h.addUser(t, "joe", "secret")
	h.addHash(t, "broken", "broken")
	release := hold(t, gate)
	for _, form := range []models.OAuth2PasswordRequestForm{
		login("joe", "secret"), login("joe", "wrong"), login("jane", "secret"), login("broken", "secret"),
	} {
		e := h.refused(t, form)
		if e.Kind != models.KindUnavailable || e.RetryAfter < time.Second || e.OAuth != models.OAuthTemporarilyUnavailable {
			t.Errorf("%s: %+v", form.Username, e)
		}
	}
	release()
	h.token(t, login("joe", "secret"))
}

func TestCallerLeavesTheQueue(t *testing.T) {
	gate := passwords.NewGate(1, 1)
	h := newHouse(t, options{gate: gate})
	h.addUser(t, "joe", "secret")
	defer hold(t, gate)()
	for _, username := range []string{"joe", "jane"} { // the second finds the place that the first gave up
		ctx, cancel := context.WithCancel(t.Context())
		leaves := time.AfterFunc(10*time.Millisecond, cancel)
		if _, err := h.Token(ctx, login(username, "secret"), models.Origin{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", username, err)
		}
		leaves.Stop()
		cancel()
	}
}
