package handlers

import "github.com/gin-gonic/gin"

// metricsPath is where Prometheus looks for the numbers of a service.
const metricsPath = "/metrics"

// readMetrics answers with the numbers of the service, in Prometheus' formats.
func (a *api) readMetrics(c *gin.Context) error {
	a.metrics.ServeHTTP(c.Writer, c.Request)
	return nil
}
