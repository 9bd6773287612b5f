package store_test

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"latchkey/models"
)

// loseFile takes the database away from under a program that runs.
var loseFile = map[string]func(t *testing.T, path string){
	"deleted": func(t *testing.T, path string) {
		t.Helper()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	},
	"replaced": func(t *testing.T, path string) {
		t.Helper()
		_, other := newStore(t)
		if err := os.Rename(other, path); err != nil {
			t.Fatal(err)
		}
	},
}

func TestFileIsLost(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps a file that is open")
	}
	for how, lose := range loseFile {
		t.Run(how, func(t *testing.T) {
			s, path := newStore(t)
			createUser(t, s, "joe")
			lose(t, path)
			all := methods(t.Context(), s)
			all["Changes"] = func() error { _, err := s.Changes(t.Context(), ""); return err }
			all["Sweep"] = func() error { return s.Sweep(t.Context(), time.Hour) }
			for name, method := range all {
				err := method()
				wantUnavailable(t, name, err)
				e, _ := errors.AsType[*models.Error](err)
				if e == nil || !strings.Contains(e.Cause.Error(), how) || strings.Contains(e.Detail, how) {
					t.Errorf("%s: %+v", name, e)
				}
			}
			if _, err := os.Stat(path); how == "deleted" && !errors.Is(err, os.ErrNotExist) {
				t.Error("the file was made again:", err)
			}
		})
	}
}

func TestFileIsLostDuringAChange(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps a file that is open")
	}
	for how, lose := range loseFile {
		t.Run(how, func(t *testing.T) {
			s, path := newStore(t)
			_, _, err := s.SettleDemo(t.Context(), true, func() ([]models.NewUser, error) {
				lose(t, path)
				return []models.NewUser{{Username: "joe", HashedPassword: "x"}}, nil
			})
			wantUnavailable(t, "SettleDemo", err)
		})
	}
}
