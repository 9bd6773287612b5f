package callers_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/internal/callers"
	"latchkey/models"
)

// ledger is the changes that a database would have.
type ledger struct {
	changes []string
	gap     bool
	err     error
	reads   int
}

func (l *ledger) add(subject string) {
	l.changes = append(l.changes, subject)
}

// Changes implements callers.Changes.
func (l *ledger) Changes(_ context.Context, since string) (models.Changes, error) {
	l.reads++
	if l.err != nil {
		return models.Changes{}, l.err
	}
	after, _ := strconv.Atoi(since)
	return models.Changes{Subjects: l.changes[after:], Position: strconv.Itoa(len(l.changes)), Gap: l.gap}, nil
}

// fixture is a memory that has caught up, at a time that stands still.
type fixture struct {
	*callers.Memory
	ledger *ledger
	time   time.Time
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{ledger: &ledger{}, time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	f.Memory = callers.New(f.ledger, func() time.Time { return f.time })
	f.catchUp(t)
	return f
}

func (f *fixture) catchUp(t *testing.T) {
	t.Helper()
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// learn puts a caller whose ids are derived from the token.
func (f *fixture) learn(token string) {
	f.Put(token, &models.Caller{
		User: models.User{ID: "user of " + token}, SessionID: "session of " + token, TokenID: "id of " + token,
		ExpiresAt: f.time.Add(time.Hour),
	}, f.Mark())
}

func (f *fixture) knows(token string) bool {
	caller, ok := f.Get(token)
	return ok && caller.TokenID == "id of "+token
}

func TestWhatWasPutIsKnownUntilTheTokenExpires(t *testing.T) {
	f := newFixture(t)
	f.learn("a")
	if !f.knows("a") || f.knows("b") {
		t.Error("it knows b rather than a")
	}
	f.time = f.time.Add(time.Hour)
	f.catchUp(t)
	if f.knows("a") {
		t.Error("it knows a token that has expired")
	}
}

func TestAChangePutsItsSubjectOutOfDate(t *testing.T) {
	for _, subject := range []string{"user of a", "session of a", "id of a"} {
		f := newFixture(t)
		f.learn("a")
		f.learn("b")
		f.ledger.add(subject)
		if !f.knows("a") {
			t.Error("it did not know a before it caught up")
		}
		f.catchUp(t)
		if f.knows("a") || !f.knows("b") {
			t.Errorf("%s: knows a: %t, b: %t", subject, f.knows("a"), f.knows("b"))
		}
		f.learn("a")
		if !f.knows("a") {
			t.Error("what was learnt after the change is not known")
		}
	}
}

func TestAChangeBetweenTheAnswerAndPutCounts(t *testing.T) {
	f := newFixture(t)
	mark := f.Mark()
	f.ledger.add("user of a")
	f.catchUp(t)
	f.Put("a", &models.Caller{User: models.User{ID: "user of a"}, TokenID: "id of a", ExpiresAt: f.time.Add(time.Hour)}, mark)
	if f.knows("a") {
		t.Error("it believes what was read before the change")
	}
}

func TestNothingIsBelievedForLongerThanASecondUnread(t *testing.T) {
	f := newFixture(t)
	f.learn("a")
	f.time = f.time.Add(time.Second)
	if !f.knows("a") {
		t.Error("after a second it knows nothing")
	}
	f.time = f.time.Add(time.Nanosecond)
	if f.knows("a") {
		t.Error("after more than a second it still believes")
	}
	f.time = f.time.Add(-time.Hour) // the clock jumps back
	if f.knows("a") {
		t.Error("it believes a reading from the future")
	}
}

// TestAClockThatIsSetBack does not say how long it was silent.
func TestAClockThatIsSetBack(t *testing.T) {
	f := newFixture(t)
	f.learn("a")
	f.time = f.time.Add(-time.Hour)
	if f.knows("a") {
		t.Error("it believes what it will have read in an hour")
	}
	f.catchUp(t)
	if f.knows("a") {
		t.Error("it believes what it learnt before")
	}
	f.learn("a")
	if !f.knows("a") {
		t.Error("it learns no more")
	}
}

func TestAfterALongSilenceEverythingIsForgotten(t *testing.T) {
	f := newFixture(t)
	f.learn("a")
	f.time = f.time.Add(time.Minute)
	f.catchUp(t)
	if !f.knows("a") {
		t.Error("a silence that the changes cover made it forget")
	}
	f.time = f.time.Add(time.Minute + time.Nanosecond)
	f.catchUp(t)
	if f.knows("a") {
		t.Error("changes may have been swept in the meantime")
	}
	f.learn("a")
	if !f.knows("a") {
		t.Error("it learns nothing any more")
	}
}

func TestNothingIsBelievedWhileChangesCannotBeRead(t *testing.T) {
	f := newFixture(t)
	f.learn("a")
	f.ledger.err = errors.New("away")
	if err := f.CatchUp(t.Context()); err == nil {
		t.Error("no error")
	}
	if f.knows("a") {
		t.Error("it believes")
	}
	f.ledger.err = nil
	f.ledger.add("user of b")
	f.learn("b")
	f.catchUp(t)
	if !f.knows("a") || f.knows("b") {
		t.Errorf("once they can be read: knows a: %t, b: %t", f.knows("a"), f.knows("b"))
	}
}

func TestManyChangesAreForgottenAltogether(t *testing.T) {
	f := newFixture(t)
	f.learn("a")
	for i := range 5000 {
		f.ledger.add(fmt.Sprint(i))
	}
	f.catchUp(t)
	if f.knows("a") {
		t.Error("it keeps more changes than it has room for")
	}
	f.learn("a")
	f.ledger.add("user of a")
	f.catchUp(t)
	if f.knows("a") {
		t.Error("a change after that does not count")
	}
}

func TestAGapInTheChangesForgetsEverything(t *testing.T) {
	f := newFixture(t)
	f.learn("a")
	f.ledger.gap = true
	f.catchUp(t)
	if f.knows("a") {
		t.Error("there may have been a change that it has not read")
	}
	f.ledger.gap = false
	f.learn("a")
	if !f.knows("a") {
		t.Error("it learns nothing any more")
	}
}

func TestWatchIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		m := callers.New(l, time.Now)
		ctx, stop := context.WithCancel(t.Context())
		watching := make(chan struct{})
		go func() { defer close(watching); m.Watch(ctx) }()
		ticks := time.NewTicker(time.Millisecond)
		for range 1000 { // a change each millisecond, for a second
			<-ticks.C
			m.Changed()
		}
		ticks.Stop()
		stop()
		<-watching
		if l.reads < 40 || l.reads > 60 {
			t.Errorf("%d reads in a second of changes", l.reads)
		}
	})
}

func TestWatchReadsSeveralTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		m := callers.New(l, time.Now)
		ctx, stop := context.WithCancel(t.Context())
		watching := make(chan struct{})
		go func() { defer close(watching); m.Watch(ctx) }()
		timer := time.NewTimer(10*time.Second + time.Millisecond)
		<-timer.C
		stop()
		<-watching
		if l.reads < 30 || l.reads > 50 {
			t.Errorf("%d reads in ten seconds", l.reads)
		}
	})
}

func TestForgetCountsForWhatIsJustBeingLearnt(t *testing.T) {
	f := newFixture(t)
	mark := f.Mark()
	f.Forget()
	f.Put("a", &models.Caller{TokenID: "id of a", ExpiresAt: f.time.Add(time.Hour)}, mark)
	if f.knows("a") {
		t.Error("it believes what was verified before")
	}
	f.learn("a")
	if !f.knows("a") {
		t.Error("it learns nothing any more")
	}
}
