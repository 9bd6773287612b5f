package models

// SignUp is the body with which people create an account of their own. What
// the members may be made of is said by internal/rules.
type SignUp struct {
	// Username has letters, digits and . _ - + ' only, and is unique without regard to case.
	Username string `json:"username" validate:"required" minLength:"1" maxLength:"64" example:"ada"`
	// Password may be made of any characters, in at most 1,024 bytes of UTF-8. It must not be a common one, nor the username or the email.
	Password string `json:"password" validate:"required" format:"password" minLength:"8" maxLength:"1024" example:"correct horse battery"`
	// Email gets a mail with a link that verifies it. Without an email, a forgotten password cannot be recovered.
	Email    *string `json:"email" extensions:"x-nullable" format:"email" maxLength:"254" example:"ada@example.com"`
	FullName *string `json:"full_name" extensions:"x-nullable" maxLength:"200" example:"Ada Lovelace"`
}

// ProfileChanges is the body with which users change their own account; what
// is absent stays.
type ProfileChanges struct {
	// Email takes the place of the present one once it has been verified. Null removes the present one at once; sending the
	// present one again sends its verification again, or calls off a change that is pending.
	Email    Optional[*string] `json:"email" swaggertype:"string" extensions:"x-nullable" format:"email" maxLength:"254" example:"ada@example.org"`
	FullName Optional[*string] `json:"full_name" swaggertype:"string" extensions:"x-nullable" maxLength:"200" example:"Ada King"`
}

// PasswordChange is the body with which users change their password.
type PasswordChange struct {
	CurrentPassword string `json:"current_password" validate:"required" format:"password" example:"correct horse battery"`
	// NewPassword may be made of any characters, in at most 1,024 bytes of UTF-8. It must not be a common one, nor the username or the email.
	NewPassword string `json:"new_password" validate:"required" format:"password" minLength:"8" maxLength:"1024" example:"violet otter staple"`
}

// Deletion is the body with which users delete their own account.
type Deletion struct {
	Password string `json:"password" validate:"required" format:"password" example:"correct horse battery"`
}

// PasswordRecovery is the body that asks for a mail with which a forgotten
// password can be replaced.
type PasswordRecovery struct {
	Email string `json:"email" validate:"required" format:"email" maxLength:"254" example:"ada@example.com"`
}

// PasswordReset is the body that replaces a forgotten password.
type PasswordReset struct {
	// Token is from the link in the mail. It works once, and for an hour.
	Token string `json:"token" validate:"required" format:"password" example:"bPzB6cmOErZ7G2nnAhyPZCpoAEOJ0EtHIbpn6FiiV1c"`
	// NewPassword may be made of any characters, in at most 1,024 bytes of UTF-8. It must not be a common one, nor the username or the email.
	NewPassword string `json:"new_password" validate:"required" format:"password" minLength:"8" maxLength:"1024" example:"violet otter staple"`
}

// EmailVerification is the body that proves an address.
type EmailVerification struct {
	// Token is from the link in the mail. It works once, and for a day.
	Token string `json:"token" validate:"required" format:"password" example:"bPzB6cmOErZ7G2nnAhyPZCpoAEOJ0EtHIbpn6FiiV1c"`
}

// UserChanges is the body with which an administrator changes a user; what is
// absent stays.
type UserChanges struct {
	Disabled Optional[bool] `json:"disabled" swaggertype:"boolean" example:"true"`
	// Scopes take the place of all that the user has.
	Scopes   Optional[[]string] `json:"scopes" swaggertype:"array,string" example:"items:read,items:write"`
	FullName Optional[*string]  `json:"full_name" swaggertype:"string" extensions:"x-nullable" maxLength:"200" example:"Ada King"`
	// Email takes the place of the present one at once, and counts as not verified.
	Email Optional[*string] `json:"email" swaggertype:"string" extensions:"x-nullable" format:"email" maxLength:"254" example:"ada@example.org"`
}

// RecoveryAnswer is the same whether the address is known or not.
type RecoveryAnswer struct {
	Detail string `json:"detail" validate:"required" example:"If there is an account with this email, a mail with a link to choose a new password is on its way"`
}

// NewPassword is the hash that takes the place of another.
type NewPassword struct {
	From, To string
	// KeepSession is the session that goes on; empty for none.
	KeepSession string
}
