package metrics

import "github.com/prometheus/client_golang/prometheus"

func newTokens(registry prometheus.Registerer) *prometheus.CounterVec {
	total := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "latchkey_token_requests_total",
		Help: "Requests to /token that could be read, by grant and outcome; the grant password is a login.",
	}, []string{"grant", "outcome"})
	registry.MustRegister(total)
	return total
}

// TokenRequests prepares the count of what becomes of requests for tokens, by
// these grants and outcomes: each is there from the beginning, as 0, so that
// the first one is seen as a change.
func (m *Metrics) TokenRequests(grants, outcomes []string) {
	for _, grant := range grants {
		for _, outcome := range outcomes {
			m.tokens.WithLabelValues(grant, outcome)
		}
	}
}

// TokenRequest counts one. Both words have to be of a few.
func (m *Metrics) TokenRequest(grant, outcome string) {
	m.tokens.WithLabelValues(grant, outcome).Inc()
}
