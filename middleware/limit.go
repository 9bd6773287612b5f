package middleware

import (
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/models"
)

// How much of a refused body is read and thrown away, and for how long, so
// that its sender gets to read the answer instead of a broken connection.
const (
	drainLimit = 16 << 20 // bytes
	drainTime  = time.Second
)

// MaxBody refuses a body of more than limit bytes with refuse and 413: at
// once where its length is declared, else when a handler has read that far.
// An inner, lower limit wins.
func MaxBody(limit int64, refuse func(*gin.Context, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.Request.Body == http.NoBody {
			return
		}
		r, body := c.Request, &watchedBody{ReadCloser: c.Request.Body}
		if r.ContentLength > limit {
			refuse(c, models.TooLarge())
			c.Abort()
		} else {
			// net/http has to find its own body again: else it waits, before it
			// answers, for one that a client with Expect: 100-continue never sends.
			defer func() { r.Body = body.ReadCloser }()
			r.Body = http.MaxBytesReader(c.Writer, body, limit)
			c.Next()
		}
		if c.Writer.Status() == http.StatusRequestEntityTooLarge {
			_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(drainTime))
			drain(r, body)
		}
	}
}

// watchedBody knows whether somebody began to read it.
type watchedBody struct {
	io.ReadCloser

	read bool
}

// Read implements io.Reader.
func (b *watchedBody) Read(p []byte) (int, error) {
	b.read = true
	return b.ReadCloser.Read(p)
}

// drain reads on, but for a client that still waits to be asked for its body
// (Expect: 100-continue, RFC 9110 §10.1.1): it will not send it.
func drain(r *http.Request, body *watchedBody) {
	if body.read || r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, body, drainLimit)
	}
}
