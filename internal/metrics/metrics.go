// Package metrics counts what the service does, for Prometheus. It says what is
// counted and under which names; the other rooms know nothing of it, they call
// the functions that they are given or tell their numbers when asked.
package metrics

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// scrapesAtOnce is how many scrapes may be under way; more are answered 503.
const scrapesAtOnce = 4

// Metrics are the numbers of one service. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests requests
	tokens   *prometheus.CounterVec
	hashing  hashing
	mails    *prometheus.CounterVec
}

// New makes them. Requests are counted by these routes.
func New(routes []Route) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
	)
	m.requests = newRequests(m.registry, routes)
	m.tokens = newTokens(m.registry)
	m.hashing = newHashing(m.registry)
	m.mails = newMails(m.registry)
	return m
}

// Handler answers with all of them, in Prometheus' formats. What cannot be
// found out just now is left out.
func (m *Metrics) Handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: scrapesAtOnce,
	})
}
