package handlers

import (
	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/models"
)

// listEvents shows a page of the audit trail.
//
//	@Summary		Read the audit trail
//	@Description	Who did what to which account, when and from where, the newest first, in pages. The next page is asked for with the cursor of this one.
//	@ID				listEvents
//	@Tags			audit
//	@Produce		json
//	@Param			username	query		string	false	"Only what happened to this user, in any case"
//	@Param			event		query		string	false	"Only events of this kind"	Enums(login, login_refused, login_limited, token_refreshed, refresh_token_reused, token_revoked, session_ended, other_sessions_ended, user_registered, user_added, user_changed, user_disabled, user_enabled, scopes_changed, user_deleted, email_verified, email_change_requested, password_changed, password_refused, recovery_mail_sent, password_reset)
//	@Param			limit		query		integer	false	"How many events"	minimum(1)	maximum(100)	default(20)
//	@Param			cursor		query		string	false	"The next of the page before"
//	@Success		200			{object}	models.EventPage
//	@x-example-200	{"data":[{"id":"019a84af-5607-7d02-99d1-f4b44f7858ea","at":"2026-01-02T15:04:05.123456Z","event":"login","user_id":"3f0c1d5e8b7a4c2f9e6d1a0b5c4d3e2f","username":"johndoe","actor_id":"3f0c1d5e8b7a4c2f9e6d1a0b5c4d3e2f","actor":"johndoe","session_id":"019a84af-5607-7d02-99d1-f4b44f7858eb","client_id":"anonymous","address":"203.0.113.7","user_agent":"Mozilla/5.0 (X11; Linux x86_64)","detail":"items:read items:write"}],"next":null}
//	@Failure		422			{object}	models.ValidationErrorAnswer	"The query does not validate"
//	@x-example-422	{"detail":[{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 100"}]}
//	@Security		OAuth2PasswordBearer[audit:read]
//	@Router			/audit/ [get]
func (a *api) listEvents(c *gin.Context) error {
	query, errPage := respond.Page(c)
	username, errUsername := respond.Query(c, "username")
	kind, errKind := respond.QueryOneOf(c, "event", models.EventKinds())
	if err := respond.Together(errPage, errUsername, errKind); err != nil {
		return err
	}
	page, err := a.accounts.Events(c.Request.Context(), models.EventQuery{
		PageQuery: query, Username: username, Kind: kind,
	})
	if err != nil {
		return err
	}
	return answer(c, page)
}
