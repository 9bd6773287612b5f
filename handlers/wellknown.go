package handlers

import "github.com/gin-gonic/gin"

// readKeySet publishes the public keys.
//
//	@Summary		Show the public keys
//	@Description	The keys that verify the service's access tokens, as a JSON Web Key Set (RFC 7517).
//	@ID				readKeySet
//	@Tags			discovery
//	@Produce		json
//	@Success		200	{object}	models.KeySet
//	@Router			/.well-known/jwks.json [get]
func (a *api) readKeySet(c *gin.Context) error {
	return answer(c, a.auth.KeySet())
}
