package accounts

import (
	"context"
	"errors"
	"slices"
	"strings"

	"latchkey/models"
)

// Users is a page of the users, in the order of their names.
func (s *Service) Users(ctx context.Context, q models.UserQuery) (models.UserPage, error) {
	return s.cfg.Store.Users(ctx, q)
}

// User is the user of that name; KindNotFound if there is none.
func (s *Service) User(ctx context.Context, username string) (models.User, error) {
	account, err := s.cfg.Store.AccountByUsername(ctx, username)
	return account.User, err
}

// ChangeUser lets an administrator change a user. It is KindForbidden to give
// what the administrator does not hold, be it by a scope or by the address
// with which the account can be recovered, and KindConflict if nobody is left
// who can administer.
func (s *Service) ChangeUser(ctx context.Context, actor models.Actor, username string, sent models.UserChanges) (models.User, error) {
	changes, faults := userChanges(sent)
	if err := faults.err(); err != nil {
		return models.User{}, err
	}
	return s.change(ctx, username, func(before models.User) (models.User, models.Trail, error) {
		if err := mayChange(actor, before, changes); err != nil {
			return models.User{}, models.Trail{}, err
		}
		after, trail := changeUser(actor, before, changes)
		return after, trail, nil
	})
}

// mayChange says why the administrator may not make these changes.
func mayChange(actor models.Actor, user models.User, changes models.UserChanges) error {
	given := missingFrom(missingFrom(changes.Scopes.Value, user.Scopes), actor.Caller.Scopes)
	if len(given) > 0 {
		return &models.Error{Kind: models.KindForbidden, Detail: "You cannot give what you do not hold: " + strings.Join(given, " ")}
	}
	var errs []error
	if changes.Email.Set && !sameEmail(changes.Email.Value, user.Email) {
		errs = append(errs, refuse("change the email of", missingFrom(models.Declared(user.Scopes), actor.Caller.Scopes)))
	}
	if changes.Disabled.Set && user.Disabled && !changes.Disabled.Value {
		errs = append(errs, refuse("enable", strength(actor, user)))
	}
	if changes.Scopes.Set {
		errs = append(errs, refuse("take scopes from", missingFrom(strength(actor, user), changes.Scopes.Value)))
	}
	return errors.Join(errs...)
}

// strength are the scopes of a user which the administrator does not hold, but
// for those that everybody gets who signs up.
func strength(actor models.Actor, user models.User) []string {
	return missingFrom(missingFrom(models.Declared(user.Scopes), actor.Caller.Scopes), models.DefaultScopes())
}

// refuse is nil if there is nothing that the administrator does not hold.
func refuse(what string, missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	return &models.Error{
		Kind:   models.KindForbidden,
		Detail: "You cannot " + what + " somebody who holds what you do not: " + strings.Join(missing, " "),
	}
}

// missingFrom are those of a that are not in b.
func missingFrom(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func changeUser(actor models.Actor, before models.User, changes models.UserChanges) (models.User, models.Trail) {
	after := before
	var trail models.Trail
	note := func(kind models.EventKind, detail string, mails ...models.NewMail) {
		more := by(actor, kind, before, detail, mails...)
		trail.Events, trail.Mails = append(trail.Events, more.Events...), append(trail.Mails, more.Mails...)
	}
	if changes.Disabled.Set && changes.Disabled.Value != before.Disabled {
		after.Disabled = changes.Disabled.Value
		kind := models.EventUserEnabled
		if after.Disabled {
			kind = models.EventUserDisabled
		}
		note(kind, "")
	}
	if changes.Scopes.Set && !slices.Equal(changes.Scopes.Value, before.Scopes) {
		after.Scopes = changes.Scopes.Value
		note(models.EventScopesChanged, strings.Join(after.Scopes, " "))
	}
	if changes.FullName.Set && text(changes.FullName.Value) != text(before.FullName) {
		after.FullName = changes.FullName.Value
		note(models.EventUserChanged, "full_name")
	}
	if changes.Email.Set && !sameEmail(changes.Email.Value, before.Email) {
		after.Email, after.EmailVerified, after.PendingEmail = changes.Email.Value, false, nil
		mails := notice(before)
		if after.Email != nil {
			mails = append(mails, models.NewMail{Kind: models.MailVerifyEmail, To: *after.Email})
		}
		note(models.EventUserChanged, "email", mails...)
	}
	return after, trail
}

// DeleteUser lets an administrator delete a user. It is KindForbidden if the
// user is stronger, and KindConflict if nobody is left who can administer the
// others.
func (s *Service) DeleteUser(ctx context.Context, actor models.Actor, username string) error {
	account, err := s.cfg.Store.AccountByUsername(ctx, username)
	if err != nil {
		return err
	}
	if err := refuse("delete", strength(actor, account.User)); err != nil {
		return err
	}
	return s.delete(ctx, actor, account.User)
}

// Events is a page of the audit trail, the newest first.
func (s *Service) Events(ctx context.Context, q models.EventQuery) (models.EventPage, error) {
	return s.cfg.Store.Events(ctx, q)
}
