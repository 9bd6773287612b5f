package middleware

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
)

// errPanic is what the access log says of a request that panicked; the line
// before it has the stack.
var errPanic = errors.New("panic")

// Recover turns a panic into a 500 and a log line with the stack. An answer
// that was begun is broken off, so that nobody takes it for whole; one of a
// handler that panics with [http.ErrAbortHandler] is too, without that line.
func Recover(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			err, _ := value.(error)
			if errors.Is(err, http.ErrAbortHandler) {
				breakOff(c, http.ErrAbortHandler)
			}
			logPanic(log, c, value)
			if c.Writer.Written() {
				breakOff(c, errPanic)
			}
			respond.Error(c, errPanic)
		}()
		c.Next()
	}
}

func logPanic(log *slog.Logger, c *gin.Context, value any) {
	log.LogAttrs(c.Request.Context(), slog.LevelError, "panic",
		slog.String("request_id", knownOf(c).requestID),
		slog.String("route", c.FullPath()),
		slog.Any("panic", value),
		slog.String("stack", string(debug.Stack())),
	)
}

// breakOff closes the connection in the middle of the answer. It does not return.
func breakOff(c *gin.Context, reason error) {
	_ = c.Error(reason)
	panic(http.ErrAbortHandler) //nolint:forbidigo // net/http takes it as the wish to close the connection
}
