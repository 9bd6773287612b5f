package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/internal/accounts"
	"latchkey/internal/respond"
	"latchkey/models"
)

// signUp creates an account.
//
//	@Summary		Sign up
//	@Description	Creates an account of your own. An email gets a mail with a link that verifies it; until then you log in with the username only.
//	@ID				signUp
//	@Tags			users
//	@Accept			json
//	@Produce		json
//	@Param			account	body		models.SignUp	true	"The account"
//	@Success		201		{object}	models.User
//	@Failure		403		{object}	models.ErrorAnswer	"People cannot sign up here"
//	@x-example-403	{"detail":"Registration is closed"}
//	@Failure		409		{object}	models.ErrorAnswer	"The username or the email is taken"
//	@x-example-409	{"detail":"The username is taken"}
//	@Failure		422		{object}	models.ValidationErrorAnswer	"The body does not validate"
//	@x-example-422	{"detail":[{"type":"string_too_short","loc":["body","password"],"msg":"String should have at least 8 characters"}]}
//	@Failure		429		{object}	models.ErrorAnswer	"Too many accounts from your address"
//	@Header			429		{integer}	Retry-After			"Seconds to wait before trying again"
//	@x-example-429	{"detail":"Too many attempts, try again later"}
//	@Failure		503		{object}	models.ErrorAnswer	"The database is away, or the hashing queue full"
//	@Header			503		{integer}	Retry-After			"Seconds to wait before trying again"
//	@x-example-503	{"detail":"The database is not available"}
//	@Router			/users/ [post]
func (a *api) signUp(c *gin.Context) error {
	if err := a.accounts.CheckOpen(); err != nil { // before any fault of a form that is in vain
		return err
	}
	form, err := respond.JSON(c, accounts.SignUpFaults)
	if err != nil {
		return err
	}
	user, err := a.accounts.SignUp(c.Request.Context(), form, origin(c))
	if err != nil {
		return err
	}
	c.JSON(http.StatusCreated, user)
	return nil
}

// verifyEmail proves an address.
//
//	@Summary		Verify an email
//	@Description	Proves that the mail with the token has arrived. From then on the address counts, also to log in with.
//	@ID				verifyEmail
//	@Tags			users
//	@Accept			json
//	@Produce		json
//	@Param			verification	body	models.EmailVerification	true	"The token in the mail"
//	@Success		204	"It is verified"
//	@Failure		400	{object}	models.ErrorAnswer	"The token is not good, or not any more"
//	@x-example-400	{"detail":"The token is invalid or has expired"}
//	@Failure		409	{object}	models.ErrorAnswer	"The email has become another user's"
//	@x-example-409	{"detail":"The email is taken"}
//	@Failure		503	{object}	models.ErrorAnswer	"The database is away"
//	@Header			503	{integer}	Retry-After			"Seconds to wait before trying again"
//	@x-example-503	{"detail":"The database is not available"}
//	@Router			/verify-email [post]
func (a *api) verifyEmail(c *gin.Context) error {
	form, err := respond.JSON[models.EmailVerification](c)
	if err != nil {
		return err
	}
	if err := a.accounts.VerifyEmail(c.Request.Context(), form, origin(c)); err != nil {
		return err
	}
	return done(c)
}

// recoverPassword sends a mail with which a password can be replaced.
//
//	@Summary		Recover a password
//	@Description	Sends a mail with a link to choose a new password, if there is an account with this email. The answer is the same if there is none.
//	@ID				recoverPassword
//	@Tags			users
//	@Accept			json
//	@Produce		json
//	@Param			recovery	body		models.PasswordRecovery	true	"The email of the account"
//	@Success		202			{object}	models.RecoveryAnswer
//	@Failure		429			{object}	models.ErrorAnswer	"Too many requests"
//	@Header			429			{integer}	Retry-After			"Seconds to wait before trying again"
//	@x-example-429	{"detail":"Too many attempts, try again later"}
//	@Failure		503			{object}	models.ErrorAnswer	"The database is away"
//	@Header			503			{integer}	Retry-After			"Seconds to wait before trying again"
//	@x-example-503	{"detail":"The database is not available"}
//	@Router			/password-recovery [post]
func (a *api) recoverPassword(c *gin.Context) error {
	form, err := respond.JSON(c, accounts.RecoveryFaults)
	if err != nil {
		return err
	}
	if err := a.accounts.RecoverPassword(c.Request.Context(), form, origin(c)); err != nil {
		return err
	}
	c.JSON(http.StatusAccepted, models.RecoveryAnswer{
		Detail: "If there is an account with this email, a mail with a link to choose a new password is on its way",
	})
	return nil
}

