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
	if err := s.checkEmail(ctx, actor, changes.Email.Value); err != nil {
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

// checkEmail is KindConflict if the address is another user's, and
// KindTooManyRequests if too many were tried: mails go to whomever the caller
// likes, and the answer tells whose address is taken.
func (s *Service) checkEmail(ctx context.Context, actor models.Actor, email *string) error {
	if email == nil {
		return nil
	}
	owner, err := s.cfg.Store.AccountByEmail(ctx, *email)
	taken := err == nil && owner.ID != actor.Caller.ID
	switch {
	case ignoreNotFound(err) != nil:
		return err
	case err == nil && !taken && owner.EmailVerified: // no mail is sent there
		return nil
	}
	if err := s.limitMails(ctx, *email, actor.Origin); err != nil || !taken {
		return err
	}
	return models.Conflict("The email is taken")
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
