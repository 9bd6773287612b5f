package mail

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"latchkey/models"
)

const (
	// pollEvery is how often the queue is looked at for what others put into it,
	// or is to be tried again.
	pollEvery = time.Second
	// atOnce is how many mails are sent at the same time.
	atOnce = 4
	// lease is how soon the mail of a process that was killed is another's. Whoever
	// sends renews it at each third.
	lease = 12 * time.Second
	// stopGrace is how long conversations may go on after the end of Run's context.
	stopGrace = 10 * time.Second
	// queueTimeout is for one call to the queue.
	queueTimeout = 5 * time.Second
	// pace is how long after one mail the next is begun. Sending keeps the
	// database busy for longer where there is somebody to send to: at this pace
	// most requests meanwhile do not notice, so that who asks for many recoveries
	// cannot tell by their time which addresses are known.
	pace = 25 * time.Millisecond
)

// Queue is where mails wait.
type Queue interface {
	// ClaimMail takes the mail that has been due longest, for that long: then
	// another may take it. KindNotFound if none is due.
	ClaimMail(ctx context.Context, lease time.Duration) (models.Mail, error)
	// KeepMail extends the claim; KindNotFound if it is another's by now.
	KeepMail(ctx context.Context, m models.Mail, lease time.Duration) error
	// RetryMail gives the mail back, to be tried again after that time.
	RetryMail(ctx context.Context, m models.Mail, after time.Duration) error
	// RemoveMail takes a mail out that was sent or will never be.
	RemoveMail(ctx context.Context, m models.Mail) error
}

// Config is what an Office works with.
type Config struct {
	Queue Queue
	// Compose writes the mail; KindNotFound if there is nobody to send it to.
	Compose func(ctx context.Context, m models.Mail) (Message, error)
	Sender  Sender
	// Count, which may be nil, is told what became of each attempt to send a
	// mail: sent, put_off to be tried again, or given_up.
	Count func(outcome string)
	Log   *slog.Logger
	Now   func() time.Time
}

// Office sends what is in the queue.
type Office struct {
	Config
	woken chan struct{}
	away  atomic.Bool // the queue could not be reached
	// overdue counts the mails that are done with and could not be taken out of the queue.
	overdue atomic.Int32
}

// NewOffice makes an office that is closed until Run.
func NewOffice(c Config) *Office {
	if c.Count == nil {
		c.Count = func(string) {}
	}
	return &Office{Config: c, woken: make(chan struct{}, 1)}
}

// Wake says that there is something new in the queue. It never blocks.
func (o *Office) Wake() {
	select {
	case o.woken <- struct{}{}:
	default: // it is known already
	}
}

// Run sends what is due until ctx ends. Then it lets what is being sent come to
// its end, for stopGrace and another queueTimeout or two, so that a mail that was
// accepted is also taken out of the queue.
func (o *Office) Run(ctx context.Context) {
	working, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	desks := make(chan struct{}, atOnce)
	var deliveries sync.WaitGroup
	for ctx.Err() == nil {
		o.sendDue(ctx, working, desks, &deliveries)
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-o.woken:
		}
	}
	grace := time.AfterFunc(stopGrace, cut)
	defer grace.Stop()
	deliveries.Wait()
}

// sendDue begins to send all that is due, as desks become free, until ctx ends.
func (o *Office) sendDue(ctx, working context.Context, desks chan struct{}, deliveries *sync.WaitGroup) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case desks <- struct{}{}:
		}
		// Not with ctx: a claim that is made while it ends would be nobody's.
		m, ok := o.claim(working)
		if !ok {
			<-desks
			return
		}
		deliveries.Go(func() {
			defer func() { <-desks }()
			o.deliver(working, m)
		})
		rest, done := context.WithTimeout(ctx, pace)
		<-rest.Done()
		done()
	}
}

func (o *Office) claim(ctx context.Context) (models.Mail, bool) {
	if o.overdue.Load() > 0 {
		return models.Mail{}, false // it could be one of those
	}
	ctx, cancel := context.WithTimeout(ctx, queueTimeout)
	defer cancel()
	m, err := o.Queue.ClaimMail(ctx, lease)
	if err != nil && models.KindOf(err) != models.KindNotFound {
		o.unreachable(ctx, err)
		return models.Mail{}, false
	}
	if o.away.CompareAndSwap(true, false) {
		o.Log.InfoContext(ctx, "the queue of mails can be reached again")
	}
	return m, err == nil
}

// unreachable logs that the queue is away, when that begins.
func (o *Office) unreachable(ctx context.Context, err error) {
	if o.away.CompareAndSwap(false, true) {
		o.Log.ErrorContext(ctx, "the queue of mails cannot be reached; they wait", "error", err)
	}
}
