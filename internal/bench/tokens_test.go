package bench

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to begin sessions without 100,000 logins

	"latchkey/internal/tokens"
	"latchkey/internal/tools/drive"
)

// BenchmarkDistinctTokens is GET /users/me with few and with many tokens beside the bare Gin handler. The first round
// with each number of tokens, in which none is known yet, is told apart: a signature is checked for each.
func BenchmarkDistinctTokens(b *testing.B) {
	for _, count := range []int{1, 1_000, 100_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) { benchmarkTokens(b, count) })
	}
}

func benchmarkTokens(b *testing.B, count int) {
	b.Helper()
	const rounds, connections, duration = 3, 32, 2 * time.Second
	folder := b.TempDir()
	service, bare := startLatchkey(b, folder), startBare(b)
	requests := requestsWith(b, folder, service.Addr, count)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(service.memory(b, "VmRSS"), "MiB-before")
	begin, cpu := time.Now(), service.cpu(b)
	each(b, service.Addr, requests, connections)
	b.ReportMetric(microseconds(time.Since(begin))/float64(count), "µs-first-use")
	b.ReportMetric(microseconds(service.cpu(b)-cpu)/float64(count), "µs-cpu-first-use")

	var ratios []float64
	for range rounds {
		rate := loadWith(b, service.Addr, requests, connections, duration)
		ratios = append(ratios, rate/loadWith(b, bare.Addr, requests, connections, duration))
	}
	b.ReportMetric(drive.Percentile(ratios, 50), "of-bare-Gin")
	b.ReportMetric(service.memory(b, "VmRSS"), "MiB-after")
}

// requestsWith are requests with that many tokens, each of a session of its own.
func requestsWith(b *testing.B, folder, addr string, count int) [][]byte {
	b.Helper()
	keys, err := tokens.OpenKeyFile(filepath.Join(folder, "latchkey.key.pem"))
	if err != nil {
		b.Fatal(err)
	}
	url := "http://" + addr
	issuer, err := tokens.NewIssuer(tokens.Config{Issuer: url, Audience: url, Keys: keys, TTL: time.Hour, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	user := beginSessions(b, filepath.Join(folder, "latchkey.db"), count)
	requests := make([][]byte, count)
	for i := range requests {
		token, _, err := issuer.Issue(tokens.Grant{
			Subject: user, ClientID: "bench", SessionID: fmt.Sprint("bench-", i), Scopes: []string{"items:read", "items:write"},
		})
		if err != nil {
			b.Fatal(err)
		}
		requests[i] = drive.Get("/users/me", token)
	}
	return requests
}

// beginSessions makes that many sessions of johndoe's, named bench-0 and so on, and returns johndoe's id.
func beginSessions(b *testing.B, database string, count int) (user string) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+database+"?_pragma=busy_timeout(5000)")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_, err = db.Exec(`
		WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1 - 1)
		INSERT INTO sessions (id, user_id, client_id, scopes, user_agent, address, created_at, last_used_at, expires_at)
		SELECT 'bench-' || i, users.id, 'bench', users.scopes, '', '', users.created_at, users.updated_at, '2999-01-01 00:00:00+00:00'
		FROM n, users WHERE username = 'johndoe'`, count)
	if err == nil {
		err = db.QueryRow(`SELECT id FROM users WHERE username = 'johndoe'`).Scan(&user)
	}
	if err != nil {
		b.Fatal(err)
	}
	return user
}
