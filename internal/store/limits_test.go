package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"latchkey/internal/store"
	"latchkey/models"
)

// countAs gives all counts that number and that end.
func countAs(n int, ends time.Time) func([]models.AttemptCount) ([]models.AttemptCount, error) {
	return func(counts []models.AttemptCount) ([]models.AttemptCount, error) {
		for i := range counts {
			counts[i].Count, counts[i].BlockedUntil, counts[i].ExpiresAt = n, ends.Add(-time.Minute), ends
		}
		return counts, nil
	}
}

func TestChangeAttempts(t *testing.T) {
	t.Run("sqlite", testChangeAttempts)
	t.Run("postgres", testChangeAttempts)
}

func testChangeAttempts(t *testing.T) {
	c := newClock()
	s := open(t, newDatabase(t), c.now)
	keys := []string{"c", "a", "b"}
	if counts, err := s.Attempts(t.Context(), keys); err != nil || len(counts) > 0 {
		t.Errorf("%+v %v", counts, err)
	}
	ends := c.Add(time.Hour)
	if err := s.ChangeAttempts(t.Context(), keys, countAs(7, ends)); err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	err := s.ChangeAttempts(t.Context(), append(keys, "d"), func(counts []models.AttemptCount) ([]models.AttemptCount, error) {
		if len(counts) != 4 || counts[0].Count != 7 || counts[3].Key != "d" || counts[3].Count != 0 {
			t.Errorf("it is given %+v", counts)
		}
		return counts, refused
	})
	if !errors.Is(err, refused) {
		t.Error(err)
	}
	got, err := s.Attempts(t.Context(), []string{"a", "d", "x"})
	ends = ends.UTC().Truncate(time.Microsecond)
	want := []models.AttemptCount{{Key: "a", Count: 7, BlockedUntil: ends.Add(-time.Minute), ExpiresAt: ends}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
	if counts, err := s.Attempts(t.Context(), []string{"b"}); err != nil || len(counts) != 1 {
		t.Errorf("%+v %v", counts, err)
	}
}

// More than one statement of the sweep takes.
func TestSweepAttempts(t *testing.T) {
	t.Run("sqlite", testSweepAttempts)
	t.Run("postgres", testSweepAttempts)
}

func testSweepAttempts(t *testing.T) {
	c := newClock()
	path := newDatabase(t)
	s := open(t, path, c.now)
	keys := make([]string, 0, 2500)
	for n := range cap(keys) {
		keys = append(keys, fmt.Sprint("old", n))
	}
	errOld := s.ChangeAttempts(t.Context(), keys, countAs(1, c.Time))
	errNew := s.ChangeAttempts(t.Context(), []string{"new"}, countAs(1, c.Add(time.Microsecond)))
	if err := errors.Join(errOld, errNew, s.SweepAttempts(t.Context())); err != nil {
		t.Fatal(err)
	}
	if left := column(t, shell(t, path), `SELECT key FROM attempts`); !slices.Equal(left, []string{"new"}) {
		t.Errorf("%d are left", len(left))
	}
}

// What goes wrong never looks like no attempts.
func TestAttemptsInTrouble(t *testing.T) {
	t.Run("sqlite", testAttemptsInTrouble)
	t.Run("postgres", testAttemptsInTrouble)
}

func testAttemptsInTrouble(t *testing.T) {
	calls := func(ctx context.Context, s *store.Store) map[string]error {
		_, err := s.Attempts(ctx, []string{"a"})
		return map[string]error{
			"Attempts":       err,
			"ChangeAttempts": s.ChangeAttempts(ctx, []string{"a"}, countAs(1, time.Now())),
			"SweepAttempts":  s.SweepAttempts(ctx),
		}
	}
	s, path := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range calls(ctx, s) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	execute(t, shell(t, path), `DROP TABLE attempts`)
	for name, err := range calls(t.Context(), s) {
		wantUnavailable(t, name, err)
	}
}
