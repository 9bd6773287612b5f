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
//	@x-example-200	{"issuer":"http://127.0.0.1:8000","token_endpoint":"http://127.0.0.1:8000/token","revocation_endpoint":"http://127.0.0.1:8000/token/revoke","introspection_endpoint":"http://127.0.0.1:8000/token/introspect","jwks_uri":"http://127.0.0.1:8000/.well-known/jwks.json","service_documentation":"http://127.0.0.1:8000/docs","scopes_supported":["items:read","items:write","tokens:introspect"],"response_types_supported":[],"grant_types_supported":["password","refresh_token","client_credentials"],"token_endpoint_auth_methods_supported":["none","client_secret_basic","client_secret_post"],"revocation_endpoint_auth_methods_supported":["none","client_secret_basic","client_secret_post"],"introspection_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"]}
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
