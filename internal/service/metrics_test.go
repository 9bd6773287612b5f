package service_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/apitest"
)

const (
	requestsTotal = "latchkey_http_requests_total"
	tokenRequests = "latchkey_token_requests_total"
	cacheLookups  = "latchkey_token_cache_lookups_total"
)

// wantGrowth fails the test unless what happens between two scrapes adds that
// much to the metrics of a name and labels.
func wantGrowth(t *testing.T, before, after apitest.Numbers, want float64, name string, labels ...string) {
	t.Helper()
	if got := after.Sum(name, labels...) - before.Sum(name, labels...); got != want {
		t.Errorf("%s %q grew by %g, want %g", name, labels, got, want)
	}
}

func TestMetrics(t *testing.T) {
	t.Run("sqlite", testMetrics)
	t.Run("postgres", testMetrics)
}

func testMetrics(t *testing.T) {
	s := apitest.Start(t)
	before := s.Scrape()
	for _, name := range []string{
		requestsTotal, "latchkey_http_request_duration_seconds", tokenRequests, cacheLookups, "latchkey_token_cache_entries",
		"latchkey_hash_wait_seconds", "latchkey_hash_duration_seconds", "latchkey_hash_refused_total",
		"latchkey_hash_running", "latchkey_hash_queue_depth",
		"latchkey_database_up", "latchkey_mail_queue_length", "latchkey_mail_queue_oldest_seconds", "latchkey_mails_total",
		"go_sql_open_connections", "go_goroutines", "process_start_time_seconds", "go_build_info",
	} {
		if name != requestsTotal && !before.Has(name) { // nothing was asked before
			t.Errorf("there is no %s", name)
		}
	}
	session := s.Session("johndoe", "secret")
	s.Form("/token", "username", "johndoe", "password", "wrong")
	s.Form("/token", "username", "nobody", "password", "wrong")
	s.Form("/token", "username", "johndoe")
	s.Form("/token", "grant_type", "hostile-"+session.AccessToken)
	s.Form("/token", "grant_type", "client_credentials")
	next := s.Refresh(session.RefreshToken)
	s.Clock.Advance(time.Minute)
	refresh := func(token string) { s.Form("/token", "grant_type", "refresh_token", "refresh_token", token) }
	refresh(session.RefreshToken) // a minute late
	refresh(next.RefreshToken)    // its session has ended
	token := s.Session("johndoe", "secret").AccessToken
	hits := func() float64 { return s.Scrape().Sum(cacheLookups, "result", "hit") }
	s.Get("/users/me", token) // not remembered yet
	apitest.Eventually(t, "a hit", func() bool { had := hits(); s.Get("/users/me", token); return hits() > had })
	s.Get("/users/me/", token) // the same route
	s.Get("/users/me", "bad")

	after := s.Scrape()
	for outcome, n := range map[string]float64{"succeeded": 2, "refused": 2, "invalid": 1, "limited": 0} {
		wantGrowth(t, before, after, n, tokenRequests, "grant", "password", "outcome", outcome)
	}
	for outcome, n := range map[string]float64{"succeeded": 1, "refused": 1, "reused": 1} {
		wantGrowth(t, before, after, n, tokenRequests, "grant", "refresh_token", "outcome", outcome)
	}
	wantGrowth(t, before, after, 1, tokenRequests, "grant", "client_credentials", "outcome", "client")
	wantGrowth(t, before, after, 1, tokenRequests, "grant", "other", "outcome", "invalid")
	wantGrowth(t, before, after, 3, requestsTotal, "method", "POST", "route", "/token", "status", "200")
	wantGrowth(t, before, after, 4, "latchkey_hash_wait_seconds")
	wantGrowth(t, before, after, 4, "latchkey_hash_duration_seconds")
	wantGrowth(t, before, after, 1, requestsTotal, "route", "/users/me", "status", "401")
	if n := after.Sum(requestsTotal, "route", "/users/me"); n != after.Sum("latchkey_http_request_duration_seconds", "route", "/users/me", "method", "GET") || n < 4 {
		t.Errorf("%g requests", n)
	}
	lookups := after.Sum(cacheLookups)
	if lookups != after.Sum(requestsTotal, "route", "/users/me") || after.Sum(cacheLookups, "result", "miss") < 2 {
		t.Errorf("%g lookups", lookups)
	}
	if after.Sum("latchkey_token_cache_entries") != 1 || after.Sum("latchkey_database_up") != 1 || after.Sum("go_sql_open_connections", "db_name", "write") < 1 {
		t.Errorf("%v", after["latchkey_token_cache_entries"])
	}
}

