package auth_test

import (
	"slices"
	"testing"

	"latchkey/internal/apitest"
	"latchkey/internal/auth"
	"latchkey/models"
)

// newDemo is a house with the demo accounts.
func newDemo(t *testing.T) *house {
	t.Helper()
	h := newHouse(t, options{})
	users, err := auth.NewDemoUsers(t.Context(), h.hasher)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		if _, err := h.store.CreateUser(t.Context(), u, models.Trail{}); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func TestDemoAccounts(t *testing.T) {
	h := newDemo(t)
	tests := []struct {
		username, password, email, fullName string
		active                              bool
	}{
		{"johndoe", "secret", "johndoe@example.com", "John Doe", true},
		{"alice", "secret2", "alice@example.com", "Alice Wonderson", false},
	}
	for _, tt := range tests {
		user, scopes, err := h.Authenticate(t.Context(), h.token(t, login(tt.username, tt.password)).AccessToken)
		if err != nil || *user.Email != tt.email || *user.FullName != tt.fullName || user.Active() != tt.active ||
			!slices.Equal(scopes, models.ScopeNames()) {
			t.Errorf("%+v, %q, %v", user, scopes, err)
		}
	}
}

// Both find what is left of the demo, one by hashing and one without.
func TestWhatIsLeftOfTheDemo(t *testing.T) {
	h := newDemo(t)
	steps := []struct {
		name string
		do   func() error
		want []string
	}{
		{"new", func() error { return nil }, []string{"johndoe", "alice"}},
		{"enabled", func() error { return apitest.SetDisabled(t.Context(), h.store, "alice", false) }, []string{"johndoe", "alice"}},
		{"changed", func() error { h.setPassword(t, "johndoe", "better"); return nil }, []string{"alice"}},
		{"deleted", func() error { return apitest.DeleteUser(t.Context(), h.store, "alice") }, nil},
		{"unreadable", func() error {
			h.addHash(t, "alice", "x")
			return apitest.SetPassword(t.Context(), h.store, "alice", "y")
		}, nil},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		open, err := auth.PublishedPasswords(t.Context(), h.store, h.hasher)
		if err != nil || !slices.Equal(open, step.want) {
			t.Errorf("%s: published passwords of %q, %v, want %q", step.name, open, err, step.want)
		}
		unchanged, err := auth.UnchangedDemoAccounts(t.Context(), h.store)
		var names []string
		for _, u := range unchanged {
			names = append(names, u.Username)
			if u.Username == "alice" && u.Disabled != (step.name == "new") {
				t.Errorf("%s: alice disabled %v", step.name, u.Disabled)
			}
		}
		if err != nil || !slices.Equal(names, step.want) {
			t.Errorf("%s: unchanged %q, %v, want %q", step.name, names, err, step.want)
		}
	}
}

func TestDemoWithoutStorage(t *testing.T) {
	h := newDemo(t)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.PublishedPasswords(t.Context(), h.store, h.hasher); models.KindOf(err) != models.KindUnavailable {
		t.Errorf("%v", err)
	}
	if _, err := auth.UnchangedDemoAccounts(t.Context(), h.store); models.KindOf(err) != models.KindUnavailable {
		t.Errorf("%v", err)
	}
}
