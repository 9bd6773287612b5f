package bench

import (
	"testing"
	"time"

	"latchkey/internal/tools/drive"
)

// BenchmarkStart is a cold start on a database that is there: from the start of the process to the answer to its
// first request.
func BenchmarkStart(b *testing.B) {
	const starts = 25
	folder := b.TempDir()
	startLatchkey(b, folder).Stop() // makes the database and the key
	var took []time.Duration
	for range starts {
		begin := time.Now()
		server := startLatchkey(b, folder)
		once(b, server.Addr, drive.Get("/healthz", ""))
		took = append(took, time.Since(begin))
		server.Stop()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milliseconds(drive.Percentile(took, 50)), "ms-to-first-answer")
	b.ReportMetric(milliseconds(drive.Percentile(took, 1)), "ms-to-first-answer-min")
	b.ReportMetric(milliseconds(drive.Percentile(took, 100)), "ms-to-first-answer-max")
}

// BenchmarkIdle is the memory of a service that has nothing to do: just started, and some time after a login, which
// takes 19 MiB for a moment.
func BenchmarkIdle(b *testing.B) {
	folder := b.TempDir()
	startLatchkey(b, folder).Stop() // makes the database and the key
	server := startLatchkey(b, folder)
	b.ReportMetric(0, "ns/op")
	rest(time.Second)
	b.ReportMetric(server.memory(b, "VmRSS"), "MiB-started")
	logIn(b, server.Addr)
	b.ReportMetric(server.memory(b, "VmRSS"), "MiB-logged-in")
	rest(12 * time.Second)
	b.ReportMetric(server.memory(b, "VmRSS"), "MiB-later")
}

// rest lets a server be for a while.
func rest(d time.Duration) { <-time.NewTimer(d).C }
