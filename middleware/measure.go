package middleware

import (
	"time"

	"github.com/gin-gonic/gin"
)

// Measure tells of each request, once it is answered or broken off: its
// method as the client wrote it, its route in Gin's notation, which is empty
// if none matched, the status, and how long that took. It comes before all
// that may answer.
func Measure(observe func(method, route string, status int, duration time.Duration)) gin.HandlerFunc {
	return func(c *gin.Context) {
		start := time.Now()
		defer func() { observe(c.Request.Method, c.FullPath(), c.Writer.Status(), time.Since(start)) }()
		c.Next()
	}
}
