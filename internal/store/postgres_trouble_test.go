package store_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/store"
	"latchkey/models"
)

// TestPostgresQueryModes has pgx prepare statements, which poolers may not allow, and
// which is not what Open does by itself.
func TestPostgresQueryModes(t *testing.T) {
	url := apitest.NewPostgres(t)
	for _, mode := range []string{"cache_statement", "cache_describe", "simple_protocol"} {
		s := open(t, with(url, "default_query_exec_mode="+mode), time.Now)
		joe := createUser(t, s, mode)
		createSession(t, s, joe, mode)
		if rotated, err := s.Rotate(t.Context(), mode, "next of "+mode, 0, models.Trail{}); err != nil || !rotated {
			t.Errorf("%s: Rotate: %t, %v", mode, rotated, err)
		}
		item := createItem(t, s, joe, "old")
		title := models.Optional[string]{Value: "new", Set: true}
		changed, err := s.ChangeItem(t.Context(), joe.ID, item.ID, models.ItemChanges{Title: title})
		if err != nil || changed.Title != "new" {
			t.Errorf("%s: ChangeItem: %+v, %v", mode, changed, err)
		}
		if err := s.Sweep(t.Context(), time.Hour); err != nil {
			t.Errorf("%s: Sweep: %v", mode, err)
		}
	}
}

// TestPostgresSessionTimeZone has a server whose clocks are set to another zone.
func TestPostgresSessionTimeZone(t *testing.T) {
	url := apitest.NewPostgres(t)
	now := newClock()
	at := time.Date(2026, 3, 1, 12, 4, 5, 123_456_000, time.UTC)
	for _, zone := range []string{"Etc/GMT-3", "America/St_Johns"} {
		for _, mode := range []string{"exec", "cache_statement", "simple_protocol"} {
			s := open(t, with(url, "timezone="+zone+"&default_query_exec_mode="+mode), now.now)
			name := zone + mode
			createUser(t, s, name)
			if err := apitest.SetPassword(t.Context(), s, name, "x"); err != nil {
				t.Fatal(err)
			}
			a := account(t, open(t, url, time.Now), name)
			if b := account(t, s, name); a.CreatedAt != at || b.CreatedAt != at || *a.PasswordChangedAt != at || *b.PasswordChangedAt != at {
				t.Errorf("%s: %v, %v, %v, %v", name, a.CreatedAt, b.CreatedAt, a.PasswordChangedAt, b.PasswordChangedAt)
			}
		}
		conn := shell(t, with(url, "timezone="+zone))
		execute(t, conn, `INSERT INTO users (username, hashed_password) VALUES ($1, 'x')`, zone)
		if a := account(t, open(t, url, time.Now), zone); time.Since(a.CreatedAt).Abs() > time.Minute {
			t.Errorf("created at %v by a shell in %s", a.CreatedAt, zone)
		}
	}
}