func TestMetricsOfRefusedLogins(t *testing.T) {
	s := apitest.Start(t)
	before := s.Scrape() // the passwords of the demo were hashed
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() { s.Form("/token", "username", "johndoe", "password", "wrong") })
	}
	all.Wait()
	after := s.Scrape()
	refused, limited := after.Sum(tokenRequests, "outcome", "refused"), after.Sum(tokenRequests, "outcome", "limited")
	if refused == 0 || limited == 0 || refused+limited != 30 || limited != after.Sum(requestsTotal, "status", "429") {
		t.Errorf("%g refused, %g limited", refused, limited)
	}
	wantGrowth(t, before, after, refused, "latchkey_hash_wait_seconds")
	if after.Sum("latchkey_hash_running") != 0 || after.Sum("latchkey_hash_queue_depth") != 0 {
		t.Error("the gate is not empty")
	}
}

// What clients make up does not become a label.
func TestMetricsAreBounded(t *testing.T) {
	s := apitest.Start(t)
	ask := func(method, path string) {
		req, err := http.NewRequest(method, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	ask(http.MethodGet, "/nowhere")
	ask("HOSTILE", "/nowhere")
	ask("HOSTILE", "/users/me")
	few := len(s.Scrape().Label(requestsTotal, "route"))
	for _, name := range []string{"one", "two", "three"} {
		ask(http.MethodGet, "/nowhere/"+name)
		ask("HOSTILE-"+name, "/"+name)
		ask("HOSTILE-"+name, "/users/me")
		ask("get", "/users/me")
		ask(http.MethodGet, "/unmatched")
	}
	after := s.Scrape()
	// The scrape before is a series by now.
	if n := len(after.Label(requestsTotal, "route")); n > few+1 {
		t.Errorf("%d series have become %d: %v", few, n, after[requestsTotal])
	}
	for _, method := range after.Label(requestsTotal, "method") {
		if !slices.Contains([]string{"GET", "other"}, method) {
			t.Errorf("the method %s", method)
		}
	}
	if n := after.Sum(requestsTotal, "route", "unmatched"); n != 3+5*3 {
		t.Errorf("%g requests", n)
	}
}

func TestMetricsOfTheMailQueue(t *testing.T) {
	t.Run("sqlite", testMetricsOfTheMailQueue)
	t.Run("postgres", testMetricsOfTheMailQueue)
}

func testMetricsOfTheMailQueue(t *testing.T) {
	box := apitest.NewMailbox(t)
	box.Refuse(-1)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	s.JSON(http.MethodPost, "/password-recovery", "", `{"email":"johndoe@example.com"}`)
	apitest.Eventually(t, "an attempt", func() bool { return s.Scrape().Sum("latchkey_mails_total", "outcome", "put_off") == 1 })
	s.Clock.Advance(3 * time.Second)
	numbers := s.Scrape()
	if n := numbers.Sum("latchkey_mail_queue_length"); n != 1 {
		t.Errorf("%g mails wait", n)
	}
	if age := numbers.Sum("latchkey_mail_queue_oldest_seconds"); age < 3 || age > 60 {
		t.Errorf("the oldest waits for %g s", age)
	}
	box.Refuse(0)
	s.Clock.Advance(time.Minute)
	apitest.Eventually(t, "an empty queue", func() bool { return s.Scrape().Sum("latchkey_mail_queue_length") == 0 })
	numbers = s.Scrape()
	if numbers.Sum("latchkey_mail_queue_oldest_seconds") != 0 || numbers.Sum("latchkey_mails_total", "outcome", "sent") != 1 {
		t.Errorf("%v", numbers["latchkey_mails_total"])
	}
}

func TestMetricsWithoutDatabase(t *testing.T) {
	database := newDatabase(t)
	s := apitest.Start(t, "--database-url=sqlite:"+database)
	if s.Scrape().Sum("latchkey_database_up") != 1 {
		t.Error("the database is down")
	}
	if err := os.Rename(database, database+".away"); err != nil {
		t.Fatal(err)
	}
	numbers := s.Scrape()
	if !numbers.Has("latchkey_database_up") || numbers.Sum("latchkey_database_up") != 0 || numbers.Has("latchkey_mail_queue_length") {
		t.Error("the database is up")
	}
	if !numbers.Has(tokenRequests) {
		t.Error("what needs no database is not told")
	}
	if err := os.Rename(database+".away", database); err != nil {
		t.Fatal(err)
	}
}

func TestMetricsAddress(t *testing.T) {
	s := apitest.Start(t, "--metrics-addr=127.0.0.1:0")
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for _, path := range []string{"/metrics", "/metrics/", "/debug/pprof/", "/debug/pprof/heap"} {
			if got := s.Send(method, path, ""); got.Status != http.StatusNotFound {
				t.Errorf("%s %s on the main address: %d", method, path, got.Status)
			}
		}
	}
	if n := s.Scrape().Sum(requestsTotal, "route", "unmatched"); n != 8 {
		t.Errorf("%g requests", n)
	}
	for path, want := range map[string]int{
		"/metrics": 200, "/debug/pprof/": 200, "/debug/pprof/heap": 200, "/debug/pprof/goroutine?debug=1": 200, "/debug/pprof/symbol": 200,
		"/debug/pprof/profile?seconds=1": 200, "/debug/pprof/trace?seconds=0.1": 200,
		"/debug/pprof/cmdline": 404, "/": 404, "/users/me": 404, "/healthz": 404,
	} {
		resp, err := http.Get(s.MetricsURL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != want || len(body) == 0 {
			t.Errorf("%s: %d with %d bytes, %v", path, resp.StatusCode, len(body), err)
		}
	}
}

func TestProfilesAreOffOnTheMainAddress(t *testing.T) {
	s := apitest.Start(t)
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile"} {
		if got := s.Get(path, ""); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
	if got := s.Send(http.MethodPost, "/metrics", ""); got.Status != http.StatusMethodNotAllowed {
		t.Errorf("POST /metrics: %d", got.Status)
	}
}

func TestMetricsAddressIsTaken(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	database := newDatabase(t)
	s, err := start(t, database, new(apitest.Buffer), "--metrics-addr="+taken.Addr().String())
	wantError(t, s, err, "address already in use", "--metrics-addr", taken.Addr().String())
	wantClosed(t, database)
}

// A profile that is being made does not keep the service from stopping, and
// both addresses are free again.
func TestMetricsAddressIsGivenBack(t *testing.T) {
	s := started(t, newDatabase(t), "--metrics-addr=127.0.0.1:0")
	stop := serve(t, s)
	addr := s.MetricsAddr().String()
	profiling := make(chan struct{})
	go func() {
		defer close(profiling)
		if resp, err := http.Get("http://" + addr + "/debug/pprof/profile?seconds=25"); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	}()
	waitForProfile(t, addr)
	begin := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if d := time.Since(begin); d > 10*time.Second {
		t.Errorf("it took %s", d)
	}
	<-profiling
	started(t, newDatabase(t), "--metrics-addr="+addr)
}

// waitForProfile waits until another profile is refused, because one is made.
func waitForProfile(t *testing.T, addr string) {
	t.Helper()
	apitest.Eventually(t, "a profile", func() bool {
		resp, err := http.Get("http://" + addr + "/debug/pprof/goroutine?debug=2")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return strings.Contains(string(body), "pprof.Profile(")
	})
}
