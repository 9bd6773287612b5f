package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"latchkey/internal/store"
	"latchkey/models"
)

const goodPassword = "correct horse battery"

func TestAudit(t *testing.T) {
	s := newShell(t)
	s.must(t, goodPassword, "user", "add", "joe", "--email=joe@example.com")
	s.must(t, goodPassword, "user", "add", "Bob")
	s.must(t, "", "user", "disable", "joe")
	s.must(t, "", "user", "enable", "joe")
	s.must(t, "", "user", "scopes", "joe", "items:read")
	s.must(t, "violet otter staple", "user", "password", "joe")
	s.must(t, "", "user", "delete", "joe")

	want := []string{"user_deleted", "password_changed", "scopes_changed", "user_enabled", "user_disabled", "user_added"}
	if got := s.events(t, "--user=JOE"); strings.Join(kinds(got), " ") != strings.Join(want, " ") {
		t.Errorf("of joe: %q, want %q", kinds(got), want)
	}
	all := s.events(t)
	if len(all) != len(want)+1 {
		t.Errorf("%d events, want %d", len(all), len(want)+1)
	}
	for _, e := range all {
		if e.Actor == nil || *e.Actor != models.CommandLine || e.ActorID != nil || e.UserID == nil {
			t.Errorf("%s: %+v", e.Kind, e)
		}
	}
	if got := s.events(t, "--event=user_added"); len(got) != 2 || *got[0].Username != "Bob" {
		t.Errorf("added: %+v", got)
	}
	if got := s.events(t, "--event=password_reset"); len(got) != 0 {
		t.Errorf("resets: %+v", got)
	}
	args := []string{"audit", "--event=nothing"}
	wantFailure(t, args, s.run(t, "", args...), 2, "no event", "login_refused")
	table := s.must(t, "", "audit", "--limit=1", "--user=joe")
	if lines := strings.Split(strings.TrimSpace(table), "\n"); len(lines) != 2 ||
		strings.Join(strings.Fields(lines[0]), " ") != "TIME EVENT USER BY ADDRESS DETAIL" ||
		!strings.Contains(lines[1], "user_deleted  joe   command line  -") {
		t.Errorf("the table is\n%s", table)
	}
	for _, secret := range []string{goodPassword, "violet", "$argon2"} {
		if out := s.must(t, "", "audit", "--json"); strings.Contains(out, secret) {
			t.Errorf("the audit trail has %q", secret)
		}
	}
}

// events are what `latchkey audit --json` prints.
func (s shell) events(t *testing.T, args ...string) (events []models.Event) {
	t.Helper()
	out := s.must(t, "", append([]string{"audit", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &events); err != nil || events == nil {
		t.Fatalf("%v in %s", err, out)
	}
	return events
}

func kinds(events []models.Event) (kinds []string) {
	for _, e := range events {
		kinds = append(kinds, string(e.Kind))
	}
	return kinds
}

func TestAuditOfMoreThanAPage(t *testing.T) {
	s := newShell(t)
	const many = 2*models.MaxPageLimit + 5
	s.withStore(t, func(ctx context.Context, db *store.Store) error {
		for i := range many {
			if err := db.Record(ctx, models.NewEvent{Kind: models.EventLogin, Username: fmt.Sprint("u", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	for flag, want := range map[string]int{"--limit=0": many, "--limit=203": 203, "--limit=100": 100, "--limit=1": 1} {
		if got := s.events(t, flag); len(got) != want || *got[0].Username != fmt.Sprint("u", many-1) {
			t.Errorf("%s: %d events, want %d", flag, len(got), want)
		}
	}
	args := []string{"audit", "--limit=-1"}
	wantFailure(t, args, s.run(t, "", args...), 2, "--limit")
}

func TestUserListSearchesAndPages(t *testing.T) {
	s := newShell(t)
	const many = models.MaxPageLimit + 5
	s.withStore(t, func(ctx context.Context, db *store.Store) error {
		for i := range many {
			_, err := db.CreateUser(ctx, models.NewUser{Username: fmt.Sprintf("User%03d", i), HashedPassword: "x"}, models.Trail{})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if out := s.must(t, "", "user", "list"); strings.Count(out, "\n") != many+1 {
		t.Errorf("%d lines, want %d", strings.Count(out, "\n"), many+1)
	}
	if out := s.must(t, "", "user", "list", "--search=sER10"); strings.Count(out, "\n") != 6 {
		t.Errorf("the search finds\n%s", out)
	}
}

func TestAWeakPasswordIsTakenWithAWarning(t *testing.T) {
	s := newShell(t)
	for stdin, weak := range map[string]bool{goodPassword: false, "secret": true, "password1": true, "joe@example.com": true} {
		r := s.run(t, stdin, "user", "add", "joe", "--email=joe@example.com")
		if r.code != 0 || strings.Contains(r.err, "weak password") != weak || strings.Contains(r.err+r.out, stdin) {
			t.Errorf("%q: %+v", stdin, r)
		}
		s.wantPassword(t, "joe", stdin)
		s.must(t, "", "user", "delete", "joe")
	}
}

func TestTheLastAdministratorGoesWithAWarning(t *testing.T) {
	s := newShell(t)
	for _, args := range [][]string{{"disable", "joe"}, {"scopes", "joe", "items:read"}, {"delete", "joe"}} {
		s.run(t, goodPassword, "user", "add", "joe")
		s.must(t, "", "user", "scopes", "joe", "users:read", "users:write")
		s.must(t, "", "user", "enable", "joe")
		s.must(t, goodPassword, "user", "add", "bob", "--scopes=users:write")
		if r := s.run(t, "", append([]string{"user"}, args...)...); r.code != 0 || r.err != "" {
			t.Errorf("%q while there is another: %+v", args, r)
		}
		if r := s.run(t, "", "user", "delete", "bob"); r.code != 0 || !strings.Contains(r.err, "nobody can administer") {
			t.Errorf("delete the last: %+v", r)
		}
	}
}
