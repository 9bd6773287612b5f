package auth

import (
	"context"

	"latchkey/models"
)

// Sessions is a page of where the caller is logged in, the newest first.
func (s *Service) Sessions(ctx context.Context, caller *models.Caller, q models.PageQuery) (models.SessionPage, error) {
	page, err := s.cfg.Store.Sessions(ctx, caller.ID, q)
	for i := range page.Data {
		page.Data[i].Current = page.Data[i].ID == caller.SessionID
	}
	return page, err
}

// EndSession ends that session of the user's: its tokens open nothing from
// the next request on. It is KindNotFound if the user has no such session.
func (s *Service) EndSession(ctx context.Context, userID, id string) error {
	if err := s.cfg.Store.EndSession(ctx, userID, id); err != nil {
		return err
	}
	return s.catchUp(ctx)
}

// EndOtherSessions ends all sessions of the caller's but the one it is in.
func (s *Service) EndOtherSessions(ctx context.Context, caller *models.Caller) error {
	if err := s.cfg.Store.EndOtherSessions(ctx, caller.ID, caller.SessionID); err != nil {
		return err
	}
	return s.catchUp(ctx)
}

// catchUp makes an end that was written count at the next request. It does so
// too when its sender has left: a reading that is broken off would have the
// memory believe nothing for a while, and anyone can leave.
func (s *Service) catchUp(ctx context.Context) error {
	return s.cfg.Memory.CatchUp(context.WithoutCancel(ctx))
}
