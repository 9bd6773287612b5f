package handlers

import (
	"github.com/gin-gonic/gin"

	"latchkey/models"
)

// healthz says that the process is alive.
//
//	@Summary		Is the service alive?
//	@Description	Answers as long as the process does. It looks at nothing else.
//	@ID				healthz
//	@Tags			health
//	@Produce		json
//	@Success		200	{object}	models.StatusAnswer
//	@Router			/healthz [get]
func (a *api) healthz(c *gin.Context) error {
	return answer(c, models.StatusAnswer{Status: "ok"})
}

// readyz says whether the service can serve.
//
//	@Summary		Can the service serve?
//	@Description	Asks the database.
//	@ID				readyz
//	@Tags			health
//	@Produce		json
//	@Success		200	{object}	models.StatusAnswer
//	@Failure		503	{object}	models.ErrorAnswer	"The database is away"
//	@Header			503	{integer}	Retry-After			"Seconds to wait before trying again"
//	@x-example-503	{"detail":"The database is not available"}
//	@Router			/readyz [get]
func (a *api) readyz(c *gin.Context) error {
	if err := a.ready(c.Request.Context()); err != nil {
		return err
	}
	return answer(c, models.StatusAnswer{Status: "ok"})
}
