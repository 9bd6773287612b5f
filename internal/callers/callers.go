// Package callers remembers whom access tokens stand for, so that a request
// need not verify a signature and read the database, and forgets in time: what
// the database says has changed is not believed any more.
package callers

import (
	"context"
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"latchkey/models"
)

const (
	// capacity bounds the memory, to some hundred bytes for each token. Only
	// tokens that were found good are remembered, so bad ones evict nothing.
	capacity = 128 << 10
	// pollEvery is how often changes that others made are looked for.
	pollEvery = 250 * time.Millisecond
	// believed is how old the last look may be: else nothing is believed.
	believed = time.Second
	// breather is between two looks, however many changes there are.
	breather = 20 * time.Millisecond
	// silence is how long ago it may have been for the next look to make up for
	// it. The database keeps changes for longer.
	silence = time.Minute
	// marksKept is how many changed subjects are known one by one.
	marksKept = 4096
)

// Changes is where the database says what is out of date.
type Changes interface {
	// Changes are those that were made after that position: that of an earlier
	// answer, or "".
	Changes(ctx context.Context, since string) (models.Changes, error)
}

// Memory remembers callers. It is safe for concurrent use.
type Memory struct {
	changes Changes
	now     func() time.Time
	callers *otter.Cache[key, entry]

	hits, misses atomic.Uint64

	wake chan struct{} // there may be changes

	reading  sync.Mutex // one reader of changes at a time
	position string     // of the changes that were read

	mu      sync.RWMutex
	changed map[string]int64 // the reading that had the last change of each subject
	mark    Mark
	readAt  time.Time // when the reading of changes last began that went well
	failed  bool      // the last reading did not
}

// Mark says as of when something was learnt.
type Mark struct {
	reading int64 // how many readings of changes had gone well
	epoch   int64 // how often everything had been forgotten
}

// key is the SHA-256 of a token: memory has no tokens that could be stolen.
type key [sha256.Size]byte

type entry struct {
	caller *models.Caller
	mark   Mark
}

// New makes an empty memory. It remembers once Watch runs, or CatchUp was called.
func New(changes Changes, now func() time.Time) *Memory {
	return &Memory{
		changes: changes, now: now, changed: map[string]int64{}, wake: make(chan struct{}, 1),
		callers: otter.Must(&otter.Options[key, entry]{MaximumSize: capacity}),
	}
}

// Get is the caller that a token stands for, if that is remembered, not out
// of date, and the token has not expired.
func (m *Memory) Get(token string) (*models.Caller, bool) {
	caller, ok := m.get(token)
	if ok {
		m.hits.Add(1)
	} else {
		m.misses.Add(1)
	}
	return caller, ok
}

// Stats are how often Get has found a caller and how often not, and how many
// callers are remembered, whether or not they would be believed.
func (m *Memory) Stats() (hits, misses uint64, size int) {
	return m.hits.Load(), m.misses.Load(), m.callers.EstimatedSize()
}

func (m *Memory) get(token string) (*models.Caller, bool) {
	e, ok := m.callers.GetIfPresent(sha256.Sum256([]byte(token)))
	if !ok {
		return nil, false
	}
	now := m.wallClock()
	if !now.Before(e.caller.ExpiresAt) || !m.believes(e, now) {
		return nil, false
	}
	return e.caller, true
}

// believes reports whether nothing has changed since e was learnt.
func (m *Memory) believes(e entry, now time.Time) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	age := now.Sub(m.readAt)
	return !m.failed && 0 <= age && age <= believed && e.mark.epoch == m.mark.epoch && (len(m.changed) == 0 ||
		m.unchanged(e.caller.ID, e.mark) && m.unchanged(e.caller.SessionID, e.mark) && m.unchanged(e.caller.TokenID, e.mark))
}

func (m *Memory) unchanged(subject string, since Mark) bool {
	return m.changed[subject] <= since.reading
}

// Mark is taken before the database is asked about a token, and given to Put
// with the answer: a change in between makes it out of date.
func (m *Memory) Mark() Mark {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.mark
}

// Put remembers the caller that a token stands for, as of the mark. The
// caller must not be changed from then on.
func (m *Memory) Put(token string, caller *models.Caller, mark Mark) {
	m.callers.Set(sha256.Sum256([]byte(token)), entry{caller, mark})
}

// CatchUp reads the changes that were made so far. When it has returned,
// nothing that they put out of date is believed; if it failed, nothing at all.
func (m *Memory) CatchUp(ctx context.Context) error {
	m.reading.Lock()
	defer m.reading.Unlock()
	began := m.wallClock()
	changes, err := m.changes.Changes(ctx, m.position)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failed = err != nil
	if err != nil {
		return err
	}
	// Changes may have been swept in the meantime. A clock that was set back does
	// not say how long it was.
	silent := began.Sub(m.readAt).Abs() > silence
	m.position, m.readAt = changes.Position, began
	m.learn(changes.Subjects)
	if silent || changes.Gap || len(m.changed) > marksKept {
		m.forget()
	}
	return nil
}

// wallClock is the time without a monotonic clock, which stands still while
// the machine sleeps.
func (m *Memory) wallClock() time.Time { return m.now().Round(0) }

// learn marks the subjects that have changed. Who takes a mark from now on and
// then asks the database learns what they are by now.
func (m *Memory) learn(subjects []string) {
	m.mark.reading++
	for _, subject := range subjects {
		m.changed[subject] = m.mark.reading
	}
}

// Forget believes nothing that was learnt so far: for when the keys that
// tokens were verified with are other ones.
func (m *Memory) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
}

func (m *Memory) forget() {
	m.callers.InvalidateAll()
	m.mark.epoch++
	clear(m.changed)
}

// Changed says that there may be changes: Watch looks for them at once.
func (m *Memory) Changed() {
	select {
	case m.wake <- struct{}{}:
	default: // it was said already
	}
}

// Watch looks for changes that others made, until ctx ends.
func (m *Memory) Watch(ctx context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		m.look(ctx)
		rest, done := context.WithTimeout(ctx, breather)
		<-rest.Done()
		done()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-m.wake:
		}
	}
}

// look gives up when nothing would be believed any more that it could find.
// The requests that follow ask the database, and say what is wrong with it.
func (m *Memory) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, believed)
	defer cancel()
	_ = m.CatchUp(ctx)
}