// resetPassword replaces a forgotten password.
//
//	@Summary		Reset a password
//	@Description	Replaces a forgotten password with the token of the mail, and ends all sessions.
//	@ID				resetPassword
//	@Tags			users
//	@Accept			json
//	@Produce		json
//	@Param			reset	body	models.PasswordReset	true	"The token in the mail, and the new password"
//	@Success		204	"The password is changed"
//	@Failure		400	{object}	models.ErrorAnswer				"The token is not good, or not any more"
//	@x-example-400	{"detail":"The token is invalid or has expired"}
//	@Failure		422	{object}	models.ValidationErrorAnswer	"The body does not validate"
//	@x-example-422	{"detail":[{"type":"string_too_short","loc":["body","new_password"],"msg":"String should have at least 8 characters"}]}
//	@Failure		503	{object}	models.ErrorAnswer				"The database is away, or the hashing queue full"
//	@Header			503	{integer}	Retry-After						"Seconds to wait before trying again"
//	@x-example-503	{"detail":"The database is not available"}
//	@Router			/reset-password [post]
func (a *api) resetPassword(c *gin.Context) error {
	form, err := respond.JSON(c, func(form models.PasswordReset) []models.FieldError {
		return accounts.PasswordFaults(form.NewPassword, nil)
	})
	if err != nil {
		return err
	}
	if err := a.accounts.ResetPassword(c.Request.Context(), form, origin(c)); err != nil {
		return err
	}
	return done(c)
}

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

// changeProfile changes the caller's account.
//
//	@Summary		Change your account
//	@Description	Changes the members that are sent, and leaves the others. Another email gets a mail with a link, and takes the place of the present one once it is verified; the present one is told.
//	@ID				changeProfile
//	@Tags			users
//	@Accept			json
//	@Produce		json
//	@Param			changes	body		models.ProfileChanges	true	"What changes"
//	@Success		200		{object}	models.User
//	@Failure		403		{object}	models.ErrorAnswer	"The token grants less than you hold, which is not enough to change the email"
//	@Header			403		{string}	WWW-Authenticate	"Bearer, with the scopes that are needed (RFC 6750)"
//	@x-example-403	{"detail":"Not enough permissions"}
//	@Failure		409		{object}	models.ErrorAnswer	"The email is another user's"
//	@x-example-409	{"detail":"The email is taken"}
//	@Failure		422		{object}	models.ValidationErrorAnswer	"The body does not validate"
//	@x-example-422	{"detail":[{"type":"value_error","loc":["body","email"],"msg":"Value error, that is not an email address"}]}
//	@Failure		429		{object}	models.ErrorAnswer	"Too many mails were asked for"
//	@Header			429		{integer}	Retry-After			"Seconds to wait before trying again"
//	@x-example-429	{"detail":"Too many attempts, try again later"}
//	@Security		OAuth2PasswordBearer
//	@Router			/users/me [patch]
func (a *api) changeProfile(c *gin.Context) error {
	changes, err := respond.JSON(c, accounts.ProfileFaults)
	if err != nil {
		return err
	}
	user, err := a.accounts.ChangeProfile(c.Request.Context(), actor(c), changes)
	if err != nil {
		return err
	}
	return answer(c, user)
}

// changePassword changes the caller's password.
//
//	@Summary		Change your password
//	@Description	Changes your password, and ends all of your sessions but the one you are in.
//	@ID				changePassword
//	@Tags			users
//	@Accept			json
//	@Produce		json
//	@Param			passwords	body	models.PasswordChange	true	"The present password and the new one"
//	@Success		204	"The password is changed"
//	@Failure		400	{object}	models.ErrorAnswer				"The present password is wrong, or the user is disabled"
//	@x-example-400	{"detail":"Incorrect password"}
//	@Failure		422	{object}	models.ValidationErrorAnswer	"The body does not validate"
//	@x-example-422	{"detail":[{"type":"string_too_short","loc":["body","new_password"],"msg":"String should have at least 8 characters"}]}
//	@Failure		429	{object}	models.ErrorAnswer				"Too many wrong passwords"
//	@Header			429	{integer}	Retry-After						"Seconds to wait before trying again"
//	@x-example-429	{"detail":"Too many attempts, try again later"}
//	@Security		OAuth2PasswordBearer
//	@Router			/users/me/password [put]
func (a *api) changePassword(c *gin.Context) error {
	form, err := respond.JSON(c, func(form models.PasswordChange) []models.FieldError {
		return accounts.PasswordFaults(form.NewPassword, &currentCaller(c).User)
	})
	if err != nil {
		return err
	}
	if err := a.accounts.ChangePassword(c.Request.Context(), actor(c), form); err != nil {
		return err
	}
	return done(c)
}

// deleteAccount deletes the caller's account.
//
//	@Summary		Delete your account
//	@Description	Deletes your account and all that is yours. The last administrator cannot.
//	@ID				deleteAccount
//	@Tags			users
//	@Accept			json
//	@Produce		json
//	@Param			deletion	body	models.Deletion	true	"Your password"
//	@Success		204	"The account is gone"
//	@Failure		400	{object}	models.ErrorAnswer	"The password is wrong, or the user is disabled"
//	@x-example-400	{"detail":"Incorrect password"}
//	@Failure		409	{object}	models.ErrorAnswer	"Nobody would be left who can administer the users"
//	@x-example-409	{"detail":"This is the last administrator"}
//	@Failure		429	{object}	models.ErrorAnswer	"Too many wrong passwords"
//	@Header			429	{integer}	Retry-After			"Seconds to wait before trying again"
//	@x-example-429	{"detail":"Too many attempts, try again later"}
//	@Security		OAuth2PasswordBearer
//	@Router			/users/me [delete]
func (a *api) deleteAccount(c *gin.Context) error {
	form, err := respond.JSON[models.Deletion](c)
	if err != nil {
		return err
	}
	if err := a.accounts.DeleteAccount(c.Request.Context(), actor(c), form); err != nil {
		return err
	}
	return done(c)
}
