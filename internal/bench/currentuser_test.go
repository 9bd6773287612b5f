package bench

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"latchkey/internal/tools/drive"
)

// BenchmarkCurrentUser is GET /users/me with a valid token beside a bare Gin handler that answers the same JSON to
// everybody.
func BenchmarkCurrentUser(b *testing.B) {
	const rounds, connections, duration = 5, 32, 2 * time.Second
	service := startLatchkey(b, b.TempDir())
	bare := startBare(b)
	me := drive.Get("/users/me", logIn(b, service.Addr))
	load(b, service.Addr, me, connections, duration/4) // warm up
	load(b, bare.Addr, me, connections, duration/4)

	var ratios, rates, bareRates []float64
	serviceCPU, bareCPU := service.cpu(b), bare.cpu(b)
	var answers, bareAnswers float64
	for range rounds {
		rate, bareRate := load(b, service.Addr, me, connections, duration), load(b, bare.Addr, me, connections, duration)
		ratios, rates, bareRates = append(ratios, rate/bareRate), append(rates, rate), append(bareRates, bareRate)
		answers, bareAnswers = answers+rate*duration.Seconds(), bareAnswers+bareRate*duration.Seconds()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(drive.Percentile(rates, 50), "answers/s")
	b.ReportMetric(drive.Percentile(ratios, 50), "of-bare-Gin")
	b.ReportMetric(drive.Percentile(bareRates, 50), "bare-Gin/s")
	b.ReportMetric(microseconds(service.cpu(b)-serviceCPU)/answers, "µs-cpu")
	b.ReportMetric(microseconds(bare.cpu(b)-bareCPU)/bareAnswers, "µs-cpu-bare-Gin")
}

// startBare runs the server that the service is compared with.
func startBare(b *testing.B) process {
	b.Helper()
	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	command := exec.Command(program)
	command.Env = append(os.Environ(), bareVariable+"=yes")
	return start(b, command, b.TempDir())
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
