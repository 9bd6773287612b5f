package bench

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"latchkey/internal/passwords"
	"latchkey/internal/tools/drive"
)

// BenchmarkStorm lets 64 clients log in without pause while one reader goes on with GET /users/me.
func BenchmarkStorm(b *testing.B) {
	const rounds, clients, pause = 3, 64, 5 * time.Millisecond
	server := startLatchkey(b, b.TempDir())
	me := drive.Get("/users/me", logIn(b, server.Addr))
	var logins, alone []float64
	var latencies []time.Duration
	for range rounds {
		alone = append(alone, hashAlone(4*time.Second))
		done := make(chan struct{})
		var reader sync.WaitGroup
		reader.Go(func() {
			read, err := readSteadily(b.Context(), server.Addr, me, pause, done)
			if err != nil {
				b.Error(err)
			}
			latencies = append(latencies, read...)
		})
		logins = append(logins, load(b, server.Addr, login(), clients, 8*time.Second))
		close(done)
		reader.Wait()
	}
	hashes := drive.Percentile(alone, 50)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(drive.Percentile(logins, 50), "logins/s")
	b.ReportMetric(drive.Percentile(logins, 50)/hashes, "of-the-hash-alone")
	b.ReportMetric(hashes, "hashes-alone/s")
	b.ReportMetric(milliseconds(drive.Percentile(latencies, 50)), "ms-reader-p50")
	b.ReportMetric(milliseconds(drive.Percentile(latencies, 99)), "ms-reader-p99")
	b.ReportMetric(milliseconds(drive.Percentile(latencies, 100)), "ms-reader-max")
	b.ReportMetric(server.memory(b, "VmHWM"), "MiB-peak")
}

// hashAlone hashes on all cores at once and does nothing else: the most logins that there could be in a second.
func hashAlone(duration time.Duration) (rate float64) {
	costs := passwords.DefaultParams()
	counts := make([]int, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	begin := time.Now()
	for i := range counts {
		all.Go(func() {
			for ; time.Since(begin) < duration; counts[i]++ {
				argon2.IDKey([]byte("secret"), make([]byte, 16), costs.Time, costs.Memory, costs.Parallelism, 32)
			}
		})
	}
	all.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return float64(total) / time.Since(begin).Seconds()
}