// TestPostgresTextThatCannotBeStored is nobody's name, and refused where it is to be kept.
func TestPostgresTextThatCannotBeStored(t *testing.T) {
	source := apitest.NewPostgres(t)
	s := open(t, source, time.Now)
	joe := createUser(t, s, "joe")
	item := createItem(t, s, joe, "key")
	for _, text := range []string{"\x00", "joe\x00", "\xff", "jo\xe9", "\xed\xa0\x80"} {
		_, err := s.AccountByUsername(t.Context(), text)
		wantKind(t, "AccountByUsername", err, models.KindNotFound)
		_, err = s.AccountByLogin(t.Context(), text)
		wantKind(t, "AccountByLogin", err, models.KindNotFound)
		_, err = s.Item(t.Context(), joe.ID, text)
		wantKind(t, "Item", err, models.KindNotFound)
		if page := pageOf(t, s, joe, models.PageQuery{Limit: 10, After: text}); len(page.Data) > 0 {
			t.Errorf("%q: %+v", text, page)
		}
		_, err = s.CreateItem(t.Context(), joe.ID, models.NewItem{Title: text})
		wantKind(t, "CreateItem", err, models.KindBadRequest)
		title := models.Optional[string]{Value: text, Set: true}
		_, err = s.ChangeItem(t.Context(), joe.ID, item.ID, models.ItemChanges{Title: title})
		wantKind(t, "ChangeItem", err, models.KindBadRequest)
		_, err = s.CreateUser(t.Context(), models.NewUser{Username: text, HashedPassword: "x"}, models.Trail{})
		wantKind(t, "CreateUser", err, models.KindBadRequest)
		_, err = s.CreateSession(t.Context(), models.NewSession{
			UserID: joe.ID, HashedPassword: "hash of joe", ClientID: "anonymous", ExpiresAt: time.Now().Add(time.Hour),
			Origin: models.Origin{UserAgent: text}, RefreshHash: text,
		})
		wantKind(t, "CreateSession", err, models.KindBadRequest)
		_, err = s.CreateSession(t.Context(), models.NewSession{
			UserID: joe.ID, HashedPassword: "hash of joe", ClientID: "anonymous", ExpiresAt: time.Now().Add(time.Hour),
			Origin: models.Origin{UserAgent: "Agent " + text}, RefreshHash: "hash " + url.QueryEscape(text),
		})
		if err != nil {
			t.Errorf("a login from %q: %v", text, err)
		}
	}
	_, err := s.CreateUser(t.Context(), models.NewUser{Username: longText(), HashedPassword: "x"}, models.Trail{})
	wantKind(t, "a name too long for an index", err, models.KindBadRequest)
}

// longText cannot be compressed to what a page of an index holds.
func longText() string {
	var text strings.Builder
	for i := range uint32(3000) {
		text.WriteString(string(rune('a' + i*i*2654435761>>7%26)))
	}
	return text.String()
}

