package handlers

import "github.com/gin-gonic/gin"

// readServerMetadata describes the service to OAuth clients.
//
//	@Summary		Show the server metadata
//	@Description	What an OAuth 2.0 client needs to know of the service (RFC 8414).
//	@ID				readServerMetadata
//	@Tags			discovery
//	@Produce		json
//	@Success		200	{object}	models.ServerMetadata
//	@Router			/.well-known/oauth-authorization-server [get]
func (a *api) readServerMetadata(c *gin.Context) error {
	return answer(c, a.auth.Metadata())
}

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
