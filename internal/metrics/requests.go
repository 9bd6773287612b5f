package metrics

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Route is what requests are counted by: a method, and a path in Gin's
// notation, with or without a slash at the end.
type Route struct{ Method, Path string }

const (
	// unmatched is the route of requests that no route answers. What they ask for
	// is up to them, and each new label would stay in memory.
	unmatched = "unmatched"
	// otherMethod is every method that HTTP does not know.
	otherMethod = "other"
	// lastStatus is the greatest status that HTTP has (RFC 9110 §15).
	lastStatus = 599
)

// requests has the series of each route, made beforehand: counting a request
// takes one look into a map that nobody writes to.
type requests struct {
	series map[Route]*series
	total  *prometheus.CounterVec
}

// series are the numbers of one route.
type series struct {
	route    Route
	duration prometheus.Observer
	statuses [lastStatus + 1]atomic.Pointer[prometheus.Counter] // of those that were answered so far
}

func newRequests(registry prometheus.Registerer, routes []Route) requests {
	total := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "latchkey_http_requests_total",
		Help: "Requests that were answered, by method, route and status.",
	}, []string{"method", "route", "status"})
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "latchkey_http_request_duration_seconds",
		Help:    "Time from the header of a request to the end of its answer, by method and route.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"method", "route"})
	registry.MustRegister(total, duration)
	r := requests{series: map[Route]*series{}, total: total}
	for _, route := range routes {
		r.series[keyOf(route.Method, route.Path)] = &series{route: route, duration: duration.WithLabelValues(route.Method, route.Path)}
	}
	for _, method := range append(methods(), otherMethod) {
		r.series[Route{method, ""}] = &series{route: Route{method, unmatched}, duration: duration.WithLabelValues(method, unmatched)}
	}
	return r
}

// keyOf is the same with and without a slash at the end, as the routes are.
func keyOf(method, path string) Route { return Route{method, strings.TrimSuffix(path, "/")} }

func methods() []string {
	return []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace,
	}
}

// Request counts a request that was answered. The route is one of those that
// New was given; anything else, as "", is one that no route answers.
func (m *Metrics) Request(method, route string, status int, duration time.Duration) {
	s := m.requests.of(method, route)
	s.duration.Observe(duration.Seconds())
	m.requests.counter(s, status).Inc()
}

func (r requests) of(method, route string) *series {
	if s, ok := r.series[keyOf(method, route)]; ok {
		return s
	}
	if s, ok := r.series[Route{method, ""}]; ok {
		return s
	}
	return r.series[Route{otherMethod, ""}]
}

func (r requests) counter(s *series, status int) prometheus.Counter {
	status = min(max(status, 0), lastStatus)
	if counter := s.statuses[status].Load(); counter != nil {
		return *counter
	}
	counter := r.total.WithLabelValues(s.route.Method, s.route.Path, strconv.Itoa(status))
	s.statuses[status].Store(&counter)
	return counter
}
