package handlers

// What the OpenAPI document says of the service as a whole; each handler's
// comment describes its own operation. swag reads both and writes Swagger 2.0,
// of which internal/tools/openapi makes OpenAPI 3.1.
//
//	@title			Latchkey
//	@version		1.0
//	@description	Log in with a username and a password, then call on with the token.
//	@license.name	MIT
//
//	@tag.name			auth
//	@tag.description	Log in.
//	@tag.name			users
//	@tag.description	Users, and who you are.
//	@tag.name			items
//	@tag.description	The example resource: what a user owns and nobody else sees.
//	@tag.name			discovery
//	@tag.description	What other services need to verify tokens on their own.
//	@tag.name			health
//	@tag.description	Probes for what runs the service.
//
//	@securityDefinitions.oauth2.password	OAuth2PasswordBearer
//	@tokenUrl								token
//	@scope.items:read						Read
//	@scope.items:write						Read
//	@description							hint
//
//go:generate go tool swag init --generalInfo openapi.go --dir .,../models --output ../docs --outputTypes json --quiet
//go:generate go run ../internal/tools/openapi ../docs
