package handlers

import (
	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
)

// listSessions shows a page of where the caller is logged in.
//
//	@Summary		List your sessions
//	@Description	Where you are logged in, the newest login first, in pages. The next page is asked for with the cursor of this one.
//	@ID				listSessions
//	@Tags			sessions
//	@Produce		json
//	@Param			limit	query		integer	false	"How many sessions"	minimum(1)	maximum(100)	default(20)
//	@Param			cursor	query		string	false	"The next of the page before"
//	@Success		200		{object}	models.SessionPage
//	@x-example-200	{"data":[{"id":"019a84af-5607-7d02-99d1-f4b44f7858ea","created_at":"2026-01-02T15:04:05.123456Z","last_used_at":"2026-01-02T15:04:05.123456Z","expires_at":"2026-02-01T15:04:05.123456Z","user_agent":"Mozilla/5.0 (X11; Linux x86_64)","address":"203.0.113.7","client_id":"anonymous","current":true}],"next":null}
//	@Failure		422		{object}	models.ValidationErrorAnswer	"The query does not validate"
//	@x-example-422	{"detail":[{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 100"}]}
//	@Security		OAuth2PasswordBearer
//	@Router			/users/me/sessions [get]
func (a *api) listSessions(c *gin.Context) error {
	query, err := respond.Page(c)
	if err != nil {
		return err
	}
	page, err := a.auth.Sessions(c.Request.Context(), currentCaller(c), query)
	if err != nil {
		return err
	}
	return answer(c, page)
}

// endSession ends one of the caller's sessions.
//
//	@Summary		End a session
//	@Description	Its tokens open nothing from now on. It may be the one you are in.
//	@ID				endSession
//	@Tags			sessions
//	@Produce		json
//	@Param			id	path	string	true	"The session's id"	Format(uuid)
//	@Success		204	"It has ended"
//	@Failure		404	{object}	models.ErrorAnswer				"You have no such session"
//	@x-example-404	{"detail":"Session not found"}
//	@Failure		422	{object}	models.ValidationErrorAnswer	"The id is not a UUID"
//	@x-example-422	{"detail":[{"type":"uuid_parsing","loc":["path","id"],"msg":"Input should be a valid UUID"}]}
//	@Security		OAuth2PasswordBearer
//	@Router			/users/me/sessions/{id} [delete]
func (a *api) endSession(c *gin.Context) error {
	id, err := respond.PathUUID(c, "id")
	if err != nil {
		return err
	}
	if err := a.auth.EndSession(c.Request.Context(), actor(c), id); err != nil {
		return err
	}
	return done(c)
}

// endOtherSessions ends all of the caller's sessions but the current one.
//
//	@Summary		End all other sessions
//	@Description	Ends every session of yours but the one that the request's own token is of.
//	@ID				endOtherSessions
//	@Tags			sessions
//	@Produce		json
//	@Success		204	"They have ended"
//	@Security		OAuth2PasswordBearer
//	@Router			/users/me/sessions [delete]
func (a *api) endOtherSessions(c *gin.Context) error {
	if err := a.auth.EndOtherSessions(c.Request.Context(), actor(c)); err != nil {
		return err
	}
	return done(c)
}
