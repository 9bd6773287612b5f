//go:build linux

package faults_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/apitest"
)

// TestKill ends the program without warning while it writes, again and again.
func TestKill(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", testKill)
	t.Run("postgres", testKill)
}

func testKill(t *testing.T) {
	t.Parallel()
	flags := append(apitest.NewDatabase(t), "--rate-limit=off", "--refresh-reuse-window=1h")
	i := launch(t, flags...)
	c := newCrowd(t, 4, func() *instance { return i })
	for range 4 {
		c.work()
		c.wantProgress()
		pause(time.Duration(c.random.IntN(300)) * time.Millisecond)
		i.kill()
		c.rest()
		i.start()
		c.check(databaseOf(flags))
	}
}

// TestPostgresKillsOneOfTwo has the clients of an instance that is killed go on
// with the other, and a third join in.
func TestPostgresKillsOneOfTwo(t *testing.T) {
	t.Parallel()
	database, keys := apitest.NewPostgres(t), newKeys(t)
	start := func() *instance { return on(t, database, keys, "--rate-limit=off", "--refresh-reuse-window=1h") }
	var all atomic.Pointer[[]*instance]
	several := func(instances ...*instance) { all.Store(&instances) }
	first, second := start(), start()
	several(first, second)
	c := newCrowd(t, 4, func() *instance {
		instances := *all.Load()
		return instances[rand.N(len(instances))]
	})
	c.work()
	c.wantProgress()
	first.kill()
	c.wantProgress() // though they go on trying it
	several(second)
	c.wantProgress()
	token := second.logIn("johndoe", "secret").AccessToken
	third := start()
	wantStatus(t, "a token of another's, at an instance that has just begun", third.get("/users/me", token), http.StatusOK)
	several(third)
	c.wantProgress()
	several(second, third)
	c.wantProgress()
	c.rest()
	c.check(database)
}

// TestKillKeepsMails has people ask for mails while the program is killed.
// Those that it promised arrive; one that was accepted at the very moment may
// arrive twice, and is known for the same.
func TestKillKeepsMails(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", testKillKeepsMails)
	t.Run("postgres", testKillKeepsMails)
}

func testKillKeepsMails(t *testing.T) {
	t.Parallel()
	box := apitest.NewMailbox(t)
	flags := append(apitest.NewDatabase(t), "--rate-limit=off", "--smtp-url="+box.URL())
	i := launch(t, flags...)
	const kills, each = 3, 8
	seed := uint64(time.Now().UnixNano())
	t.Log("the seed is ", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	promised := map[string]int{} // how many mails are certain to come, by address
	for n := range kills * each {
		name := fmt.Sprint("user", n)
		email := name + "@example.com"
		a := i.post("/users/", "", fmt.Sprintf(`{"username": %q, "email": %q, "password": "a long password"}`, name, email))
		wantStatus(t, "sign up", a, http.StatusCreated)
		promised[email] = 1
	}
	for kill := range kills {
		var asking sync.WaitGroup
		var lock sync.Mutex
		for n := range each {
			asking.Go(func() {
				email := fmt.Sprintf("user%d@example.com", kill*each+n)
				a, err := i.try(http.MethodPost, "/password-recovery", "", fmt.Sprintf(`{"email": %q}`, email))
				if err == nil && a.status == http.StatusAccepted {
					lock.Lock()
					defer lock.Unlock()
					promised[email]++
				}
			})
		}
		pause(time.Duration(random.IntN(40)) * time.Millisecond)
		i.kill()
		asking.Wait()
		i.start()
	}
	db := connect(t, databaseOf(flags))
	eventually(t, "the queue is empty", func() bool { return db.number(`SELECT COUNT(*) FROM mails`) == 0 })
	twice := 0
	for email, least := range promised {
		copies := map[string]int{} // by Message-ID
		for range box.Count(email) {
			copies[box.Wait(email).MessageID]++
		}
		if len(copies) < least || len(copies) > 2 {
			t.Errorf("%s got %d mails, want %d", email, len(copies), least)
		}
		for id, n := range copies {
			twice += n - 1
			if id == "" || n > 1+kills {
				t.Errorf("%s got %d copies of the mail %q", email, n, id)
			}
		}
	}
	const atOnce = 4 // as many mails may be on their way
	if twice > kills*atOnce {
		t.Errorf("%d mails came more than once, after %d kills", twice, kills)
	}
	t.Logf("%d of %d mails came twice", twice, len(promised)*2)
}
