package middleware

import (
	"context"
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
		defer func() { logRequest(log, c, start, time.Since(start)) }()
		c.Next()
	}
}

func logRequest(log *slog.Logger, c *gin.Context, start time.Time, duration time.Duration) {
	status, k := c.Writer.Status(), knownOf(c)
	attrs := []slog.Attr{
		slog.String("request_id", k.requestID),
		slog.String("method", c.Request.Method),
		slog.String("route", c.FullPath()),
		slog.Int("status", status),
		slog.Duration("duration", duration),
		slog.String("address", c.ClientIP()),
	}
	if k.subject != "" {
		attrs = append(attrs, slog.String("user", k.subject))
	}
	if err := c.Errors.Last(); err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	write(c.Request.Context(), log, start.Add(duration), level(status), attrs)
}

// write does what log.LogAttrs does, but for finding out which line of code
// asked for it: that is this one.
func write(ctx context.Context, log *slog.Logger, at time.Time, level slog.Level, attrs []slog.Attr) {
	if !log.Enabled(ctx, level) {
		return
	}
	record := slog.NewRecord(at, level, "request", 0)
	record.AddAttrs(attrs...)
	_ = log.Handler().Handle(ctx, record) // a log that cannot be written has nowhere to say so
}

func level(status int) slog.Level {
	if status >= http.StatusInternalServerError {
		return slog.LevelError
	}
	return slog.LevelInfo
}
