// Package service makes a running service out of the settings: it wires the
// rooms together, listens, and stops in good order.
package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"latchkey/handlers"
	"latchkey/internal/auth"
	"latchkey/internal/callers"
	"latchkey/internal/config"
	"latchkey/internal/limits"
	"latchkey/internal/mail"
	"latchkey/internal/metrics"
	"latchkey/internal/passwords"
	"latchkey/internal/store"
	"latchkey/internal/tracing"
)

// hashingQueue is how many logins wait for each core before more are turned
// away: about five seconds' worth.
const hashingQueue = 128

// Service is a service that listens. Serve lets it answer.
type Service struct {
	settings config.Serve
	log      *slog.Logger
	now      func() time.Time
	store    *store.Store
	hasher   *passwords.Hasher
	memory   *callers.Memory
	keys     *keyWatcher
	demo     bool
	office   *mail.Office
	metrics  *metrics.Metrics
	tracer   *tracing.Tracer // nil if nothing is traced
	listener net.Listener
	server   *http.Server

	metricsListener net.Listener // nil if metrics are on the main address
	metricsServer   *http.Server
}

// Start opens the database and the keys, and listens: whoever connects from
// now on is answered as soon as Serve is called. The settings have passed
// their Check. now is the clock of tokens and records.
func Start(ctx context.Context, settings config.Serve, log *slog.Logger, now func() time.Time) (*Service, error) {
	s := &Service{settings: settings, log: log, now: now}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Service) start(ctx context.Context) (err error) {
	if s.tracer, err = tracing.Start(ctx, version(), os.Getenv, s.log); err != nil {
		return err
	}
	database, err := s.settings.Source()
	if err != nil {
		return err
	}
	if s.store, err = store.Open(database, s.now); err != nil {
		return err
	}
	if err := s.store.Migrate(ctx); err != nil {
		return err
	}
	gate := passwords.NewGate(cores(), cores()*hashingQueue)
	s.hasher, s.memory = passwords.NewHasher(s.settings.Params(), gate), callers.New(s.store, s.now)
	s.observe(gate)
	if s.demo, err = s.settleDemo(ctx); err != nil {
		return err
	}
	if err := s.warnOfPublicDemo(ctx); err != nil {
		return err
	}
	if s.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", s.settings.Addr); err != nil {
		return fmt.Errorf("%w; --addr (LATCHKEY_ADDR) chooses another address", err)
	}
	if err := s.listenForMetrics(ctx); err != nil {
		return err
	}
	handler, err := s.handler()
	if err != nil {
		return err
	}
	s.server = s.newServer(handler)
	return nil
}

// handler wires the rooms together.
func (s *Service) handler() (http.Handler, error) {
	issuer, err := s.newIssuer()
	if err != nil {
		return nil, err
	}
	limiter := limits.New(s.store, s.now, s.settings.Limited())
	logins := auth.New(auth.Config{
		Store: s.store, Memory: s.memory, Hasher: s.hasher, Issuer: issuer, Limiter: limiter, PublicURL: s.URL(),
		RefreshTTL: s.settings.RefreshTokenTTL, ReuseWindow: s.settings.RefreshReuseWindow,
		StrictForm: s.settings.StrictForm, Count: s.metrics.TokenRequest, Log: s.log, Now: s.now,
	})
	people, err := s.newAccounts(logins, limiter)
	if err != nil {
		return nil, err
	}
	router, err := handlers.New(handlers.Config{
		Auth: logins, Accounts: people, Items: s.store, Ready: s.store.Ready,
		Metrics: s.mainMetrics(), Measure: s.metrics.Request, Trace: s.traceRequests(), Log: s.log, TrustedProxies: s.settings.TrustedProxies,
	})
	if err != nil {
		return nil, err
	}
	return allowOrigins(router, s.settings.CORSOrigins, s.demo), nil
}

// URL is where clients reach the service, the issuer of its tokens.
func (s *Service) URL() string { return s.settings.Issuer(s.listener.Addr()) }

// Database says which database it is, without credentials.
func (s *Service) Database() string { return s.store.Name() }

// Addr is the address that is listened on.
func (s *Service) Addr() net.Addr { return s.listener.Addr() }

// HasUsers reports whether there is anybody who could log in.
func (s *Service) HasUsers(ctx context.Context) (bool, error) { return s.store.HasUsers(ctx) }

// Serve answers until ctx ends, then lets requests under way finish and
// closes everything.
func (s *Service) Serve(ctx context.Context) error {
	stopMetrics, endBackground := s.serveMetrics(ctx), s.background(ctx)
	failed := make(chan error, 1)
	go func() { failed <- s.server.Serve(s.listener) }()
	var err error
	select {
	case err = <-failed:
		err = fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		s.log.InfoContext(ctx, "stopping")
		err = s.finish(context.WithoutCancel(ctx))
	}
	endBackground()
	return errors.Join(err, stopMetrics(), s.Close())
}
