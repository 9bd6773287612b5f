package bench

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
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
	begin := time.Now()
	until := begin.Add(duration)
	count := send(b, addr, connections, func(i, sent int) []byte {
		if !time.Now().Before(until) {
			return nil
		}
		return requests[(i+sent*connections)%len(requests)]
	})
	return float64(count) / time.Since(begin).Seconds()
}

// each sends every request once.
func each(b *testing.B, addr string, requests [][]byte, connections int) {
	b.Helper()
	send(b, addr, connections, func(i, sent int) []byte {
		if next := i + sent*connections; next < len(requests) {
			return requests[next]
		}
		return nil
	})
}

// send sends what next gives for a connection that has sent so many, until that is nil. It counts the answers.
func send(b *testing.B, addr string, connections int, next func(connection, sent int) []byte) (total int) {
	b.Helper()
	counts, failures := make([]int, connections), make([]error, connections)
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() { counts[i], failures[i] = sendOver(addr, func(sent int) []byte { return next(i, sent) }) })
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		b.Fatal(err)
	}
	for _, n := range counts {
		total += n
	}
	return total
}

// sendOver is send over one connection.
func sendOver(addr string, next func(sent int) []byte) (sent int, err error) {
	c, err := dial(addr, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.connection.Close() }()
	for {
		if c.request = next(sent); c.request == nil {
			return sent, nil
		}
		if _, err := c.do(); err != nil {
			return sent, err
		}
		sent++
	}
}

// readSteadily sends a request at every tick until done is closed, and returns how long each answer took.
func readSteadily(addr string, request []byte, every time.Duration, done <-chan struct{}) ([]time.Duration, error) {
	c, err := dial(addr, request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.connection.Close() }()
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
		if _, err := c.do(); err != nil {
			return nil, err
		}
		latencies = append(latencies, time.Since(begin))
	}
}

// percentile is the smallest value that p percent of them do not exceed. It sorts them.
func percentile[T ~int64 | ~float64](values []T, p int) T {
	slices.Sort(values)
	return values[(len(values)*p+99)/100-1]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
