package middleware

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
)

// AccessLog writes one line for each request once it is answered: its id,
// method, route, status, duration, the caller's address and user, and the
// error if there was one. It writes no path, query, header or body: these may
// carry secrets.
func AccessLog(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		start := time.Now()
		c.Next()
		status := c.Writer.Status()
		attrs := []slog.Attr{
			slog.String("request_id", c.GetString(requestIDKey)),
			slog.String("method", c.Request.Method),
			slog.String("route", c.FullPath()),
			slog.Int("status", status),
			slog.Duration("duration", time.Since(start)),
			slog.String("address", c.ClientIP()),
		}
		if subject := c.GetString(subjectKey); subject != "" {
			attrs = append(attrs, slog.String("user", subject))
		}
		if err := c.Errors.Last(); err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		log.LogAttrs(c.Request.Context(), level(status), "request", attrs...)
	}
}

func level(status int) slog.Level {
	if status >= http.StatusInternalServerError {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// errPanic is what the access log says of a request that panicked; the line
// before it has the stack.
var errPanic = errors.New("panic")

// Recover turns a panic into a 500 and a log line with the stack.
func Recover(log *slog.Logger) gin.HandlerFunc {
	return gin.CustomRecoveryWithWriter(nil, func(c *gin.Context, value any) {
		log.LogAttrs(c.Request.Context(), slog.LevelError, "panic",
			slog.String("request_id", c.GetString(requestIDKey)),
			slog.String("route", c.FullPath()),
			slog.Any("panic", value),
			slog.String("stack", string(debug.Stack())),
		)
		if c.Writer.Written() {
			c.Abort()
			return
		}
		respond.Error(c, errPanic)
	})
}
