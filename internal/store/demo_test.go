package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/store"
	"latchkey/models"
)

// demoUsers are some to be created, and count how often they were asked for.
func demoUsers(asked *atomic.Int32) func() ([]models.NewUser, error) {
	return func() ([]models.NewUser, error) {
		asked.Add(1)
		return []models.NewUser{
			{Username: "johndoe", HashedPassword: "x"},
			{Username: "alice", HashedPassword: "x", Disabled: true},
		}, nil
	}
}

// settle decides, and fails the test where the decision is another one.
func settle(t *testing.T, s *store.Store, wanted, wantDemo, wantCreated bool) {
	t.Helper()
	demo, created, err := s.SettleDemo(t.Context(), wanted, demoUsers(new(atomic.Int32)))
	if err != nil || demo != wantDemo || created != wantCreated {
		t.Errorf("demo %v, created %v, %v, want demo %v, created %v", demo, created, err, wantDemo, wantCreated)
	}
}

func TestSettleDemo(t *testing.T) {
	t.Run("sqlite", testSettleDemo)
	t.Run("postgres", testSettleDemo)
}

func testSettleDemo(t *testing.T) {
	t.Run("wanted", func(t *testing.T) {
		s, path := newStore(t)
		settle(t, s, true, true, true)
		if !account(t, s, "alice").Disabled || account(t, s, "johndoe").Disabled {
			t.Error("the accounts are not as they were asked for")
		}
		settle(t, s, true, true, false)
		settle(t, s, false, true, false)
		settle(t, open(t, path, time.Now), true, true, false)
	})
	t.Run("never again", func(t *testing.T) {
		s, _ := newStore(t)
		settle(t, s, true, true, true)
		for _, name := range []string{"johndoe", "alice"} {
			if err := apitest.DeleteUser(t.Context(), s, name); err != nil {
				t.Fatal(err)
			}
		}
		settle(t, s, true, true, false)
		if some, err := s.HasUsers(t.Context()); some || err != nil {
			t.Errorf("they are back, %v", err)
		}
	})
	t.Run("not wanted", func(t *testing.T) {
		s, _ := newStore(t)
		settle(t, s, false, false, false)
		settle(t, s, true, false, false)
		if some, err := s.HasUsers(t.Context()); some || err != nil {
			t.Errorf("they were made, %v", err)
		}
	})
	t.Run("there are users", func(t *testing.T) {
		s, _ := newStore(t)
		createUser(t, s, "joe")
		settle(t, s, true, false, false)
		if all, err := allUsers(t.Context(), s); len(all) != 1 || err != nil {
			t.Errorf("%+v, %v", all, err)
		}
		if err := apitest.DeleteUser(t.Context(), s, "joe"); err != nil {
			t.Fatal(err)
		}
		settle(t, s, true, false, false)
	})
}

func TestSettleDemoAllOrNone(t *testing.T) {
	t.Run("sqlite", testSettleDemoAllOrNone)
	t.Run("postgres", testSettleDemoAllOrNone)
}

func testSettleDemoAllOrNone(t *testing.T) {
	s, _ := newStore(t)
	failure := errors.New("no hash")
	faults := map[string]func() ([]models.NewUser, error){
		"cannot be made": func() ([]models.NewUser, error) { return nil, failure },
		"the second is refused": func() ([]models.NewUser, error) {
			return []models.NewUser{{Username: "joe", HashedPassword: "x"}, {Username: "JOE", HashedPassword: "x"}}, nil
		},
	}
	for what, users := range faults {
		if demo, created, err := s.SettleDemo(t.Context(), true, users); err == nil || demo || created {
			t.Errorf("%s: %v, %v, %v", what, demo, created, err)
		}
		if some, err := s.HasUsers(t.Context()); some || err != nil {
			t.Errorf("%s: users were left, %v", what, err)
		}
	}
	if _, _, err := s.SettleDemo(t.Context(), true, faults["cannot be made"]); !errors.Is(err, failure) {
		t.Errorf("%v", err)
	}
	settle(t, s, true, true, true) // nothing was decided
}

func TestSettleDemoAtOnce(t *testing.T) {
	t.Run("sqlite", testSettleDemoAtOnce)
	t.Run("postgres", testSettleDemoAtOnce)
}

func testSettleDemoAtOnce(t *testing.T) {
	path := newDatabase(t)
	var asked, creators atomic.Int32
	var all sync.WaitGroup
	start := make(chan struct{})
	for range 8 {
		s := open(t, path, time.Now)
		all.Go(func() {
			<-start
			demo, created, err := s.SettleDemo(t.Context(), true, demoUsers(&asked))
			if err != nil || !demo {
				t.Errorf("demo %v, %v", demo, err)
			}
			if created {
				creators.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	if asked.Load() != 1 || creators.Load() != 1 {
		t.Errorf("%d made the accounts, %d say so", asked.Load(), creators.Load())
	}
}
