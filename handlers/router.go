package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/internal/accounts"
	"latchkey/internal/auth"
	"latchkey/internal/respond"
	"latchkey/middleware"
	"latchkey/models"
)

// Config is what the routes work with. Every field but Metrics, Measure, Trace
// and TrustedProxies is required.
type Config struct {
	Auth     *auth.Service
	Accounts *accounts.Service
	Items    Items
	// Ready says why the service cannot serve, nil if it can.
	Ready func(context.Context) error
	// Metrics answers GET /metrics. Without it there is no such route.
	Metrics http.Handler
	// Measure is told of each request that was answered; see middleware.Measure.
	Measure func(method, route string, status int, duration time.Duration)
	// Trace is told of each request that begins; see middleware.Trace.
	Trace func(*http.Request) (ctx context.Context, ended func(route string, status int))
	Log   *slog.Logger
	// TrustedProxies are the addresses and networks whose X-Forwarded-For is believed.
	TrustedProxies []string
}

type api struct {
	auth     *auth.Service
	accounts *accounts.Service
	items    Items
	ready    func(context.Context) error
	metrics  http.Handler
}

// New builds the router. The error says which trusted proxy is none.
func New(cfg Config) (*gin.Engine, error) {
	engine := gin.New()
	if err := engine.SetTrustedProxies(cfg.TrustedProxies); err != nil {
		return nil, err
	}
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"}
	engine.RedirectTrailingSlash = false
	engine.HandleMethodNotAllowed = true
	if cfg.Measure != nil {
		engine.Use(middleware.Measure(cfg.Measure))
	}
	if cfg.Trace != nil {
		engine.Use(middleware.Trace(cfg.Trace))
	}
	engine.Use(
		middleware.RequestID(),
		middleware.AccessLog(cfg.Log),
		middleware.Recover(cfg.Log),
		middleware.SecureHeaders(),
	)
	engine.NoRoute(func(c *gin.Context) { respond.Error(c, models.NotFound("Not Found")) })
	engine.NoMethod(func(c *gin.Context) {
		respond.Error(c, &models.Error{Kind: models.KindMethodNotAllowed, Detail: "Method Not Allowed"})
	})

	a := &api{auth: cfg.Auth, accounts: cfg.Accounts, items: cfg.Items, ready: cfg.Ready, metrics: cfg.Metrics}
	for _, r := range a.routes() {
		if r.Path == metricsPath && cfg.Metrics == nil {
			continue
		}
		chain := a.chain(r)
		engine.Handle(r.Method, r.Path, chain...)
		engine.Handle(r.Method, otherSlash(r.Path), chain...)
	}
	return engine, nil
}

// Routes is the table of routes, to be compared with the API's description.
func Routes() []Route { return (&api{}).routes() }

// otherSlash is the path with a slash at the end if it has none, else without.
func otherSlash(path string) string {
	if bare, ok := strings.CutSuffix(path, "/"); ok {
		return bare
	}
	return path + "/"
}

// done ends a request well that has no answer but that.
func done(c *gin.Context) error {
	c.Status(http.StatusNoContent)
	return nil
}

// answer ends a request well.
func answer(c *gin.Context, body any) error {
	c.JSON(http.StatusOK, body)
	return nil
}