func TestPostgresReadOnlyDatabase(t *testing.T) {
	url := apitest.NewPostgres(t)
	s := open(t, url, time.Now)
	joe := createUser(t, s, "joe")
	readOnly, err := store.Open(with(url, "default_transaction_read_only=on"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = readOnly.Close() }()
	wantUnavailable(t, "Ready", readOnly.Ready(t.Context()))
	wantUnavailable(t, "SetDisabled", apitest.SetDisabled(t.Context(), readOnly, "joe", true))
	if _, err := readOnly.Account(t.Context(), joe.ID); err != nil {
		t.Error(err)
	}
}

// TestPostgresPoolerRefusesSettings as PgBouncer does.
func TestPostgresPoolerRefusesSettings(t *testing.T) {
	url := apitest.NewPostgres(t)
	g := newGate(t, url, "statement_timeout")
	s := open(t, g.url, time.Now)
	createUser(t, s, "joe")
	account(t, s, "joe")
	if n := g.refused.Load(); n == 0 || n > 4 {
		t.Errorf("it was asked %d times", n)
	}
}

// TestPostgresServerHangs keeps nobody waiting for longer than the patience.
func TestPostgresServerHangs(t *testing.T) {
	url := apitest.NewPostgres(t)
	g := newGate(t, url, "")
	s := open(t, g.url, time.Now)
	createUser(t, s, "joe")
	s.SetPatience(100 * time.Millisecond)
	g.closed.Store(true)
	began := time.Now()
	all := methods(t.Context(), s)
	for name, method := range all {
		wantUnavailable(t, name, method())
	}
	if took := time.Since(began); took > time.Duration(len(all))*time.Second {
		t.Errorf("%d calls took %s", len(all), took)
	}
	s.SetPatience(10 * time.Second)
	g.closed.Store(false)
	eventually(t, "it answers again", func() bool { return s.Ready(t.Context()) == nil })
}

// TestPostgresSessionLimits are what the server itself ends: what somebody works on
// or leaves behind for too long.
func TestPostgresSessionLimits(t *testing.T) {
	url := apitest.NewPostgres(t)
	s := open(t, url, time.Now)
	limits := map[string]string{"statement_timeout": "4s", "idle_in_transaction_session_timeout": "5s", "application_name": "latchkey"}
	for name, want := range limits {
		if got, err := s.Setting(t.Context(), name); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	other := open(t, with(url, "statement_timeout=7s&application_name=mine"), time.Now)
	for name, want := range map[string]string{"statement_timeout": "7s", "application_name": "mine"} {
		if got, err := other.Setting(t.Context(), name); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
}

// TestPostgresTransactionsAreTriedAgain where PostgreSQL gives up one of two that wait
// for each other.
func TestPostgresTransactionsAreTriedAgain(t *testing.T) {
	url := apitest.NewPostgres(t)
	s := open(t, with(url, "deadlock_timeout=2s"), time.Now) // it is the one to look whether they do
	for _, name := range []string{"joe", "bob"} {
		createUser(t, s, name)
	}
	conn := shell(t, with(url, "deadlock_timeout=60s"))
	execute(t, conn, `BEGIN`)
	execute(t, conn, `UPDATE users SET scopes = '' WHERE username = 'bob'`)
	done := make(chan error, 1)
	go func() {
		tries, err := s.DeleteBoth(t.Context(), "joe", "bob")
		if tries != 2 {
			t.Errorf("%d tries", tries)
		}
		done <- err
	}()
	waitForLock(t, url)
	execute(t, conn, `UPDATE users SET scopes = '' WHERE username = 'joe'`) // which the other has
	execute(t, conn, `COMMIT`)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if all, err := allUsers(t.Context(), s); err != nil || len(all) > 0 {
		t.Errorf("%d are left, %v", len(all), err)
	}
}

// TestErrorsShowNoPassword when a database cannot be opened or reached.
func TestErrorsShowNoPassword(t *testing.T) {
	for _, url := range []string{
		"postgres://joe:hunter2@127.0.0.1:1/x", "postgres://joe:hunter2@127.0.0.1:1/x?sslmode=nonsense",
		"postgres://joe:hunter2@127.0.0.1:1/x?sslmode=verify-full&sslrootcert=/absent", "postgres://joe:hunter2@127.0.0.1:1/x?pool=%zz",
		"postgres://joe:hunter2@127.0.0.1:port/x", "postgres://joe:hun%zzter2@127.0.0.1/x", "postgres://joe:hun ter2@127.0.0.1/x",
		"postgres://127.0.0.1:1/x?user=joe&password=hunter2", "postgres://127.0.0.1:1/x?user=joe&password=hunter2&sslmode=nonsense",
		"postgres://joe:hunter2@127.0.0.1:1/x?connect_timeout=soon",
	} {
		s, err := store.Open(url, time.Now)
		if err == nil {
			err = errors.Join(s.Migrate(t.Context()), s.Ready(t.Context()), s.Close())
		}
		if err == nil || strings.Contains(err.Error(), "hun") || strings.Contains(err.Error(), "ter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestName(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://joe:hunter2@db.example.com/keys":                 "PostgreSQL, database keys on db.example.com:5432",
		"postgresql://joe:hunter2@one:5433,two:5434/keys":            "PostgreSQL, database keys on one:5433",
		"postgres:///keys?host=%2Frun%2Fpostgresql&password=hunter2": "PostgreSQL, database keys on /run/postgresql",
	} {
		s, err := store.Open(url, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if s.Name() != want {
			t.Errorf("%q, want %q", s.Name(), want)
		}
		_ = s.Close()
	}
}

// TestPostgresEncoding refuses a database that cannot keep every name.
func TestPostgresEncoding(t *testing.T) {
	server := apitest.NewPostgres(t)
	name := server[strings.LastIndex(server, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	latin := name + "_latin"
	conn := shell(t, server)
	execute(t, conn, `CREATE DATABASE `+latin+` TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`)
	defer execute(t, conn, `DROP DATABASE `+latin+` WITH (FORCE)`)
	s, err := store.Open(strings.Replace(server, name, latin, 1), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Migrate(t.Context()), s.Close()); err == nil || !strings.Contains(err.Error(), "its encoding is LATIN1") {
		t.Errorf("%v", err)
	}
}
