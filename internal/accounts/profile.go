package accounts

import (
	"context"
	"slices"
	"strings"

	"latchkey/models"
)

// ChangeProfile changes the caller's own account. Another address does not
// count before it is verified, and the present one is told of it.
func (s *Service) ChangeProfile(ctx context.Context, actor models.Actor, sent models.ProfileChanges) (models.User, error) {
	changes, faults := profile(sent)
	if err := faults.err(); err != nil {
		return models.User{}, err
	}
	if err := s.checkEmailFree(ctx, changes.Email.Value, actor.Caller.User); err != nil {
		return models.User{}, err
	}
	user, err := s.change(ctx, actor.Caller.Username, func(before models.User) (models.User, models.Trail, error) {
		if before.ID != actor.Caller.ID { // deleted, and the name taken by another
			return models.User{}, models.Trail{}, models.NotFound("User not found")
		}
		after, trail := changeProfile(actor, before, changes)
		return after, trail, nil
	})
	return user, goneCaller(err)
}

func changeProfile(actor models.Actor, before models.User, changes models.ProfileChanges) (models.User, models.Trail) {
	after := before
	var trail models.Trail
	if changes.FullName.Set {
		after.FullName = changes.FullName.Value
		trail = by(actor, models.EventUserChanged, before, "full_name")
	}
	if changes.Email.Set {
		var more models.Trail
		after, more = changeEmail(actor, after, changes.Email.Value)
		trail = models.Trail{Events: append(trail.Events, more.Events...), Mails: more.Mails}
	}
	return after, trail
}

// changeEmail makes an address the pending one, or takes the present one away.
func changeEmail(actor models.Actor, user models.User, email *string) (models.User, models.Trail) {
	switch {
	case email == nil:
		told := notice(user)
		user.Email, user.EmailVerified, user.PendingEmail = nil, false, nil
		return user, by(actor, models.EventUserChanged, user, "email", told...)
	case sameEmail(email, user.Email) && user.EmailVerified:
		user.PendingEmail = nil
		return user, models.Trail{}
	case sameEmail(email, user.Email):
		user.PendingEmail = nil
		return user, by(actor, models.EventEmailChangeRequested, user, "", models.NewMail{Kind: models.MailVerifyEmail, To: *user.Email})
	default:
		user.PendingEmail = email
		return user, by(actor, models.EventEmailChangeRequested, user, "",
			append(notice(user), models.NewMail{Kind: models.MailVerifyEmail, To: *email})...)
	}
}

// notice tells the present address that another is to take its place.
func notice(user models.User) []models.NewMail {
	if user.Email == nil {
		return nil
	}
	return []models.NewMail{{Kind: models.MailEmailChange, To: *user.Email}}
}

// checkEmailFree is KindConflict if the address is another user's.
func (s *Service) checkEmailFree(ctx context.Context, email *string, user models.User) error {
	if email == nil {
		return nil
	}
	other, err := s.cfg.Store.AccountByEmail(ctx, *email)
	if err == nil && other.ID != user.ID {
		return models.Conflict("The email is taken")
	}
	return ignoreNotFound(err)
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
	taken := missingFrom(user.Scopes, actor.Caller.Scopes)
	if changes.Email.Set && !sameEmail(changes.Email.Value, user.Email) && len(taken) > 0 {
		return &models.Error{
			Kind:   models.KindForbidden,
			Detail: "You cannot change the email of somebody who holds what you do not: " + strings.Join(taken, " "),
		}
	}
	return nil
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
	if changes.Scopes.Set {
		after.Scopes = changes.Scopes.Value
		note(models.EventScopesChanged, strings.Join(after.Scopes, " "))
	}
	if changes.FullName.Set {
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

// change changes a user so that it counts at the next request.
func (s *Service) change(ctx context.Context, username string,
	change func(models.User) (models.User, models.Trail, error),
) (models.User, error) {
	user, err := s.cfg.Store.ChangeUser(ctx, username, true, change)
	if err != nil {
		return models.User{}, err
	}
	s.cfg.Mailed()
	return user, s.cfg.Auth.CatchUp(ctx)
}

// goneCaller answers a caller who was deleted in the meantime.
func goneCaller(err error) error {
	if models.KindOf(err) == models.KindNotFound {
		return models.InvalidToken("The access token is invalid", err)
	}
	return err
}
