package mail

import (
	"context"
	"errors"
	"time"

	"latchkey/models"
)

const (
	// deliveryTimeout is for composing and sending a mail, whatever the Sender.
	deliveryTimeout = conversationTimeout + acceptanceTimeout + time.Minute
	// removeEvery is how long to wait before a mail that was sent is tried to be
	// taken out of the queue again.
	removeEvery = time.Second
)

// What became of an attempt to send a mail.
const (
	sent    = "sent"
	putOff  = "put_off"
	givenUp = "given_up"
)

// errClaimLost ends the sending of a mail that another may be sending.
var errClaimLost = errors.New("the claim to the mail was lost")

// patience is how old a mail of that kind may get until it is of no use.
func patience(kind models.MailKind) time.Duration {
	if kind == models.MailResetPassword {
		return time.Hour // whoever waits for it has asked for another by then
	}
	return 24 * time.Hour
}

// pause is how long to wait after that many attempts.
func pause(attempts int) time.Duration {
	pauses := []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}
	if attempts > len(pauses) {
		return time.Hour
	}
	return pauses[max(attempts, 1)-1]
}

// deliver brings a claimed mail to the end of this attempt. If ctx ends, it
// cuts the attempt off and gives the mail back.
func (o *Office) deliver(ctx context.Context, m models.Mail) {
	sending, release := o.keep(ctx, m)
	defer release()
	giveBack := func(after time.Duration) {
		release() // or a renewal would undo it
		o.retry(ctx, m, after)
	}
	log := o.Log.With("kind", m.Kind, "mail", m.ID, "attempt", m.Attempt)
	if o.Now().Sub(m.CreatedAt) > patience(m.Kind) {
		log.WarnContext(ctx, "a mail was given up: it is too old")
		o.Count(givenUp)
		o.remove(ctx, m)
		return
	}
	err := o.send(sending, m)
	switch {
	case err == nil:
		o.remove(ctx, m)
		log.InfoContext(ctx, "a mail was sent")
		o.Count(sent)
	case models.KindOf(err) == models.KindNotFound:
		log.DebugContext(ctx, "a mail has nobody to go to")
		o.remove(ctx, m)
	case Permanent(err):
		log.WarnContext(ctx, "a mail was given up: it was refused for good", "error", err)
		o.Count(givenUp)
		o.remove(ctx, m)
	case errors.Is(context.Cause(sending), errClaimLost):
		log.WarnContext(ctx, "a mail was left to whoever claims it next", "error", err)
	case ctx.Err() != nil:
		log.WarnContext(ctx, "a mail was put back, as the service stops", "error", err)
		giveBack(0)
	default:
		log.WarnContext(ctx, "a mail was not sent and will be tried again", "error", err, "after", pause(m.Attempt))
		o.Count(putOff)
		giveBack(pause(m.Attempt))
	}
}

func (o *Office) send(ctx context.Context, m models.Mail) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	message, err := o.Compose(ctx, m)
	if err != nil {
		return err
	}
	return o.Sender.Send(ctx, message)
}

// keep renews the claim until release is called, which may be called again. The
// context that it returns ends when the claim is another's, or may be.
func (o *Office) keep(ctx context.Context, m models.Mail) (claimed context.Context, release func()) {
	claimed, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		cancel(o.renew(claimed, m))
	}()
	return claimed, func() {
		cancel(nil)
		<-done
	}
}

// renew returns when the claim is lost or ctx ends.
func (o *Office) renew(ctx context.Context, m models.Mail) error {
	ticker := time.NewTicker(lease / 3)
	defer ticker.Stop()
	for missed := 0; missed < 2; { // after the third the claim would have ended
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		err := o.renewOnce(ctx, m)
		switch {
		case err == nil:
			missed = 0
		case models.KindOf(err) == models.KindNotFound:
			return errClaimLost
		case ctx.Err() == nil:
			o.unreachable(ctx, err)
			missed++
		}
	}
	return errClaimLost
}

// renewOnce does not end early when ctx does: nothing may be renewed after release.
func (o *Office) renewOnce(ctx context.Context, m models.Mail) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lease/4)
	defer cancel()
	return o.Queue.KeepMail(ctx, m, lease)
}

// remove takes the mail out of the queue. Where that fails it tries again: a
// mail that was sent and stays in the queue would be sent again. Nothing is
// claimed meanwhile. When ctx ends it tries for the last time.
func (o *Office) remove(ctx context.Context, m models.Mail) {
	removed := func() bool {
		return o.settle(ctx, func(ctx context.Context) error { return o.Queue.RemoveMail(ctx, m) }) == nil
	}
	if removed() || ctx.Err() != nil {
		return
	}
	o.overdue.Add(1)
	defer o.overdue.Add(-1)
	ticker := time.NewTicker(removeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
		if removed() || ctx.Err() != nil {
			return
		}
	}
}

// retry gives the mail back. Where that fails it is tried again when the claim ends.
func (o *Office) retry(ctx context.Context, m models.Mail, after time.Duration) {
	_ = o.settle(ctx, func(ctx context.Context) error { return o.Queue.RetryMail(ctx, m, after) })
}

// settle makes a last call for a mail, even if ctx has ended. A mail that is
// another's by now is settled.
func (o *Office) settle(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queueTimeout)
	defer cancel()
	err := do(ctx)
	if models.KindOf(err) == models.KindNotFound {
		return nil
	}
	if err != nil {
		o.unreachable(ctx, err)
	}
	return err
}
