package handlers

// What the OpenAPI document says of the service as a whole. Each handler's
// comment describes its own operation, but for the answers that all operations
// of a kind share: internal/tools/openapi adds those, and makes OpenAPI 3.1 of
// the Swagger 2.0 that swag writes. It asks for an example of every error that
// a handler does annotate: @x-example-404 {"detail":"…"}.
//
//	@title									Latchkey
//	@version								0.1.0
//	@description							Log in at `POST /token` with a username and a password, and send the token you get with every other request, as `Authorization: Bearer …`. Here, the Authorize button does both.
//	@description							Every error has a `detail` that a person can read. Each path works with a slash at its end, too.
//	@license.name							MIT
//
//	@tag.name								auth
//	@tag.description						Log in, stay logged in, log out.
//	@tag.name								users
//	@tag.description						The accounts: your own first of all, and those of the others for administrators.
//	@tag.name								sessions
//	@tag.description						Where you are logged in.
//	@tag.name								items
//	@tag.description						The example resource: what a user owns and nobody else sees.
//	@tag.name								audit
//	@tag.description						Who did what to which account, when and from where.
//	@tag.name								discovery
//	@tag.description						What another service needs to verify access tokens on its own.
//	@tag.name								health
//	@tag.description						Probes for what runs the service.
//
//	@securityDefinitions.oauth2.password	OAuth2PasswordBearer
//	@tokenUrl								token
//	@description							Username and password are exchanged for an access token; on a fresh local database, `johndoe` and `secret` are good. A scope is something the token may be used for: with none chosen, it may be used for all that the user is allowed. The client's id and secret can stay empty.
//
//go:generate go tool swag init --generalInfo openapi.go --dir .,../models --output ../docs --outputTypes json --quiet
//go:generate go run ../internal/tools/openapi ../docs ../models
