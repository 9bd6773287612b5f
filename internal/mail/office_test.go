package mail_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/internal/mail"
	"latchkey/models"
)

func accept(context.Context, mail.Message) error { return nil }

// take is a Sender's work that takes that long.
func take(d time.Duration, err error) func(ctx context.Context, m mail.Message) error {
	return func(ctx context.Context, _ mail.Message) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return err
		}
	}
}

func equal(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("sent %v, not %v", got, want)
	}
}

func TestWhatWaitsIsSentAtOnceAndOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add(mailTo("a"), mailTo("b"))
		b := work(t, q, accept)
		equal(t, b.after(25*time.Millisecond), "a 0s", "b 25ms") // at its pace
		if q.len() != 0 {
			t.Error("mails stayed in the queue")
		}
		if sent := b.after(2 * time.Hour); len(sent) != 2 {
			t.Errorf("sent %v", sent)
		}
		if b.log.count("secret") != 0 || b.log.count("example.com") != 0 || b.log.count("a mail was sent") != 2 {
			t.Errorf("log:\n%s", &b.log.lines)
		}
	})
}

func TestWakeAndPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		b := work(t, q, accept)
		b.after(500 * time.Millisecond)
		q.add(mailTo("a"))
		for range 10 {
			b.Wake() // never blocks
		}
		equal(t, b.after(500*time.Millisecond), "a 500ms")
		b.after(530 * time.Millisecond) // until it has looked once more
		q.add(mailTo("b"))              // by another instance
		equal(t, b.after(time.Second), "a 500ms", "b 1s")
	})
}

func TestFourAtOnceInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		for i, id := range []string{"f", "e", "d", "c", "b", "a"} {
			m := mailTo(id)
			m.CreatedAt = time.Now().Add(time.Duration(i-10) * time.Minute)
			q.add(m)
		}
		b := work(t, q, take(3*time.Second, nil))
		sent := b.after(2 * time.Second)
		slices.Sort(sent)
		equal(t, sent, "c 75ms", "d 50ms", "e 25ms", "f 0s")
		sent = b.after(4 * time.Second)[4:]
		slices.Sort(sent)
		equal(t, sent, "a 3.025s", "b 3s")
	})
}

func TestRetryWithGrowingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add(mailTo("a"))
		b := work(t, q, func(context.Context, mail.Message) error { return errors.New("server away") })
		equal(t, b.after(2*time.Hour+22*time.Minute),
			"a 0s", "a 5s", "a 20s", "a 1m20s", "a 6m20s", "a 21m20s", "a 1h21m20s", "a 2h21m20s")
		last := b.after(24*time.Hour + 30*time.Minute)
		if last[len(last)-1] != "a 23h21m20s" || q.len() != 0 || b.log.count("given up") != 1 {
			t.Errorf("last: %s, %d in the queue, log:\n%s", last[len(last)-1], q.len(), &b.log.lines)
		}
	})
}

func TestGiveUpAResetSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		m := mailTo("a")
		m.Kind = models.MailResetPassword
		q.add(m)
		b := work(t, q, func(context.Context, mail.Message) error { return errors.New("server away") })
		equal(t, b.after(3*time.Hour), "a 0s", "a 5s", "a 20s", "a 1m20s", "a 6m20s", "a 21m20s")
		if q.len() != 0 || b.log.count("given up") != 1 || b.log.count("kind=reset_password mail=a") == 0 {
			t.Errorf("%d in the queue, log:\n%s", q.len(), &b.log.lines)
		}
	})
}

func TestGiveUpWhatIsRefusedForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add(mailTo("a"), models.Mail{ID: "nobody", NewMail: models.NewMail{Kind: models.MailResetPassword}})
		b := work(t, q, func(context.Context, mail.Message) error { return mail.Refusal(errors.New("no such user")) })
		equal(t, b.after(time.Hour), "a 0s")
		if q.len() != 0 || b.log.count("given up") != 1 {
			t.Errorf("%d in the queue, log:\n%s", q.len(), &b.log.lines)
		}
	})
}

func TestKeepTheClaimWhileSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add(mailTo("a"))
		b := work(t, q, take(29*time.Second, nil))
		other := work(t, q, accept) // another instance
		equal(t, b.after(time.Minute), "a 0s")
		equal(t, other.after(time.Minute))
		if q.len() != 0 || q.kept != 7 {
			t.Errorf("%d in the queue, renewed %d times", q.len(), q.kept)
		}
	})
}

