package service

import (
	"context"
	"net/http"
	"runtime/debug"

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
	gate.Watch(s.watchHash)
	if s.tracer != nil {
		s.store.Watch(s.watchStore())
	}
	s.metrics.Cache(s.memory.Stats)
}

// watchHash has a hash counted, and traced where requests are.
func (s *Service) watchHash(ctx context.Context) (begun func(), ended func(error)) {
	count, counted := s.metrics.Hash(passwords.ErrBusy)
	if s.tracer == nil {
		return count, counted
	}
	trace, traced := s.tracer.Hash(ctx)
	return func() { count(); trace() }, func(err error) { counted(err); traced(err) }
}

// watchStore has the calls to the database traced.
func (s *Service) watchStore() func(context.Context, string) (context.Context, func(error)) {
	system := "postgresql"
	if _, isFile := s.settings.File(); isFile {
		system = "sqlite"
	}
	return func(ctx context.Context, statement string) (context.Context, func(error)) {
		return s.tracer.Query(ctx, system, statement)
	}
}

// traceRequests is nil where requests are not traced.
func (s *Service) traceRequests() func(*http.Request) (ctx context.Context, ended func(route string, status int)) {
	if s.tracer == nil {
		return nil
	}
	return s.tracer.Request
}

// version is that of the program's build.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return info.Main.Version
}

func countedRoutes() []metrics.Route {
	routes := handlers.Routes()
	counted := make([]metrics.Route, 0, len(routes))
	for _, r := range routes {
		counted = append(counted, metrics.Route{Method: r.Method, Path: r.Path})
	}
	return counted
}
