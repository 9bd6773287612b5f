package service_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/apitest"
	"latchkey/internal/service"
	"latchkey/internal/store"
	"latchkey/models"
)

// demoNames are the accounts that the service says anybody can log in with.
func demoNames(t *testing.T, s *service.Service) (names []string) {
	t.Helper()
	accounts, err := s.DemoAccounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		names = append(names, a.Username)
	}
	return names
}

func TestDemo(t *testing.T) {
	both := []string{"johndoe", "alice"}
	nothing := func(*testing.T, string) {}
	deleteBoth := func(t *testing.T, database string) {
		t.Helper()
		deleteUser(t, database, "johndoe")
		deleteUser(t, database, "alice")
	}
	type begin struct {
		before func(t *testing.T, database string)
		demo   string
		want   []string
	}
	tests := []struct {
		name   string
		starts []begin
	}{
		{"auto stays", []begin{{nothing, "auto", both}, {nothing, "auto", both}}},
		{"auto never again", []begin{{nothing, "auto", both}, {deleteBoth, "auto", nil}}},
		{"one was deleted", []begin{
			{nothing, "auto", both},
			{func(t *testing.T, d string) { t.Helper(); deleteUser(t, d, "alice") }, "auto", []string{"johndoe"}},
		}},
		{"one has another password", []begin{
			{nothing, "auto", both},
			{func(t *testing.T, d string) { t.Helper(); setPassword(t, d, "johndoe", "better") }, "auto", []string{"alice"}},
		}},
		{"off, then auto", []begin{{nothing, "off", nil}, {nothing, "auto", nil}}},
		{"auto, then off", []begin{{nothing, "auto", both}, {nothing, "off", nil}, {nothing, "auto", both}}},
		{"off, then on", []begin{{nothing, "off", nil}, {nothing, "on", both}}},
		{"on makes them anew", []begin{{nothing, "on", both}, {deleteBoth, "on", both}}},
		{"on makes the missing one", []begin{
			{nothing, "on", both},
			{func(t *testing.T, d string) { t.Helper(); deleteUser(t, d, "johndoe") }, "on", both},
		}},
		{"on leaves another password", []begin{
			{nothing, "on", both},
			{func(t *testing.T, d string) { t.Helper(); setPassword(t, d, "alice", "better") }, "on", []string{"johndoe"}},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			database := newDatabase(t)
			for i, b := range tt.starts {
				b.before(t, database)
				s := started(t, database, "--demo="+b.demo)
				if got := demoNames(t, s); !slices.Equal(got, b.want) {
					t.Errorf("start %d: %q, want %q", i+1, got, b.want)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestDemoNeedsANewDatabase(t *testing.T) {
	database := newDatabase(t)
	setUp := started(t, database, "--demo=off")
	if some, err := setUp.HasUsers(t.Context()); some || err != nil {
		t.Errorf("without the demo there are users, %v", err)
	}
	if err := setUp.Close(); err != nil {
		t.Fatal(err)
	}

	database = newDatabase(t)
	withStore(t, database, func(s *store.Store) error {
		_, err := s.CreateUser(t.Context(), newUser("joe", "joe@example.com"), models.Trail{})
		return err
	})
	s := started(t, database)
	if got := demoNames(t, s); got != nil {
		t.Errorf("%q were made", got)
	}
	if some, err := s.HasUsers(t.Context()); !some || err != nil {
		t.Errorf("there are no users, %v", err)
	}
}

// Somebody else has the email of an account that is asked for by name.
func TestDemoOnWithATakenEmail(t *testing.T) {
	database := newDatabase(t)
	withStore(t, database, func(s *store.Store) error {
		_, err := s.CreateUser(t.Context(), newUser("john", "JohnDoe@example.com"), models.Trail{})
		return err
	})
	if got := demoNames(t, started(t, database, "--demo=on")); !slices.Equal(got, []string{"alice"}) {
		t.Errorf("%q", got)
	}
}

const everywhere = "--addr=0.0.0.0:0"

func TestPublishedPasswordsStayOnThisMachine(t *testing.T) {
	database := newDatabase(t)
	if err := started(t, database).Close(); err != nil { // with the demo
		t.Fatal(err)
	}
	refused := func(want, not string) {
		t.Helper()
		for _, flags := range [][]string{{everywhere}, {everywhere, "--demo=off"}, {"--addr=:0"}} {
			var log apitest.Buffer
			s, err := start(t, database, &log, flags...)
			wantError(t, s, err, "refusing", want, "latchkey user password")
			if err != nil && not != "" && strings.Contains(err.Error(), not) {
				t.Errorf("%q names %s", err, not)
			}
			wantClosed(t, database)
		}
	}
	refused("johndoe", "")
	refused("alice", "")
	setPassword(t, database, "johndoe", "better")
	refused("alice", "johndoe")
	setPassword(t, database, "alice", "secret") // john's, not her own
	s := started(t, database, everywhere)
	stop := serve(t, s)
	if status := logIn(t, s, "johndoe", "better"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	setPassword(t, database, "alice", "secret2") // set by hand, it is as well known
	refused("alice", "johndoe")
	deleteUser(t, database, "alice")
	started(t, database, everywhere)
}

func TestNoDemoForOthers(t *testing.T) {
	database := newDatabase(t)
	s := started(t, database, everywhere)
	if some, err := s.HasUsers(t.Context()); some || err != nil {
		t.Errorf("there are users, %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := demoNames(t, started(t, database)); got != nil { // the database is not new any more
		t.Errorf("%q were made", got)
	}
}

func TestWarningOfAPublicDemo(t *testing.T) {
	tests := []struct {
		flags []string
		want  bool
	}{
		{nil, false},
		{[]string{"--public-url=https://id.example.com"}, true},
		{[]string{"--public-url=http://localhost:8000"}, false},
		{[]string{"--public-url=https://id.example.com", "--demo=off"}, false},
	}
	for _, tt := range tests {
		var log apitest.Buffer
		s, err := start(t, newDatabase(t), &log, tt.flags...)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "level=WARN"); got != tt.want {
			t.Errorf("%q: the log has %q", tt.flags, log.String())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
