package accounts

import (
	"errors"
	"slices"

	"latchkey/internal/rules"
	"latchkey/models"
)

// form gathers the faults of a body, and makes its members what is kept.
type form struct{ faults []models.FieldError }

// fault notes what is wrong with the member at that place in the body.
func (f *form) fault(err error, loc ...any) {
	if err == nil {
		return
	}
	fault := models.FieldError{Type: "value_error", Loc: append([]any{"body"}, loc...), Msg: "Value error, " + err.Error()}
	if broken, ok := errors.AsType[*rules.Fault](err); ok {
		fault.Type, fault.Msg = broken.Type, broken.Msg
	}
	f.faults = append(f.faults, fault)
}

// keep makes the text at that place what is kept of it; null stays.
func (f *form) keep(text *string, rule func(string) (string, error), name string) {
	if text == nil {
		return
	}
	kept, err := rule(*text)
	f.fault(err, name)
	if err == nil {
		*text = kept
	}
}

// optional is what to keep of a member that may be absent or null.
func (f *form) optional(member *models.Optional[*string], rule func(string) (string, error), name string) {
	if member.Set {
		member.Value = f.keepCopy(member.Value, rule, name)
	}
}

// keepCopy is keep, on a copy: forms are checked before they are used.
func (f *form) keepCopy(text *string, rule func(string) (string, error), name string) *string {
	if text == nil {
		return nil
	}
	copied := *text
	f.keep(&copied, rule, name)
	return &copied
}

// noneIfEmpty is what a field of a web form that was left empty means.
func noneIfEmpty(text *string) *string {
	if text != nil && *text == "" {
		return nil
	}
	return text
}

func (f *form) err() error {
	if len(f.faults) == 0 {
		return nil
	}
	return models.Invalid(f.faults...)
}

// signUp is the form as it is kept, with its faults.
func signUp(sent models.SignUp) (models.SignUp, form) {
	var f form
	f.keep(&sent.Username, signUpName, "username")
	email := ""
	if sent.Email = f.keepCopy(noneIfEmpty(sent.Email), rules.Email, "email"); sent.Email != nil {
		email = *sent.Email
	}
	sent.FullName = f.keepCopy(noneIfEmpty(sent.FullName), rules.FullName, "full_name")
	f.fault(rules.Password(sent.Password, sent.Username, email), "password")
	return sent, f
}

func signUpName(name string) (string, error) {
	kept, err := rules.Username(name)
	if err != nil {
		return "", err
	}
	return kept, rules.SignUpName(name)
}

// SignUpFaults are all faults of the form.
func SignUpFaults(sent models.SignUp) []models.FieldError {
	_, f := signUp(sent)
	return f.faults
}

func profile(sent models.ProfileChanges) (models.ProfileChanges, form) {
	var f form
	f.optional(&sent.Email, rules.Email, "email")
	sent.FullName.Value = noneIfEmpty(sent.FullName.Value)
	f.optional(&sent.FullName, rules.FullName, "full_name")
	return sent, f
}

// ProfileFaults are all faults of the form.
func ProfileFaults(sent models.ProfileChanges) []models.FieldError {
	_, f := profile(sent)
	return f.faults
}

func userChanges(sent models.UserChanges) (models.UserChanges, form) {
	var f form
	f.optional(&sent.Email, rules.Email, "email")
	sent.FullName.Value = noneIfEmpty(sent.FullName.Value)
	f.optional(&sent.FullName, rules.FullName, "full_name")
	for i, scope := range sent.Scopes.Value {
		if !models.ScopeDeclared(scope) {
			f.fault(errors.New("this service has no such scope"), "scopes", i)
		}
	}
	sent.Scopes.Value = unique(sent.Scopes.Value)
	return sent, f
}

// UserChangesFaults are all faults of the form.
func UserChangesFaults(sent models.UserChanges) []models.FieldError {
	_, f := userChanges(sent)
	return f.faults
}

// PasswordFaults are the faults of a user's new password; the user may be nil.
func PasswordFaults(newPassword string, user *models.User) []models.FieldError {
	var f form
	var about []string
	if user != nil {
		about = append(about, user.Username)
	}
	if user != nil && user.Email != nil {
		about = append(about, *user.Email)
	}
	f.fault(rules.Password(newPassword, about...), "new_password")
	return f.faults
}

func recovery(sent models.PasswordRecovery) (models.PasswordRecovery, form) {
	var f form
	f.keep(&sent.Email, rules.Email, "email")
	return sent, f
}

// RecoveryFaults are all faults of the form.
func RecoveryFaults(sent models.PasswordRecovery) []models.FieldError {
	_, f := recovery(sent)
	return f.faults
}

// invalidToken answers a token of a mail that was used, has expired, or never was.
func invalidToken(err error) error {
	if models.KindOf(err) != models.KindNotFound {
		return err
	}
	return &models.Error{Kind: models.KindBadRequest, Detail: "The token is invalid or has expired", Cause: err}
}

// unique are the values, each once.
func unique(values []string) []string {
	var once []string
	for _, v := range values {
		if !slices.Contains(once, v) {
			once = append(once, v)
		}
	}
	return once
}
