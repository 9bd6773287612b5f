package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/gin-gonic/gin"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	m.Run()
}

// app answers every request to /route/… with these handlers.
func app(handlers ...gin.HandlerFunc) *gin.Engine {
	engine := gin.New()
	engine.Any("/route/:secret", handlers...)
	return engine
}

// reply is an answer to the byte. A nil header is not compared.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends GET /route/x. The headers alternate between names and values; a
// name may be given more than once.
func ask(h http.Handler, headers ...string) reply {
	r := httptest.NewRequest(http.MethodGet, "/route/x", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String()}
}

func (want reply) check(t *testing.T, got reply) {
	t.Helper()
	if got.status != want.status || got.body != want.body {
		t.Errorf("answer\n%d %s\nwant\n%d %s", got.status, got.body, want.status, want.body)
	}
	if want.header != nil && !reflect.DeepEqual(got.header, want.header) {
		t.Errorf("headers\n%v\nwant\n%v", got.header, want.header)
	}
}

// refused is a JSON answer, with a challenge if there is one.
func refused(status int, detail, challenge string) reply {
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	if challenge != "" {
		header["Www-Authenticate"] = []string{challenge}
	}
	return reply{status, header, `{"detail":"` + detail + `"}`}
}

func invalidToken(description string) reply {
	return refused(401, "Invalid authentication credentials", `Bearer error="invalid_token", error_description="`+description+`"`)
}

var (
	notAuthenticated = refused(401, "Not authenticated", "Bearer")
	malformed        = invalidToken("The access token is malformed")
	severalHeaders   = invalidToken("There is more than one Authorization header")
	serverError      = refused(500, "Internal Server Error", "")
)
