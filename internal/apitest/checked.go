package apitest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"latchkey/docs"
)

// checked holds every answer against the OpenAPI document.
type checked struct {
	t    testing.TB
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c checked) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if err := checkAnswer(req, resp); err != nil {
		c.t.Errorf("%s %s answers %d, which the OpenAPI document does not allow: %v",
			req.Method, req.URL.Path, resp.StatusCode, err)
	}
	return resp, nil
}

// CloseIdleConnections lets http.Client close what next keeps open.
func (c checked) CloseIdleConnections() { (&http.Client{Transport: c.next}).CloseIdleConnections() }

// described finds the operation of a request in the OpenAPI document.
var described = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromData(docs.JSON)
	if err != nil {
		return nil, err
	}
	doc.Servers = nil // its only entry is relative, and the router compares whole URLs
	return legacy.NewRouter(doc)
})

func checkAnswer(req *http.Request, resp *http.Response) error {
	router, err := described()
	if err != nil {
		return err
	}
	asked := req.Clone(req.Context())
	asked.URL.Path = strings.TrimSuffix(asked.URL.Path, "/") // as the document has it
	route, params, err := router.FindRoute(asked)
	if err != nil || strings.HasSuffix(asked.URL.Path, "/") {
		return undescribed(req, resp)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return openapi3filter.ValidateResponse(asked.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: asked, PathParams: params, Route: route},
		Status:                 resp.StatusCode,
		Header:                 resp.Header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
}

// undescribed allows for what no operation answers: an unknown path, a wrong
// method, a preflight, the description of the API itself, metrics, and the
// pages behind the links in mails.
func undescribed(req *http.Request, resp *http.Response) error {
	path := strings.TrimSuffix(req.URL.Path, "/")
	about := strings.HasPrefix(path, "/docs") || strings.HasPrefix(path, "/openapi.") || path == "/metrics"
	behindLink := req.Method == http.MethodGet && (path == "/verify-email" || path == "/reset-password")
	switch resp.StatusCode {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNoContent:
		return nil
	case http.StatusOK, http.StatusNotModified:
		if about || behindLink {
			return nil
		}
	}
	return fmt.Errorf("there is no such operation")
}
