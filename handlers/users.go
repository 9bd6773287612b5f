package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// readCurrentUser shows the caller.
//
//	@Summary		Show the current user
//	@Description	The user whom the access token stands for.
//	@ID				readCurrentUser
//	@Tags			users
//	@Produce		json
//	@Success		200	{object}	models.User
//	@Security		OAuth2PasswordBearer
//	@Router			/users/me [get]
func (a *api) readCurrentUser(c *gin.Context) error {
	body, err := currentCaller(c).UserJSON()
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", body)
	return nil
}
