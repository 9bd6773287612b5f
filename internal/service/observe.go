package service

import (
	"context"

	"latchkey/handlers"
	"latchkey/internal/auth"
	"latchkey/internal/metrics"
	"latchkey/internal/passwords"
)

// observe has counted what the rooms do that are there already. Those that are
// made later are given functions that count.
func (s *Service) observe(gate *passwords.Gate) {
	s.metrics = metrics.New(countedRoutes())
	s.metrics.TokenRequests(auth.Grants(), auth.Outcomes())
	read, write := s.store.Pools()
	s.metrics.Pool("read", read)
	s.metrics.Pool("write", write)
	s.metrics.MailQueue(s.store.MailQueue)
	s.metrics.HashQueue(gate.Load)
	gate.Watch(func(context.Context) (begun func(), ended func(error)) { return s.metrics.Hash(passwords.ErrBusy) })
	s.metrics.Cache(s.memory.Stats)
}

func countedRoutes() []metrics.Route {
	routes := handlers.Routes()
	counted := make([]metrics.Route, 0, len(routes))
	for _, r := range routes {
		counted = append(counted, metrics.Route{Method: r.Method, Path: r.Path})
	}
	return counted
}
