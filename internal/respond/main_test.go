package respond_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gin-gonic/gin"

	"latchkey/models"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	m.Run()
}

// newContext is a request's, and the recorder of its answer.
func newContext(r *http.Request) (*gin.Context, *httptest.ResponseRecorder) {
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = r
	return c, w
}

// post is the context of a request whose query may be one that no URL parser
// would let pass.
func post(query, contentType string, body io.Reader) *gin.Context {
	r := httptest.NewRequest(http.MethodPost, "/", body)
	r.URL = &url.URL{Path: "/", RawQuery: query}
	r.Header.Set("Content-Type", contentType)
	if contentType == "" {
		r.Header.Del("Content-Type")
	}
	c, _ := newContext(r)
	return c
}

// limited is a body of which no more than limit bytes are let through.
func limited(body string, limit int) io.Reader {
	return http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(body)), int64(limit))
}

// cutOff is a body whose sender leaves after it.
func cutOff(body string) io.Reader {
	return io.MultiReader(strings.NewReader(body), iotest.ErrReader(io.ErrUnexpectedEOF))
}

// refusal is err as a models.Error of that kind.
func refusal(tb testing.TB, err error, kind models.Kind) *models.Error {
	tb.Helper()
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		tb.Fatalf("%v (a %T) is no models.Error", err, err)
	}
	if e.Kind != kind {
		tb.Fatalf("%v is of kind %d, want %d", err, e.Kind, kind)
	}
	return e
}
