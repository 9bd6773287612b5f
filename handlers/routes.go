// Package handlers has the routes of the service, one file for each resource.
package handlers

import (
	"net/http"

	"latchkey/models"
)

// Route is one line of the table of routes.
type Route struct {
	Method string
	Path   string // in Gin's notation; with and without a slash at the end it is the same route
	Access Access
	handle handler
}

// routes lists every route of the service, once.
func (a *api) routes() []Route {
	return []Route{
		{http.MethodPost, "/token", oauthEndpoint, a.token},
		{http.MethodPost, "/token/revoke", oauthEndpoint, a.revokeToken},
		{http.MethodPost, "/token/introspect", clientOrBearer(models.ScopeTokensIntrospect), a.introspectToken},

		{http.MethodPost, "/users/", public, a.signUp},
		{http.MethodPost, "/verify-email", public, a.verifyEmail},
		{http.MethodGet, "/verify-email", undescribed, a.verifyEmailPage},
		{http.MethodPost, "/password-recovery", public, a.recoverPassword},
		{http.MethodPost, "/reset-password", public, a.resetPassword},
		{http.MethodGet, "/reset-password", undescribed, a.resetPasswordPage},

		{http.MethodGet, "/users/me", activeUser(), a.readCurrentUser},
		{http.MethodPatch, "/users/me", activeUser(), a.changeProfile},
		{http.MethodDelete, "/users/me", activeUser(), a.deleteAccount},
		{http.MethodPut, "/users/me/password", activeUser(), a.changePassword},
		{http.MethodGet, "/users/me/sessions", activeUser(), a.listSessions},
		{http.MethodDelete, "/users/me/sessions", activeUser(), a.endOtherSessions},
		{http.MethodDelete, "/users/me/sessions/:id", activeUser(), a.endSession},

		{http.MethodGet, "/users/", activeUser(models.ScopeUsersRead), a.listUsers},
		{http.MethodGet, "/users/:username", activeUser(models.ScopeUsersRead), a.readUser},
		{http.MethodPatch, "/users/:username", activeUser(models.ScopeUsersWrite), a.changeUser},
		{http.MethodDelete, "/users/:username", activeUser(models.ScopeUsersWrite), a.deleteUser},
		{http.MethodGet, "/audit/", activeUser(models.ScopeAuditRead), a.listEvents},

		{http.MethodGet, "/items/", activeUser(models.ScopeItemsRead), a.listItems},
		{http.MethodPost, "/items/", activeUser(models.ScopeItemsWrite), a.createItem},
		{http.MethodGet, "/items/:id", activeUser(models.ScopeItemsRead), a.readItem},
		{http.MethodPatch, "/items/:id", activeUser(models.ScopeItemsWrite), a.changeItem},
		{http.MethodDelete, "/items/:id", activeUser(models.ScopeItemsWrite), a.deleteItem},

		{http.MethodGet, "/.well-known/oauth-authorization-server", public, a.readServerMetadata},
		{http.MethodGet, "/.well-known/jwks.json", public, a.readKeySet},
		{http.MethodGet, "/healthz", public, a.healthz},
		{http.MethodGet, "/readyz", public, a.readyz},
		{http.MethodGet, metricsPath, undescribed, a.readMetrics},

		{http.MethodGet, "/docs", undescribed, a.docsPage},
		{http.MethodGet, "/docs/:asset", undescribed, a.docsAsset},
		{http.MethodGet, "/openapi.json", undescribed, a.openapiJSON},
		{http.MethodGet, "/openapi.yaml", undescribed, a.openapiYAML},
	}
}
