package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// shutdownGrace is how long requests under way may take to finish. None
// should take longer: it is the server's WriteTimeout as well.
const shutdownGrace = 30 * time.Second

// newServer bounds how long a client may take and how much it may send ahead
// of a body; bodies have limits of their own. One time limit holds for headers
// and body together: each costs every request the setting of a timer.
func (s *Service) newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:        handler,
		ReadTimeout:    15 * time.Second,
		WriteTimeout:   shutdownGrace,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 32 << 10,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

// finish lets requests under way finish.
func (s *Service) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shutdownGrace)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("stop: %w", err), s.server.Close())
	}
	return nil
}

// Close gives back what Start took, as far as it got. Serve does so itself.
func (s *Service) Close() error {
	var errs []error
	for _, listener := range []net.Listener{s.listener, s.metricsListener} {
		if listener == nil {
			continue
		}
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if err := s.tracer.Close(context.Background()); err != nil {
		s.log.Warn("the last traces were not sent", "error", err)
	}
	return errors.Join(errs...)
}
