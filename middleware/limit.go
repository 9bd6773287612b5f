package middleware

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/models"
)

// drainLimit is how much of a refused body is read and thrown away, so that
// its sender gets to read the answer instead of a broken connection.
const drainLimit = 16 << 20

// MaxBody refuses a body of more than limit bytes with refuse and 413: at
// once where its length is declared, else when a handler has read that far.
// An inner, lower limit wins.
func MaxBody(limit int64, refuse func(*gin.Context, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		body := c.Request.Body
		if c.Request.ContentLength > limit {
			refuse(c, models.TooLarge())
			drain(c.Request, body)
			return
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, body, limit)
		c.Next()
		if c.Writer.Status() == http.StatusRequestEntityTooLarge {
			drain(c.Request, body)
		}
	}
}

// drain reads on, but for a client that waits to be asked (Expect: 100-continue,
// RFC 9110 §10.1.1): reading would ask it to send.
func drain(r *http.Request, body io.Reader) {
	if r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, body, drainLimit)
	}
}
