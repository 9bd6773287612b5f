package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/store"
	"latchkey/models"
)

// TestEveryEndIsAChange has a database shell, which knows nothing of the
// store, make each change that instances have to hear of.
func TestEveryEndIsAChange(t *testing.T) {
	t.Run("sqlite", testEveryEndIsAChange)
	t.Run("postgres", testEveryEndIsAChange)
}

func testEveryEndIsAChange(t *testing.T) {
	s, path := newStore(t)
	joe := createUser(t, s, "joe")
	id := createSession(t, s, joe, "token")
	conn := shell(t, path)
	position := changes(t, s, "").Position
	for _, tc := range []struct{ statement, subject string }{
		{`UPDATE users SET disabled = TRUE`, joe.ID},
		{`UPDATE users SET scopes = ''`, joe.ID},
		{`UPDATE sessions SET last_used_at = CURRENT_TIMESTAMP`, ""}, // as every refresh does
		{`UPDATE sessions SET expires_at = CURRENT_TIMESTAMP`, id},
		{`INSERT INTO revoked_tokens VALUES ('a jti', CURRENT_TIMESTAMP)`, "a jti"},
		{`DELETE FROM sessions`, id},
		{`DELETE FROM users`, joe.ID},
	} {
		execute(t, conn, tc.statement)
		found := changes(t, s, position)
		if found.Gap || strings.Join(found.Subjects, " ") != tc.subject {
			t.Fatalf("%s: %+v", tc.statement, found)
		}
		position = found.Position
	}
}

func changes(t *testing.T, s *store.Store, since string) models.Changes {
	t.Helper()
	found, err := s.Changes(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSweep(t *testing.T) {
	t.Run("sqlite", testSweep)
	t.Run("postgres", testSweep)
}

func testSweep(t *testing.T) {
	s, path := newStore(t)
	joe := createUser(t, s, "joe")
	kept, ended := createSession(t, s, joe, "kept"), createSession(t, s, joe, "ended")
	now := time.Now()
	for id, expires := range map[string]time.Time{"live": now.Add(time.Minute), "just dead": now.Add(-9 * time.Minute), "dead": now.Add(-11 * time.Minute)} {
		if err := s.RevokeToken(t.Context(), id, expires, models.Trail{}); err != nil {
			t.Fatal(err)
		}
	}
	conn := shell(t, path)
	if onPostgres(t) {
		execute(t, conn, `UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1`, ended)
	} else {
		execute(t, conn, `UPDATE sessions SET expires_at = datetime('now', '-1 second') WHERE id = $1`, ended)
	}
	if err := s.Sweep(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]string{
		`SELECT id FROM sessions`:                   {kept},
		`SELECT hash FROM refresh_tokens`:           {"kept"},
		`SELECT id FROM revoked_tokens ORDER BY id`: {"just dead", "live"},
	} {
		if got := column(t, conn, query); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestDeleteClientEndsItsSessions(t *testing.T) {
	t.Run("sqlite", testDeleteClientEndsItsSessions)
	t.Run("postgres", testDeleteClientEndsItsSessions)
}

func testDeleteClientEndsItsSessions(t *testing.T) {
	s, _ := newStore(t)
	joe := createUser(t, s, "joe")
	if err := s.CreateClient(t.Context(), models.Client{ID: "web"}); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "the same client", s.CreateClient(t.Context(), models.Client{ID: "web"}), models.KindConflict)
	other := createSession(t, s, joe, "other")
	_, err := s.CreateSession(t.Context(), models.NewSession{
		UserID: joe.ID, HashedPassword: "hash of joe", ClientID: "web", ExpiresAt: time.Now().Add(time.Hour), RefreshHash: "web's",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteClient(t.Context(), "web"); err != nil {
		t.Fatal(err)
	}
	page, err := s.Sessions(t.Context(), joe.ID, models.PageQuery{Limit: 10})
	if err != nil || len(page.Data) != 1 || page.Data[0].ID != other {
		t.Errorf("%+v, %v", page, err)
	}
	wantKind(t, "again", s.DeleteClient(t.Context(), "web"), models.KindNotFound)
}

// TestRotateWithoutAWindowIsOnce has a second instance rotate whose clock is
// behind, as that of a caller is who waited for the other's transaction.
func TestRotateWithoutAWindowIsOnce(t *testing.T) {
	t.Run("sqlite", testRotateWithoutAWindowIsOnce)
	t.Run("postgres", testRotateWithoutAWindowIsOnce)
}

func testRotateWithoutAWindowIsOnce(t *testing.T) {
	s, path := newStore(t)
	behind := open(t, path, func() time.Time { return time.Now().Add(-time.Second) })
	createSession(t, s, createUser(t, s, "joe"), "first")
	if rotated, err := s.Rotate(t.Context(), "first", "second", 0, models.Trail{}); err != nil || !rotated {
		t.Errorf("%t, %v", rotated, err)
	}
	if rotated, err := behind.Rotate(t.Context(), "first", "third", 0, models.Trail{}); err != nil || rotated {
		t.Errorf("again: %t, %v", rotated, err)
	}
	if rotated, err := behind.Rotate(t.Context(), "first", "third", time.Second, models.Trail{}); err != nil || !rotated {
		t.Errorf("within a window: %t, %v", rotated, err)
	}
}

func TestCallerOfASessionThatExpired(t *testing.T) {
	t.Run("sqlite", testCallerOfASessionThatExpired)
	t.Run("postgres", testCallerOfASessionThatExpired)
}

func testCallerOfASessionThatExpired(t *testing.T) {
	s, path := newStore(t)
	id := createSession(t, s, createUser(t, s, "joe"), "token")
	if _, err := s.Caller(t.Context(), id, "a jti"); err != nil {
		t.Error(err)
	}
	execute(t, shell(t, path), `UPDATE sessions SET expires_at = CURRENT_TIMESTAMP`)
	_, err := s.Caller(t.Context(), id, "a jti")
	wantKind(t, "expired, and not swept yet", err, models.KindNotFound)
}

func TestSessionsInPages(t *testing.T) {
	t.Run("sqlite", testSessionsInPages)
	t.Run("postgres", testSessionsInPages)
}

func testSessionsInPages(t *testing.T) {
	s, path := newStore(t)
	joe, eve := createUser(t, s, "joe"), createUser(t, s, "eve")
	var all []string // the newest first
	for i := range 5 {
		all = slices.Insert(all, 0, createSession(t, s, joe, fmt.Sprint("joe ", i)))
		createSession(t, s, eve, fmt.Sprint("eve ", i))
	}
	execute(t, shell(t, path), `UPDATE sessions SET expires_at = CURRENT_TIMESTAMP WHERE id = $1`, all[2])
	all = slices.Delete(all, 2, 3)
	for limit := 1; limit <= len(all)+1; limit++ {
		var got []string
		q := models.PageQuery{Limit: limit}
		for more := true; more; {
			page, err := s.Sessions(t.Context(), joe.ID, q)
			if err != nil || len(page.Data) == 0 || len(page.Data) > limit || page.Next != nil && len(page.Data) < limit {
				t.Fatalf("a page of %d for the limit %d, %v", len(page.Data), limit, err)
			}
			for _, session := range page.Data {
				got = append(got, session.ID)
			}
			if more = page.Next != nil; more {
				q.After = after(t, page.Next)
			}
		}
		if !slices.Equal(got, all) {
			t.Errorf("in pages of %d: %q, want %q", limit, got, all)
		}
	}
}
