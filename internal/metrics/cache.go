package metrics

import "github.com/prometheus/client_golang/prometheus"

// Cache has stats asked at each scrape: how often a token's caller was
// remembered and how often not, and how many are.
func (m *Metrics) Cache(stats func() (hits, misses uint64, size int)) {
	lookups := func(result string, value func() float64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name:        "latchkey_token_cache_lookups_total",
			Help:        "Access tokens that were presented: hit means that whom they stand for was remembered.",
			ConstLabels: prometheus.Labels{"result": result},
		}, value)
	}
	m.registry.MustRegister(
		lookups("hit", func() float64 { hits, _, _ := stats(); return float64(hits) }),
		lookups("miss", func() float64 { _, misses, _ := stats(); return float64(misses) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "latchkey_token_cache_entries", Help: "Access tokens whose caller is remembered.",
		}, func() float64 { _, _, size := stats(); return float64(size) }),
	)
}
