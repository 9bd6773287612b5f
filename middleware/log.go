package middleware

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// AccessLog writes one line for each request once it is answered or broken
// off: its id, method, route, status, duration, the caller's address and user,
// and the error if there was one. The user is named by a Subject() string
// method of the type, if it has one. No path, query, header or body is
// written: these may carry secrets.
func AccessLog(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		start := time.Now()
		defer func() { logRequest(log, c, time.Since(start)) }()
		c.Next()
	}
}

func logRequest(log *slog.Logger, c *gin.Context, duration time.Duration) {
	status := c.Writer.Status()
	attrs := []slog.Attr{
		slog.String("request_id", c.GetString(requestIDKey)),
		slog.String("method", c.Request.Method),
		slog.String("route", c.FullPath()),
		slog.Int("status", status),
		slog.Duration("duration", duration),
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

func level(status int) slog.Level {
	if status >= http.StatusInternalServerError {
		return slog.LevelError
	}
	return slog.LevelInfo
}
