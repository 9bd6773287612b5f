package accounts

import (
	"context"

	"latchkey/models"
)

// ChangePassword changes the caller's password and ends all sessions but the
// caller's own. A wrong current password counts as a refused login does.
func (s *Service) ChangePassword(ctx context.Context, actor models.Actor, form models.PasswordChange) error {
	if faults := PasswordFaults(form.NewPassword, &actor.Caller.User); len(faults) > 0 {
		return models.Invalid(faults...)
	}
	err := s.changePassword(ctx, actor, form)
	if models.KindOf(err) == models.KindNotFound { // somebody has just changed the password, or a login renewed its hash
		err = s.changePassword(ctx, actor, form)
	}
	if models.KindOf(err) == models.KindNotFound {
		return wrongPassword()
	}
	if err != nil {
		return err
	}
	s.cfg.Mailed()
	return s.cfg.Auth.CatchUp(ctx)
}

// changePassword is KindNotFound if the hash of the present password is not the
// one any more that it was verified by.
func (s *Service) changePassword(ctx context.Context, actor models.Actor, form models.PasswordChange) error {
	account, err := s.confirm(ctx, actor, form.CurrentPassword)
	if err != nil {
		return err
	}
	hash, err := s.cfg.Auth.HashPassword(ctx, form.NewPassword)
	if err != nil {
		return err
	}
	return s.cfg.Store.ChangePassword(ctx, account.ID, models.NewPassword{
		From: account.HashedPassword, To: hash, KeepSession: actor.Caller.SessionID,
	}, by(actor, models.EventPasswordChanged, account.User, "", passwordNotice(account.User)...))
}

// DeleteAccount deletes the caller's own account. It is KindConflict if nobody
// is left who can administer the others.
func (s *Service) DeleteAccount(ctx context.Context, actor models.Actor, form models.Deletion) error {
	account, err := s.confirm(ctx, actor, form.Password)
	if err != nil {
		return err
	}
	return goneCaller(s.delete(ctx, actor, account.User))
}

func (s *Service) delete(ctx context.Context, actor models.Actor, user models.User) error {
	if err := s.cfg.Store.DeleteUser(ctx, user.ID, true, by(actor, models.EventUserDeleted, user, "")); err != nil {
		return err
	}
	return s.cfg.Auth.CatchUp(ctx)
}

// confirm has the caller's password checked, as a login would.
func (s *Service) confirm(ctx context.Context, actor models.Actor, password string) (models.Account, error) {
	account, err := s.cfg.Auth.CheckLogin(ctx, actor.Caller.Username, password, actor.Origin, func(account models.Account) models.NewEvent {
		return actor.Did(models.EventPasswordRefused, account.User)
	})
	if err == nil && account.ID != actor.Caller.ID { // deleted, and the name taken by another
		return models.Account{}, goneCaller(models.NotFound("User not found"))
	}
	if models.KindOf(err) == models.KindBadRequest {
		return models.Account{}, wrongPassword()
	}
	return account, err
}

func wrongPassword() error {
	return &models.Error{Kind: models.KindBadRequest, Detail: "Incorrect password"}
}

// passwordNotice tells the user that the password was changed.
func passwordNotice(user models.User) []models.NewMail {
	if user.Email == nil {
		return nil
	}
	return []models.NewMail{{Kind: models.MailPasswordChanged, To: *user.Email}}
}
