package apitest

import (
	"io"
	"net/http"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Numbers are what a scrape has found.
type Numbers map[string]*dto.MetricFamily

// Scrape reads the service's metrics as Prometheus does.
func (s *Server) Scrape() Numbers {
	s.t.Helper()
	url := s.URL
	if s.MetricsURL != "" {
		url = s.MetricsURL
	}
	resp, err := http.Get(url + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		s.t.Fatalf("the metrics are %d %s", resp.StatusCode, body)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	found, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

// Has reports whether there is a metric of that name and these labels, which
// alternate between names and values; others may have any value.
func (n Numbers) Has(name string, labels ...string) bool { return len(n.matching(name, labels)) > 0 }

// Sum is the sum of all metrics of that name and these labels. Of a histogram
// it is how much was counted.
func (n Numbers) Sum(name string, labels ...string) float64 {
	sum := 0.0
	for _, m := range n.matching(name, labels) {
		sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
	}
	return sum
}

// Label has the values of a label, each as often as it is there.
func (n Numbers) Label(name, label string) (values []string) {
	for _, m := range n.matching(name, nil) {
		for _, l := range m.GetLabel() {
			if l.GetName() == label {
				values = append(values, l.GetValue())
			}
		}
	}
	return values
}

func (n Numbers) matching(name string, labels []string) (found []*dto.Metric) {
	for _, m := range n[name].GetMetric() {
		has := map[string]string{}
		for _, l := range m.GetLabel() {
			has[l.GetName()] = l.GetValue()
		}
		matches := true
		for i := 0; i < len(labels); i += 2 {
			matches = matches && has[labels[i]] == labels[i+1]
		}
		if matches {
			found = append(found, m)
		}
	}
	return found
}
