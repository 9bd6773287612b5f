package service

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"latchkey/internal/tokens"
)

// TestUnknownKeyLimit: however many tokens name unknown keys, the file is
// looked at ten times a second at most.
func TestUnknownKeyLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latchkey.key.pem")
	keys, err := tokens.OpenKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	forgotten := 0
	w := &keyWatcher{
		path: path, keys: keys, log: slog.New(slog.DiscardHandler),
		forget: func() { forgotten++ }, now: func() time.Time { return now },
	}
	w.issuer, err = tokens.NewIssuer(tokens.Config{
		Issuer: "https://id.example.com", Audience: "https://id.example.com", Keys: keys, TTL: time.Minute, Now: w.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		after time.Duration
		looks bool
	}{
		{0, true}, {0, false}, {keysAtMost - 1, false}, {1, true}, {keysAtMost, true}, {-time.Hour, true}, {0, false},
	} {
		now = now.Add(tc.after)
		if _, _, err := tokens.RotateKeyFile(path, tokens.Rotation{TTL: time.Minute, Now: w.now}); err != nil {
			t.Fatal(err)
		}
		before := w.issuer.Keys()
		seen := forgotten
		w.unknownKey()
		if looked := w.issuer.Keys() != before; looked != tc.looks || looked != (forgotten > seen) {
			t.Errorf("%s later: looked %t, forgot %t, want %t", tc.after, looked, forgotten > seen, tc.looks)
		}
	}
}
