package handlers

import (
	"github.com/gin-gonic/gin"

	"latchkey/internal/accounts"
	"latchkey/internal/respond"
	"latchkey/models"
)

// listUsers shows a page of all users.
//
//	@Summary		List the users
//	@Description	All users in the order of their names, in pages. The next page is asked for with the cursor of this one.
//	@ID				listUsers
//	@Tags			users
//	@Produce		json
//	@Param			search	query		string	false	"Only those with this in their username, email or full name, in any case"
//	@Param			limit	query		integer	false	"How many users"	minimum(1)	maximum(100)	default(20)
//	@Param			cursor	query		string	false	"The next of the page before"
//	@Success		200		{object}	models.UserPage
//	@x-example-200	{"data":[{"username":"johndoe","email":"johndoe@example.com","full_name":"John Doe","disabled":false,"email_verified":true,"pending_email":null,"scopes":["items:read","items:write"],"id":"3f0c1d5e8b7a4c2f9e6d1a0b5c4d3e2f","created_at":"2026-01-02T15:04:05.123456Z"}],"next":null}
//	@Failure		422		{object}	models.ValidationErrorAnswer	"The query does not validate"
//	@x-example-422	{"detail":[{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 100"}]}
//	@Security		OAuth2PasswordBearer[users:read]
//	@Router			/users/ [get]
func (a *api) listUsers(c *gin.Context) error {
	query, errPage := respond.PageByName(c)
	search, errSearch := respond.Query(c, "search")
	if err := respond.Together(errPage, errSearch); err != nil {
		return err
	}
	page, err := a.accounts.Users(c.Request.Context(), models.UserQuery{PageQuery: query, Search: search})
	if err != nil {
		return err
	}
	return answer(c, page)
}

// readUser shows a user.
//
//	@Summary		Show a user
//	@ID				readUser
//	@Tags			users
//	@Produce		json
//	@Param			username	path		string	true	"The username, in any case"
//	@Success		200			{object}	models.User
//	@Failure		404			{object}	models.ErrorAnswer	"There is no such user"
//	@x-example-404	{"detail":"User not found"}
//	@Security		OAuth2PasswordBearer[users:read]
//	@Router			/users/{username} [get]
func (a *api) readUser(c *gin.Context) error {
	name, err := respond.PathText(c, "username", "User not found")
	if err != nil {
		return err
	}
	user, err := a.accounts.User(c.Request.Context(), name)
	if err != nil {
		return err
	}
	return answer(c, user)
}

// changeUser changes a user.
//
//	@Summary		Change a user
//	@Description	Changes the members that are sent, and leaves the others. You cannot give what you do not hold, nor leave nobody who can administer the users.
//	@ID				changeUser
//	@Tags			users
//	@Accept			json
//	@Produce		json
//	@Param			username	path		string				true	"The username, in any case"
//	@Param			changes		body		models.UserChanges	true	"What changes"
//	@Success		200			{object}	models.User
//	@Failure		403			{object}	models.ErrorAnswer	"The access token does not grant the scope, or you would give what you do not hold"
//	@x-example-403	{"detail":"You cannot give what you do not hold: tokens:introspect"}
//	@Failure		404			{object}	models.ErrorAnswer	"There is no such user"
//	@x-example-404	{"detail":"User not found"}
//	@Failure		409			{object}	models.ErrorAnswer	"The email is another user's, or nobody would be left who can administer the users"
//	@x-example-409	{"detail":"This is the last administrator"}
//	@Failure		422			{object}	models.ValidationErrorAnswer	"The body does not validate"
//	@x-example-422	{"detail":[{"type":"value_error","loc":["body","scopes",0],"msg":"Value error, this service has no such scope"}]}
//	@Security		OAuth2PasswordBearer[users:write]
//	@Router			/users/{username} [patch]
func (a *api) changeUser(c *gin.Context) error {
	name, errName := respond.PathText(c, "username", "User not found")
	changes, errChanges := respond.JSON(c, accounts.UserChangesFaults)
	if err := respond.Together(errName, errChanges); err != nil {
		return err
	}
	user, err := a.accounts.ChangeUser(c.Request.Context(), actor(c), name, changes)
	if err != nil {
		return err
	}
	return answer(c, user)
}

// deleteUser removes a user.
//
//	@Summary		Delete a user
//	@Description	Deletes a user and all that is the user's. The last administrator cannot be deleted.
//	@ID				deleteUser
//	@Tags			users
//	@Produce		json
//	@Param			username	path	string	true	"The username, in any case"
//	@Success		204	"The user is gone"
//	@Failure		403	{object}	models.ErrorAnswer	"The access token does not grant the scope, or the user holds what you do not"
//	@x-example-403	{"detail":"You cannot delete somebody who holds what you do not: audit:read"}
//	@Failure		404	{object}	models.ErrorAnswer	"There is no such user"
//	@x-example-404	{"detail":"User not found"}
//	@Failure		409	{object}	models.ErrorAnswer	"Nobody would be left who can administer the users"
//	@x-example-409	{"detail":"This is the last administrator"}
//	@Security		OAuth2PasswordBearer[users:write]
//	@Router			/users/{username} [delete]
func (a *api) deleteUser(c *gin.Context) error {
	name, err := respond.PathText(c, "username", "User not found")
	if err != nil {
		return err
	}
	if err := a.accounts.DeleteUser(c.Request.Context(), actor(c), name); err != nil {
		return err
	}
	return done(c)
}
