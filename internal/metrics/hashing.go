package metrics

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// hashing are the numbers of the gate in front of the hashes of passwords.
type hashing struct {
	wait, work prometheus.Histogram
	refused    *prometheus.CounterVec
}

func newHashing(registry prometheus.Registerer) hashing {
	h := hashing{
		wait: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "latchkey_hash_wait_seconds",
			Help:    "Time that passwords waited until they were hashed.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 5, 10},
		}),
		work: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "latchkey_hash_duration_seconds",
			Help:    "Time that hashing a password took, without the wait.",
			Buckets: []float64{.001, .005, .01, .025, .05, .075, .1, .15, .25, .5, 1, 2.5},
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "latchkey_hash_refused_total",
			Help: "Passwords that were not hashed: full means that the queue was, left that the client did not wait.",
		}, []string{"reason"}),
	}
	for _, reason := range []string{"full", "left"} {
		h.refused.WithLabelValues(reason)
	}
	registry.MustRegister(h.wait, h.work, h.refused)
	return h
}

// Hash begins the count of a password that is to be hashed. begun is called
// when it is its turn, if that comes, and ended at the end, with nil or with
// why it did not come: busy, or another error when whoever asked is gone.
func (m *Metrics) Hash(busy error) (begun func(), ended func(error)) {
	asked := time.Now()
	var began time.Time
	begun = func() {
		began = time.Now()
		m.hashing.wait.Observe(began.Sub(asked).Seconds())
	}
	ended = func(err error) {
		switch {
		case err == nil:
			m.hashing.work.Observe(time.Since(began).Seconds())
		case errors.Is(err, busy):
			m.hashing.refused.WithLabelValues("full").Inc()
		default:
			m.hashing.refused.WithLabelValues("left").Inc()
		}
	}
	return begun, ended
}

// HashQueue has load asked at each scrape: how many passwords are being hashed
// and how many wait.
func (m *Metrics) HashQueue(load func() (running, waiting int)) {
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "latchkey_hash_running", Help: "Passwords that are being hashed.",
		}, func() float64 { running, _ := load(); return float64(running) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "latchkey_hash_queue_depth", Help: "Passwords that wait to be hashed.",
		}, func() float64 { _, waiting := load(); return float64(waiting) }),
	)
}
