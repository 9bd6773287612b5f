package mail_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/internal/mail"
	"latchkey/models"
)

// queue is a mail.Queue in memory, with the rules of the one in the database.
type queue struct {
	mu    sync.Mutex
	mails []*queued
	away  bool // the database is
	kept  int  // renewed claims
}

type queued struct {
	models.Mail
	due time.Time
}

var errAway = models.Unavailable("Storage is away", time.Second, errors.New("connection refused"))

func (q *queue) add(mails ...models.Mail) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range mails {
		if m.CreatedAt.IsZero() {
			m.CreatedAt = time.Now()
		}
		q.mails = append(q.mails, &queued{Mail: m, due: m.CreatedAt})
	}
}

func (q *queue) ClaimMail(ctx context.Context, lease time.Duration) (models.Mail, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.away {
		return models.Mail{}, errAway
	}
	if len(q.mails) == 0 {
		return models.Mail{}, models.NotFound("Mail not found")
	}
	first := slices.MinFunc(q.mails, func(a, b *queued) int { return cmp.Or(a.due.Compare(b.due), strings.Compare(a.ID, b.ID)) })
	if first.due.After(time.Now()) {
		return models.Mail{}, models.NotFound("Mail not found")
	}
	first.due = time.Now().Add(lease)
	first.Attempt++
	return first.Mail, ctx.Err()
}

func (q *queue) change(m models.Mail, change func(i int)) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.away {
		return errAway
	}
	i := slices.IndexFunc(q.mails, func(other *queued) bool { return other.ID == m.ID && other.Attempt == m.Attempt })
	if i < 0 {
		return models.NotFound("Mail not found")
	}
	change(i)
	return nil
}

func (q *queue) KeepMail(_ context.Context, m models.Mail, lease time.Duration) error {
	return q.change(m, func(i int) {
		q.mails[i].due = time.Now().Add(lease)
		q.kept++
	})
}

func (q *queue) RetryMail(_ context.Context, m models.Mail, after time.Duration) error {
	return q.change(m, func(i int) { q.mails[i].due = time.Now().Add(after) })
}

func (q *queue) RemoveMail(_ context.Context, m models.Mail) error {
	return q.change(m, func(i int) { q.mails = slices.Delete(q.mails, i, i+1) })
}

func (q *queue) setAway(away bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.away = away
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.mails)
}

// sendFunc is a mail.Sender.
type sendFunc func(ctx context.Context, m mail.Message) error

func (f sendFunc) Send(ctx context.Context, m mail.Message) error { return f(ctx, m) }

// bench is an office at work, in a bubble of synctest.
type bench struct {
	*mail.Office
	queue *queue
	log   *logbook
	start time.Time
	stop  func() // and wait until it has stopped

	mu   sync.Mutex
	sent []string // ID and when it was begun, such as "a 5s"
}

// work runs an office that sends with send until the test's end.
func work(t *testing.T, q *queue, send func(ctx context.Context, m mail.Message) error) *bench {
	t.Helper()
	b := &bench{queue: q, log: &logbook{}, start: time.Now()}
	b.Office = mail.NewOffice(mail.Config{
		Queue: q, Log: slog.New(slog.NewTextHandler(b.log, nil)), Now: time.Now,
		Compose: func(_ context.Context, m models.Mail) (mail.Message, error) {
			if m.To == "" {
				return mail.Message{}, models.NotFound("User not found")
			}
			return mail.Message{ID: m.ID, To: m.To, Subject: "subject", Text: "the secret link"}, nil
		},
		Sender: sendFunc(func(ctx context.Context, m mail.Message) error {
			b.mu.Lock()
			b.sent = append(b.sent, fmt.Sprintf("%s %s", m.ID, time.Since(b.start)))
			b.mu.Unlock()
			return send(ctx, m)
		}),
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Run(ctx)
	}()
	b.stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(b.stop)
	synctest.Wait()
	return b
}

// after is what had been begun to be sent after that time.
func (b *bench) after(d time.Duration) []string {
	time.Sleep(d - time.Since(b.start)) //nolint:forbidigo // moves the bubble's clock
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.sent)
}

type logbook struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(p)
}

func (l *logbook) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.lines.String(), text)
}

func mailTo(id string) models.Mail {
	return models.Mail{ID: id, NewMail: models.NewMail{Kind: models.MailVerifyEmail, To: id + "@example.com", UserID: "user"}}
}
