package middleware_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/middleware"
	"latchkey/models"
)

const limit = 1000

// readAll answers with the length of the body.
func readAll(c *gin.Context) {
	switch body, err := io.ReadAll(c.Request.Body); {
	case err == nil:
		c.String(http.StatusOK, "%d", len(body))
	case errors.As(err, new(*http.MaxBytesError)):
		respond.Error(c, models.TooLarge())
	default:
		respond.Error(c, err)
	}
}

func serverOf(t *testing.T, handlers ...gin.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(app(handlers...))
	t.Cleanup(server.Close)
	return server
}

const posting = "POST /route/x HTTP/1.1\r\nHost: x\r\n"

// declared and chunked send a body in the two ways of HTTP/1.1.
func declared(length int) (head, body string) {
	return fmt.Sprintf("%sContent-Length: %d\r\n", posting, length), strings.Repeat("x", length)
}

func chunked(length int) (head, body string) {
	return posting + "Transfer-Encoding: chunked\r\n", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", length, strings.Repeat("x", length))
}

var sending = map[string]func(int) (head, body string){"declared": declared, "chunked": chunked}

var (
	tooLarge = reply{status: 413, body: `{"detail":"Request body too large"}`}
	asOAuth  = reply{status: 413, body: `{"detail":"Request body too large","error":"invalid_request","error_description":"Request body too large"}`}
)

func length(n int) reply { return reply{status: 200, body: fmt.Sprint(n)} }

func TestMaxBody(t *testing.T) {
	chains := map[string][]gin.HandlerFunc{
		"plain":        {middleware.MaxBody(limit, respond.Error), readAll},
		"inner, lower": {middleware.MaxBody(1<<20, respond.OAuthError), middleware.MaxBody(limit, respond.Error), readAll},
		"outer, lower": {middleware.MaxBody(limit, respond.Error), middleware.MaxBody(1<<20, respond.Error), readAll},
	}
	tests := []struct {
		length int
		want   reply
	}{
		{0, length(0)},
		{1, length(1)},
		{limit, length(limit)},
		{limit + 1, tooLarge},
		{100 << 10, tooLarge},
		{8 << 20, tooLarge}, // more than the connection's buffers hold
	}
	for chain, handlers := range chains {
		server := serverOf(t, handlers...)
		for way, send := range sending {
			for _, tt := range tests {
				t.Run(fmt.Sprint(chain, " ", way, " ", tt.length), func(t *testing.T) {
					want := tt.want
					if chain == "inner, lower" && way == "declared" && tt.length > 1<<20 {
						want = asOAuth // the outer one sees it first
					}
					head, body := send(tt.length)
					want.check(t, withoutHeader(connect(t, server).send(head+"\r\n"+body).answer()))
				})
			}
		}
	}
}

func withoutHeader(r reply) reply { return reply{status: r.status, body: r.body} }

// A client that is refused in this way can go on with the same connection.
func TestMaxBodyKeepsTheConnection(t *testing.T) {
	server := serverOf(t, middleware.MaxBody(limit, respond.Error), readAll)
	client := connect(t, server)
	for _, send := range sending {
		head, body := send(300 << 10)
		tooLarge.check(t, client.send(head+"\r\n"+body).answer())
		head, body = send(limit)
		length(limit).check(t, client.send(head+"\r\n"+body).answer())
	}
}

func TestMaxBodyRunsNoHandlerWhenTheLengthIsDeclared(t *testing.T) {
	refuse := func(c *gin.Context, err error) {
		c.String(http.StatusRequestEntityTooLarge, "refused with "+err.Error())
	}
	h := app(middleware.MaxBody(limit, refuse), panicking("it ran"))
	r := httptest.NewRequest(http.MethodPost, "/route/x", strings.NewReader(strings.Repeat("x", limit+1)))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	reply{status: 413, body: "refused with Request body too large"}.check(t, reply{status: w.Code, body: w.Body.String()})
}

// Of a body without an end, no more is read than drainLimit and a little.
func TestMaxBodyDoesNotReadForEver(t *testing.T) {
	for name, declared := range map[string]int64{"declared": 1 << 40, "chunked": -1} {
		t.Run(name, func(t *testing.T) {
			body := &endless{}
			r := httptest.NewRequest(http.MethodPost, "/route/x", body)
			r.ContentLength = declared
			w := httptest.NewRecorder()
			app(middleware.MaxBody(limit, respond.Error), readAll).ServeHTTP(w, r)
			tooLarge.check(t, reply{status: w.Code, body: w.Body.String()})
			if body.read < 16<<20 || body.read > 17<<20 {
				t.Errorf("%d bytes were read", body.read)
			}
		})
	}
}

type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

const waits = "Expect: 100-continue\r\n\r\n"

// A client that waits to be asked for its body is asked if somebody wants it,
// and else answered at once: it may wait for ever.
func TestMaxBodyOfAClientThatWaits(t *testing.T) {
	guarded := func(handlers ...gin.HandlerFunc) []gin.HandlerFunc {
		return append([]gin.HandlerFunc{middleware.MaxBody(1<<20, respond.Error), middleware.MaxBody(limit, respond.Error)}, handlers...)
	}
	t.Run("asked", func(t *testing.T) {
		server := serverOf(t, guarded(readAll)...)
		for way, send := range sending {
			for n, want := range map[int]reply{limit: length(limit), limit + 1: tooLarge, 8 << 20: tooLarge} {
				if way == "declared" && n > limit {
					continue // refused below
				}
				t.Run(fmt.Sprint(way, " ", n), func(t *testing.T) {
					head, body := send(n)
					client := connect(t, server).send(head + waits)
					reply{status: 100}.check(t, client.answer())
					want.check(t, withoutHeader(client.send(body).answer()))
				})
			}
		}
	})
	notAsked := map[string]struct {
		length   int
		handlers []gin.HandlerFunc
		want     reply
	}{
		"too large":            {limit + 1, guarded(readAll), tooLarge},
		"too large for both":   {8 << 20, guarded(readAll), tooLarge},
		"refused":              {limit, guarded(middleware.OAuth2PasswordBearer(), readAll), reply{status: 401, body: notAuthenticated.body}},
		"nobody reads it":      {limit, guarded(writing("well", false)), reply{status: 200, body: "well"}},
		"the handler panics":   {limit, guarded(panicking("no such luck")), reply{status: 500, body: serverError.body}},
		"the handler says 413": {limit, guarded(failing(models.TooLarge())), tooLarge},
	}
	for name, tt := range notAsked {
		t.Run(name, func(t *testing.T) {
			log, _ := newLog()
			server := serverOf(t, append([]gin.HandlerFunc{middleware.Recover(log)}, tt.handlers...)...)
			head, _ := declared(tt.length)
			tt.want.check(t, withoutHeader(connect(t, server).send(head+waits).answer()))
		})
	}
}

// A body that nobody reads is nobody's concern.
func TestMaxBodyThatNobodyReads(t *testing.T) {
	server := serverOf(t, middleware.MaxBody(limit, respond.Error), writing("well", false))
	head, body := chunked(limit + 1)
	reply{status: 200, body: "well"}.check(t, connect(t, server).send(head+"\r\n"+body).answer())
}
