package bench

import (
	"context"
	"testing"
	"time"

	"latchkey/internal/tools/drive"
)

// load sends a request over that many connections at once and without pause for that long. It returns how many
// were answered, per second.
func load(b *testing.B, addr string, request []byte, connections int, duration time.Duration) (rate float64) {
	b.Helper()
	return loadWith(b, addr, [][]byte{request}, connections, duration)
}

// loadWith is load with several requests in turn, shared out among the connections.
func loadWith(b *testing.B, addr string, requests [][]byte, connections int, duration time.Duration) (rate float64) {
	b.Helper()
	crowd := drive.Crowd{Addrs: []string{addr}, Connections: connections}
	begin := time.Now()
	count := send(b, crowd, drive.For(duration, crowd.InTurn(requests)))
	return float64(count) / time.Since(begin).Seconds()
}

// each sends every request once.
func each(b *testing.B, addr string, requests [][]byte, connections int) {
	b.Helper()
	crowd := drive.Crowd{Addrs: []string{addr}, Connections: connections}
	send(b, crowd, crowd.Each(requests))
}

// send counts the answers.
func send(b *testing.B, crowd drive.Crowd, next drive.Next) int {
	b.Helper()
	took, err := crowd.Send(b.Context(), next)
	if err != nil {
		b.Fatal(err)
	}
	return len(took)
}

// readSteadily sends a request at every tick until done is closed, and returns how long each answer took.
func readSteadily(ctx context.Context, addr string, request []byte, every time.Duration, done <-chan struct{}) ([]time.Duration, error) {
	c, err := drive.Dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var latencies []time.Duration
	for {
		select {
		case <-done:
			return latencies, nil
		case <-ticker.C:
		}
		begin := time.Now()
		if _, err := c.Do(request); err != nil {
			return nil, err
		}
		latencies = append(latencies, time.Since(begin))
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
