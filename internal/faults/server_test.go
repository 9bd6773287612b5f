//go:build linux

package faults_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestPostgresIsStopped and started again, in good order and by dropping
// everything while there are writers.
func TestPostgresIsStopped(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	i := on(t, c.url(), newKeys(t), "--rate-limit=off")
	session := i.logIn("johndoe", "secret")
	for _, how := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		i.remembered(session.AccessToken)
		crowd := newCrowd(t, 4, func() *instance { return i })
		crowd.work()
		crowd.wantProgress()
		c.end(how)
		i.lost(session.AccessToken, time.Now())
		i.refuseEverything(session)
		c.start()
		i.wantServed(session.AccessToken)
		crowd.wantProgress()
		crowd.rest()
		crowd.check(c.url())
	}
}

// TestPostgresIsReadOnly as a standby is, or a primary whose disk somebody worries about.
func TestPostgresIsReadOnly(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	i := on(t, c.url(), newKeys(t))
	session := i.logIn("johndoe", "secret")
	unknown := i.logIn("johndoe", "secret")
	c.tell(`SET default_transaction_read_only = on`)
	eventually(t, "it takes no changes", func() bool { return i.get("/readyz", "").status != http.StatusOK })
	reads := map[string]bool{"GET /users/me": true, "GET /items/": true}
	for what, ask := range everything(session.AccessToken, session.RefreshToken) {
		if a := ask(i); reads[what] {
			wantStatus(t, what, a, http.StatusOK)
		} else {
			wantUnavailable(t, what, a)
		}
	}
	wantStatus(t, "a token that it meets for the first time", i.get("/users/me", unknown.AccessToken), http.StatusOK)
	wantStatus(t, "it is alive", i.get("/healthz", ""), http.StatusOK)
	c.tell(`RESET default_transaction_read_only`)
	i.wantServed(session.AccessToken)
	wantStatus(t, "the refresh token that was refused", i.post("/token", "", refresh(session.RefreshToken)), http.StatusOK)
}

// TestPostgresDropsConnections again and again, while there are writers: each
// is told what became of its write, or that it is not known.
func TestPostgresDropsConnections(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	p := newProxy(t, c.url())
	i := on(t, p.url, newKeys(t), "--rate-limit=off")
	crowd := newCrowd(t, 4, func() *instance { return i })
	crowd.work()
	var dropping sync.WaitGroup
	var flapped atomic.Int32
	dropping.Go(func() {
		for range 10 {
			crowd.wantProgress()
			p.drop()
			if i.get("/healthz", "").status != http.StatusOK {
				flapped.Add(1)
			}
		}
	})
	dropping.Wait()
	crowd.wantProgress()
	crowd.rest()
	if flapped.Load() > 0 {
		t.Error("it was not alive")
	}
	crowd.check(c.url())
}
