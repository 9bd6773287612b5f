package drive

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Crowd loads a server, or several in turn, over so many connections at once.
type Crowd struct {
	Addrs       []string // each connection asks one after the other
	Connections int
}

// Next is what a connection that has sent so many requests sends next, nil for no more. answer is what the request
// before was answered, good until Next returns.
type Next func(connection, sent int, answer []byte) []byte

// Took is how long it took until each request was answered.
type Took []time.Duration

// Send sends without pause, and fails with the first answer that is not a 200.
func (c Crowd) Send(ctx context.Context, next Next) (Took, error) {
	all, failures := make([]Took, c.Connections), make([]error, c.Connections)
	var crowd sync.WaitGroup
	for i := range c.Connections {
		crowd.Go(func() {
			all[i], failures[i] = c.sendOver(ctx, i, func(sent int, answer []byte) []byte { return next(i, sent, answer) })
		})
	}
	crowd.Wait()
	return slices.Concat(all...), errors.Join(failures...)
}

// sendOver is Send for one connection to each server.
func (c Crowd) sendOver(ctx context.Context, connection int, next func(sent int, answer []byte) []byte) (took Took, err error) {
	var clients []*Client
	defer func() {
		for _, client := range clients {
			_ = client.Close()
		}
	}()
	for _, addr := range c.Addrs {
		client, err := Dial(ctx, addr)
		if err != nil {
			return nil, err
		}
		clients = append(clients, client)
	}
	var answer []byte
	for {
		request := next(len(took), answer)
		if request == nil {
			return took, nil
		}
		begin := time.Now()
		if answer, err = clients[(connection+len(took))%len(clients)].Do(request); err != nil {
			return took, err
		}
		took = append(took, time.Since(begin))
	}
}

// For is next until so much time has gone by, but once at least. It sees the last answer as well.
func For(duration time.Duration, next Next) Next {
	until := time.Now().Add(duration)
	return func(connection, sent int, answer []byte) []byte {
		request := next(connection, sent, answer)
		if sent > 0 && !time.Now().Before(until) {
			return nil
		}
		return request
	}
}

// InTurn are the requests one after the other and again, shared out among the connections.
func (c Crowd) InTurn(requests [][]byte) Next {
	return func(connection, sent int, _ []byte) []byte {
		return requests[(connection+sent*c.Connections)%len(requests)]
	}
}

// Each are the requests, each once.
func (c Crowd) Each(requests [][]byte) Next {
	return func(connection, sent int, _ []byte) []byte {
		if next := connection + sent*c.Connections; next < len(requests) {
			return requests[next]
		}
		return nil
	}
}

// Percentile is the smallest value that p percent of them do not exceed, 0 of none. It sorts them.
func Percentile[S ~[]T, T ~int64 | ~float64](values S, p int) T {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[max(0, (len(values)*p+99)/100-1)]
}
