package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// metricsGrace is how long a scrape may take to finish when the service stops.
// A profile may take minutes: it is cut off.
const metricsGrace = time.Second

// listenForMetrics listens on the address that only those reach who run the
// service, if there is one.
func (s *Service) listenForMetrics(ctx context.Context) (err error) {
	if s.settings.MetricsAddr == "" {
		return nil
	}
	if s.metricsListener, err = new(net.ListenConfig).Listen(ctx, "tcp", s.settings.MetricsAddr); err != nil {
		return fmt.Errorf("%w; --metrics-addr (LATCHKEY_METRICS_ADDR) chooses another address", err)
	}
	s.metricsServer = s.newServer(s.metricsHandler())
	return nil
}

// metricsHandler has the metrics, and the profiles of package pprof, which
// makes the time for an answer longer by that of a profile. What it would tell
// of the command line is left out: that may have passwords in it.
func (s *Service) metricsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler(s.log))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", http.NotFound)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// mainMetrics are the metrics on the main address, nil if they have one of their own.
func (s *Service) mainMetrics() http.Handler {
	if s.metricsListener != nil {
		return nil
	}
	return s.metrics.Handler(s.log)
}

// MetricsAddr is the address of the metrics, nil if it is the main one.
func (s *Service) MetricsAddr() net.Addr {
	if s.metricsListener == nil {
		return nil
	}
	return s.metricsListener.Addr()
}

// serveMetrics answers until stop is called. Whoever asks for metrics while
// the service stops is answered to the last.
func (s *Service) serveMetrics(ctx context.Context) (stop func() error) {
	if s.metricsListener == nil {
		return func() error { return nil }
	}
	ended := make(chan error, 1)
	go func() { ended <- s.metricsServer.Serve(s.metricsListener) }()
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), metricsGrace)
		defer cancel()
		if s.metricsServer.Shutdown(ctx) != nil {
			_ = s.metricsServer.Close()
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve metrics: %w", err)
		}
		return nil
	}
}
