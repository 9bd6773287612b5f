package middleware

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
)

// Trace has begin called with each request before anything else is done with
// it. The context that it returns is that of the request from then on, and
// ended is called with the route in Gin's notation, which is empty if none
// matched, and the status, once the request is answered or broken off.
func Trace(begin func(*http.Request) (ctx context.Context, ended func(route string, status int))) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, ended := begin(c.Request)
		c.Request = c.Request.WithContext(ctx)
		defer func() { ended(c.FullPath(), c.Writer.Status()) }()
		c.Next()
	}
}
