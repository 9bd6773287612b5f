package metrics

import (
	"context"
	"database/sql"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// queueTimeout is for asking after the queue of mails: a scrape must not wait
// for a database that does not answer.
const queueTimeout = time.Second

// Pool has the connections of a pool counted, as go_sql_… with that db_name.
func (m *Metrics) Pool(name string, pool *sql.DB) {
	m.registry.MustRegister(collectors.NewDBStatsCollector(pool, name))
}

// MailQueue has the database asked at each scrape how many mails wait, and how
// long the oldest has. While it is away, nothing but that is told.
func (m *Metrics) MailQueue(ask func(context.Context) (length int, oldest time.Duration, err error)) {
	m.registry.MustRegister(mailQueue{
		ask:    ask,
		up:     prometheus.NewDesc("latchkey_database_up", "1 if the database answers, else 0.", nil, nil),
		length: prometheus.NewDesc("latchkey_mail_queue_length", "Mails that wait to be sent, or are being sent.", nil, nil),
		oldest: prometheus.NewDesc("latchkey_mail_queue_oldest_seconds", "Age of the oldest mail in the queue, 0 if there is none.", nil, nil),
	})
}

// mailQueue is a prometheus.Collector.
type mailQueue struct {
	ask                func(context.Context) (length int, oldest time.Duration, err error)
	up, length, oldest *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (q mailQueue) Describe(all chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{q.up, q.length, q.oldest} {
		all <- d
	}
}

// Collect implements prometheus.Collector.
func (q mailQueue) Collect(all chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64) {
		all <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	ctx, cancel := context.WithTimeout(context.Background(), queueTimeout)
	defer cancel()
	length, oldest, err := q.ask(ctx)
	if err != nil {
		gauge(q.up, 0)
		return
	}
	gauge(q.up, 1)
	gauge(q.length, float64(length))
	gauge(q.oldest, oldest.Seconds())
}

func newMails(registry prometheus.Registerer) *prometheus.CounterVec {
	total := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "latchkey_mails_total",
		Help: "Attempts to send a mail, by outcome: sent, put_off to be tried again, or given_up.",
	}, []string{"outcome"})
	for _, outcome := range []string{"sent", "put_off", "given_up"} {
		total.WithLabelValues(outcome)
	}
	registry.MustRegister(total)
	return total
}

// Mail counts an attempt to send one. The outcome has to be one of a few words.
func (m *Metrics) Mail(outcome string) { m.mails.WithLabelValues(outcome).Inc() }
