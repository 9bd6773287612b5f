package accounts

import (
	"context"

	"latchkey/models"
)

// ChangeProfile changes the caller's own account. Another address does not
// count before it is verified, and the present one is told of it.
func (s *Service) ChangeProfile(ctx context.Context, actor models.Actor, sent models.ProfileChanges) (models.User, error) {
	changes, faults := profile(sent)
	if err := faults.err(); err != nil {
		return models.User{}, err
	}
	if changes.Email.Set {
		if err := s.checkEmail(ctx, actor, changes.Email.Value); err != nil {
			return models.User{}, err
		}
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
	if changes.FullName.Set && text(changes.FullName.Value) != text(before.FullName) {
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

// checkEmail says why the caller cannot take that address: it is another
// user's, too many were asked for, for mails go to whomever the caller likes,
// or the token does not grant all that the caller holds. An address is good to
// recover the account with, and a token must not get its bearer more than it grants.
func (s *Service) checkEmail(ctx context.Context, actor models.Actor, email *string) error {
	if missing := missingFrom(models.Declared(actor.Caller.User.Scopes), actor.Caller.Scopes); len(missing) > 0 {
		return models.InsufficientScope(models.Declared(actor.Caller.User.Scopes))
	}
	if email == nil || sameEmail(email, actor.Caller.Email) && actor.Caller.EmailVerified {
		return nil
	}
	if err := s.limitMails(ctx, *email, actor.Origin); err != nil {
		return err
	}
	other, err := s.cfg.Store.AccountByEmail(ctx, *email)
	if err == nil && other.ID != actor.Caller.ID {
		return models.Conflict("The email is taken")
	}
	return ignoreNotFound(err)
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
