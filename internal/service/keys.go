package service

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"latchkey/internal/tokens"
)

const (
	// keysEvery is how often the key file is looked at.
	keysEvery = time.Second
	// keysAtMost is how often tokens with unknown keys, which anyone can make,
	// get it looked at besides.
	keysAtMost = 100 * time.Millisecond
)

// newIssuer opens the signing keys, and prepares to follow them.
func (s *Service) newIssuer() (*tokens.Issuer, error) {
	path := s.settings.KeyPath()
	keys, err := tokens.OpenKeyFile(path)
	if err != nil {
		return nil, err
	}
	w := &keyWatcher{path: path, keys: keys, forget: s.memory.Forget, log: s.log, now: s.now}
	w.issuer, err = tokens.NewIssuer(tokens.Config{
		Issuer: s.URL(), Audience: s.URL(), Keys: keys, TTL: s.settings.AccessTokenTTL, Now: s.now,
		Reread: w.unknownKey,
	})
	if err != nil {
		return nil, err
	}
	w.warnExposed()
	s.keys = w
	return w.issuer, nil
}

// keyWatcher gives the issuer the keys of a file that changes. While the file
// cannot be read, the issuer keeps the keys it has.
type keyWatcher struct {
	path   string
	issuer *tokens.Issuer
	forget func() // drops what was verified with the old keys
	log    *slog.Logger
	now    func() time.Time

	mu        sync.Mutex
	keys      *tokens.KeySet // what was read last, and could be
	lookedAt  time.Time
	complaint string // what is wrong with the file, as it was logged; empty if nothing
}

// watch looks at the file until ctx ends.
func (w *keyWatcher) watch(ctx context.Context) {
	ticker := time.NewTicker(keysEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.mu.Lock()
			w.look()
			w.mu.Unlock()
		}
	}
}

// unknownKey looks at the file, unless that was done just now: another
// instance may sign with a new key already. When it returns, the keys are
// those that were in the file keysAtMost ago, or newer ones.
func (w *keyWatcher) unknownKey() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if since := w.now().Sub(w.lookedAt); since < 0 || since >= keysAtMost { // a clock may be set back
		w.look()
	}
}

// look reads the file if it has changed. What cannot be read is tried again at
// the next look, and logged when it begins.
func (w *keyWatcher) look() {
	w.lookedAt = w.now()
	keys, err := tokens.RereadKeyFile(w.path, w.keys)
	if err != nil {
		if w.complaint != err.Error() {
			w.complaint = err.Error()
			w.log.Warn("the signing keys stay as they are: the key file cannot be used", "error", err)
		}
		return
	}
	w.complaint = ""
	if keys == w.keys {
		return
	}
	w.keys = keys
	w.issuer.SetKeys(keys)
	w.forget()
	published := w.issuer.Keys().JWKS().Keys
	w.log.Info("the signing keys have changed", "signing", published[0].KeyID, "keys", len(published))
	w.warnExposed()
}

func (w *keyWatcher) warnExposed() {
	if w.keys.Exposed() {
		w.log.Warn("others than the owner can read the signing keys: chmod 600 the key file")
	}
}
