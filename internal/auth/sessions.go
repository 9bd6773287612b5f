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

// EndSession ends that session of the caller's: its tokens open nothing from
// the next request on. It is KindNotFound if the caller has no such session.
func (s *Service) EndSession(ctx context.Context, actor models.Actor, id string) error {
	ended := actor.Did(models.EventSessionEnded, actor.Caller.User)
	ended.SessionID = id
	return s.endSession(ctx, actor.Caller.ID, id, models.Trail{Events: []models.NewEvent{ended}})
}

func (s *Service) endSession(ctx context.Context, userID, id string, t models.Trail) error {
	if err := s.cfg.Store.EndSession(ctx, userID, id, t); err != nil {
		return err
	}
	return s.CatchUp(ctx)
}

// EndOtherSessions ends all sessions of the caller's but the one it is in.
func (s *Service) EndOtherSessions(ctx context.Context, actor models.Actor) error {
	trail := models.Trail{Events: []models.NewEvent{actor.Did(models.EventOtherSessionsEnded, actor.Caller.User)}}
	if err := s.cfg.Store.EndOtherSessions(ctx, actor.Caller.ID, actor.Caller.SessionID, trail); err != nil {
		return err
	}
	return s.CatchUp(ctx)
}

// CatchUp makes a change that was written count at the next request. It does so
// too when its sender has left: a reading that is broken off would have the
// memory believe nothing for a while, and anyone can leave.
func (s *Service) CatchUp(ctx context.Context) error {
	return s.cfg.Memory.CatchUp(context.WithoutCancel(ctx))
}
