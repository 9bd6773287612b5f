package handlers

import (
	"github.com/gin-gonic/gin"

	"latchkey/models"
)

func (a *api) docsPage(*gin.Context) error    { return models.NotFound("Not Found") }
func (a *api) docsAsset(*gin.Context) error   { return models.NotFound("Not Found") }
func (a *api) openapiJSON(*gin.Context) error { return models.NotFound("Not Found") }
func (a *api) openapiYAML(*gin.Context) error { return models.NotFound("Not Found") }