// A process that is killed: its claim ends.
func TestTakeOverWhatAnotherLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add(mailTo("a"))
		if _, err := q.ClaimMail(t.Context(), 12*time.Second); err != nil {
			t.Fatal(err)
		}
		b := work(t, q, accept)
		equal(t, b.after(time.Minute), "a 12s")
	})
}

func TestStopSendingWhenTheClaimIsAnothers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add(mailTo("a"))
		var cut atomic.Bool
		b := work(t, q, func(ctx context.Context, _ mail.Message) error {
			<-ctx.Done()
			cut.Store(true)
			return ctx.Err()
		})
		q.mu.Lock()
		q.mails[0].Attempt++
		q.mails[0].due = time.Now().Add(24 * time.Hour)
		q.mu.Unlock()
		b.after(3 * time.Second)
		if cut.Load() {
			t.Error("ended too soon")
		}
		equal(t, b.after(time.Minute), "a 0s")
		if !cut.Load() || q.len() != 1 || q.mails[0].due.Sub(b.start) != 24*time.Hour {
			t.Errorf("cut off: %v, queue: %v", cut.Load(), q.mails)
		}
	})
}

// A database that is away for as long as a claim lasts: another may have it.
func TestStopSendingBeforeTheClaimEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add(mailTo("a"))
		var cut atomic.Int64
		b := work(t, q, func(ctx context.Context, _ mail.Message) error {
			start := time.Now()
			<-ctx.Done()
			cut.Store(int64(time.Since(start)))
			return ctx.Err()
		})
		q.setAway(true)
		b.after(time.Minute)
		if d := time.Duration(cut.Load()); d < 4*time.Second || d >= 12*time.Second {
			t.Errorf("cut off after %s", d)
		}
	})
}

func TestDatabaseAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{away: true}
		q.add(mailTo("a"))
		b := work(t, q, take(2*time.Second, nil))
		equal(t, b.after(time.Minute+500*time.Millisecond))
		if b.log.count("cannot be reached") != 1 {
			t.Errorf("log:\n%s", &b.log.lines)
		}
		q.setAway(false)
		equal(t, b.after(62*time.Second), "a 1m1s")
		if b.log.count("can be reached again") != 1 {
			t.Errorf("log:\n%s", &b.log.lines)
		}
		// It is away again when the mail was sent, for a long time: yet it is not sent again.
		q.setAway(true)
		b.after(time.Hour)
		q.setAway(false)
		equal(t, b.after(time.Hour+time.Minute), "a 1m1s")
		if q.len() != 0 || b.log.count("cannot be reached") != 2 {
			t.Errorf("%d in the queue, log:\n%s", q.len(), &b.log.lines)
		}
	})
}

func TestStopLetsAConversationEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add(mailTo("a"))
		b := work(t, q, take(8*time.Second, nil))
		q.add(mailTo("b"))
		b.stop()
		equal(t, b.after(time.Minute), "a 0s")
		if q.len() != 1 || q.mails[0].ID != "b" {
			t.Errorf("queue: %v", q.mails)
		}
	})
}

func TestStopDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add(mailTo("a"))
		b := work(t, q, take(30*time.Second, nil))
		b.stop()
		if d := time.Since(b.start); d != 10*time.Second {
			t.Errorf("stopped after %s", d)
		}
		// The next one begins with it at once.
		next := work(t, q, accept)
		equal(t, next.after(0), "a 0s")
		if b.log.count("put back") != 1 {
			t.Errorf("log:\n%s", &b.log.lines)
		}
	})
}

// The database is away as well.
func TestStopWithoutDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add(mailTo("a"))
		b := work(t, q, take(time.Second, nil))
		q.setAway(true)
		b.stop()
		if d := time.Since(b.start); d > 10*time.Second {
			t.Errorf("stopped after %s", d)
		}
	})
}

// A retry must not be overtaken by a renewal of the claim.
func TestRenewalDoesNotShortenAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		m := mailTo("a")
		m.Attempt = 9
		q.add(m)
		b := work(t, q, take(4*time.Second, errors.New("server away"))) // when a renewal is due
		equal(t, b.after(30*time.Minute), "a 0s")
	})
}
