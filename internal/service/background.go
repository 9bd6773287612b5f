package service

import (
	"context"
	"sync"
	"time"
)

// sweepEvery is how often what has expired is removed. Nothing waits for it:
// what has expired counts for nothing, swept or not.
const sweepEvery = 10 * time.Minute

// background starts what goes on beside the requests, until wait is called.
func (s *Service) background(ctx context.Context) (wait func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var jobs sync.WaitGroup
	jobs.Go(func() { s.memory.Watch(ctx) })
	jobs.Go(func() { s.store.Listen(ctx, s.memory.Changed) })
	jobs.Go(func() { s.sweep(ctx) })
	jobs.Go(func() { s.office.Run(ctx) })
	jobs.Go(func() { s.keys.watch(ctx) })
	jobs.Go(func() { returnMemory(ctx) })
	return func() {
		cancel()
		jobs.Wait()
	}
}

// sweep removes what has expired, at once and then from time to time.
func (s *Service) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		if err := s.store.Sweep(ctx, s.settings.AuditRetention); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "what has expired was not removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
