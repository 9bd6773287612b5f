package config_test

import (
	"strings"
	"testing"

	"latchkey/internal/config"
)

func TestBadSettings(t *testing.T) {
	cleanEnvironment(t)
	tests := []struct{ flag, value, want string }{
		{"database-url", "mysql://joe:hunter2@db.example.com/x", "must name a file"},
		{"database-url", "sqlite:postgres://joe:hunter2@db.example.com/x", "must name a file"},
		{"database-url", "postgres:hunter2", "must name a file"},
		{"database-url", "postgres://joe:hunter2@db.example.com", "it names no database"},
		{"database-url", "postgres://joe:hunter2@db.example.com/", "it names no database"},
		{"database-url", "postgres://joe:a@b/hunter2@db.example.com/x", "%40"},
		{"database-url", "postgres://joe:a/hunter2@db.example.com/x", "%40"},
		{"database-url", "postgres://joe:1/hunter2@db.example.com/x", "%40"},
		{"database-url", "postgresql://joe:1#hunter2@db.example.com/x", "%40"},
		{"database-url", "postgres://joe:1?hunter2@db.example.com/x", "%40"},
		{"database-url", "postgres://joe:hun%zzter2@db.example.com/x", "%40"},
		{"database-url", "postgres://joe:hunter2 @db.example.com/x", "%40"},
		{"database-url", "postgres://joe:hunter2@db.example.com:port/x", "%40"},
		{"database-url", "postgres://joe:hunter2@db.example.com/x`y", "%40"},
		{"database-url", "hunter2.db", "must name a file"},
		{"database-url", "sqlite:", "must name a file"},
		{"database-url", "sqlite://hunter2/x.db", "must name a file"},
		{"database-url", "sqlite::memory:", "must name a file"},
		{"database-url", "sqlite:///", "must name a file"},
		{"database-url", "sqlite:///:memory:", "must name a file"},
		{"addr", "8000", "host:port"},
		{"addr", "127.0.0.1", "host:port"},
		{"addr", "::1:8000", "host:port"},
		{"addr", "", "host:port"},
		{"addr", "127.0.0.1:", "not a port"},
		{"addr", "127.0.0.1:http", "not a port"},
		{"addr", "127.0.0.1:65536", "not a port"},
		{"addr", "127.0.0.1:-1", "not a port"},
		{"addr", "a host:80", "not a host"},
		{"addr", "http://127.0.0.1:80", "host:port"},
		{"public-url", "id.example.com", "absolute URL"},
		{"public-url", "//id.example.com", "absolute URL"},
		{"public-url", "ftp://id.example.com", "absolute URL"},
		{"public-url", "https://", "absolute URL"},
		{"public-url", "https://%zz/hunter2", "absolute URL"},
		{"public-url", "https://joe:hunter2@id.example.com", "no query, fragment or user"},
		{"public-url", "https://id.example.com/?key=hunter2", "no query, fragment or user"},
		{"public-url", "https://id.example.com/#hunter2", "no query, fragment or user"},
		{"demo", "yes", "auto, on, off"},
		{"refresh-token-ttl", "0s", "not between"},
		{"refresh-token-ttl", "-1h", "not between"},
		{"refresh-token-ttl", "87601h", "not between"},
		{"refresh-reuse-window", "-1s", "not between"},
		{"refresh-reuse-window", "61m", "not between"},
		{"refresh-reuse-window", "10", "duration"},
		{"access-token-ttl", "0s", "whole seconds"},
		{"access-token-ttl", "500ms", "whole seconds"},
		{"access-token-ttl", "1.5s", "whole seconds"},
		{"access-token-ttl", "-1h", "whole seconds"},
		{"access-token-ttl", "721h", "whole seconds"},
		{"access-token-ttl", "30", "duration"},
		{"strict-form", "maybe", "bool"},
		{"cors-origins", "app.example.com", "must be origins"},
		{"cors-origins", "https://joe:hunter2@app.example.com", "must be origins"},
		{"cors-origins", "http://a.test,hunter2", "must be origins"},
		{"cors-origins", "https://app.example.com/", "as browsers send it"},
		{"cors-origins", "https://App.example.com", "as browsers send it"},
		{"cors-origins", "https://app.example.com:443", "as browsers send it"},
		{"cors-origins", "http://app.example.com:80", "as browsers send it"},
		{"trusted-proxies", "proxy.example.com", "neither an address nor a network"},
		{"trusted-proxies", "10.0.0.0/33", "neither an address nor a network"},
		{"trusted-proxies", "fe80::1%eth0", "neither an address nor a network"},
		{"registration", "on", "open, closed"},
		{"rate-limit", "maybe", "on, off"},
		{"smtp-url", "mail.example.com:25", ""},
		{"smtp-url", "smtp://joe:hunter2@", ""},
		{"smtp-url", "http://joe:hunter2@mail.example.com", ""},
		{"mail-from", "hunter2", ""},
		{"mail-templates", "/nonexistent", "nonexistent"},
		{"app-url", "app.example.com", "absolute URL"},
		{"app-url", "https://joe:hunter2@app.example.com", "no query, fragment or user"},
		{"audit-retention", "59m", "at least 1h"},
		{"metrics-addr", "9090", "host:port"},
		{"metrics-addr", "127.0.0.1:http-alt", "not a port"},
		{"metrics-addr", "http://127.0.0.1:9090", "host:port"},
		{"metrics-addr", "127.0.0.1:8000", "the main address"},
		{"log-format", "xml", "text, json"},
		{"log-level", "loud", "debug, info, warn, error"},
		{"argon2-memory", "1024", "at least"},
		{"argon2-memory", "4294967296", "uint"},
		{"argon2-memory", "4000000", "memory must be"},
		{"argon2-time", "1", "need a time of at least 2"},
		{"argon2-time", "0", "time must be"},
		{"argon2-parallelism", "0", "parallelism must be"},
		{"argon2-parallelism", "256", "uint"},
	}
	for _, tt := range tests {
		t.Run(tt.flag+"="+tt.value, func(t *testing.T) {
			checkFault(t, tt.flag, tt.want, "--"+tt.flag+"="+tt.value)
			t.Setenv(variable(tt.flag), tt.value)
			if fault := checkFault(t, tt.flag, tt.want); !strings.Contains(fault, variable(tt.flag)) {
				t.Errorf("from the variable: %q does not name %s", fault, variable(tt.flag))
			}
		})
	}
}

// checkFault fails the test unless the flags are refused with an error that
// names the flag and says what is wanted, and returns what it says.
func checkFault(t *testing.T, flag, want string, flags ...string) string {
	t.Helper()
	_, err := parse(t, flags...)
	switch {
	case err == nil:
		t.Fatalf("%q was accepted", flags)
	case !strings.Contains(err.Error(), "--"+flag) || !strings.Contains(err.Error(), want):
		t.Errorf("%q: the error is %q, which lacks --%s or %q", flags, err, flag, want)
	case strings.Contains(err.Error(), "hunter2"):
		t.Errorf("%q: the error shows a secret: %q", flags, err)
	}
	return err.Error()
}

func TestCheckReportsEveryFault(t *testing.T) {
	cleanEnvironment(t)
	_, err := parse(t, "--addr=nowhere", "--log-level=loud", "--public-url=x", "--argon2-time=0")
	if err == nil {
		t.Fatal("accepted")
	}
	for _, flag := range []string{"--addr", "--log-level", "--public-url", "--argon2-time"} {
		if !strings.Contains(err.Error(), flag) {
			t.Errorf("%q does not name %s", err, flag)
		}
	}
}

func TestGoodSettings(t *testing.T) {
	cleanEnvironment(t)
	tests := [][]string{
		{"--addr=:0", "--demo=off"},
		{"--addr=[::1]:65535"},
		{"--addr=example.com:80"},
		{"--public-url=http://127.0.0.1:8000"},
		{"--public-url=https://example.com/auth/"},
		{"--access-token-ttl=1s"},
		{"--access-token-ttl=720h"},
		{"--cors-origins=*"},
		{"--cors-origins="},
		{"--cors-origins=http://[::1]:3000,https://app.example.com:8443,capacitor://localhost"},
		{"--trusted-proxies=10.0.0.0/8,192.168.1.1,fd00::/8"},
		{"--argon2-memory=7168", "--argon2-time=5"},
		{"--metrics-addr=:9090"},
		{"--addr=127.0.0.1:0", "--metrics-addr=127.0.0.1:0"},
	}
	for _, flags := range tests {
		if _, err := parse(t, flags...); err != nil {
			t.Errorf("%q: %v", flags, err)
		}
	}
}

func TestDemoNeedsLoopback(t *testing.T) {
	cleanEnvironment(t)
	for _, demo := range []string{"on", "true"} {
		checkFault(t, "demo", "need a loopback address, not 0.0.0.0:80", "--addr=0.0.0.0:80", "--demo="+demo)
	}
	for _, demo := range []string{"auto", "off"} {
		settings(t, "--addr=0.0.0.0:80", "--demo="+demo)
	}
}

func TestPath(t *testing.T) {
	tests := []struct{ url, path, keyPath string }{
		{"sqlite:latchkey.db", "latchkey.db", "latchkey.key.pem"},
		{"sqlite:./data/latchkey.db", "./data/latchkey.db", "data/latchkey.key.pem"},
		{"sqlite:../x.db", "../x.db", "../latchkey.key.pem"},
		{"sqlite:/var/lib/x.db", "/var/lib/x.db", "/var/lib/latchkey.key.pem"},
		{"sqlite:///var/lib/x.db", "/var/lib/x.db", "/var/lib/latchkey.key.pem"},
		{"sqlite:////var/lib/x.db", "/var/lib/x.db", "/var/lib/latchkey.key.pem"},
		{"sqlite:///./sql_app.db", "./sql_app.db", "latchkey.key.pem"},
		{"sqlite:a b?c#d%20e ü.db", "a b?c#d%20e ü.db", "latchkey.key.pem"},
	}
	for _, tt := range tests {
		s := config.Serve{Keys: config.Keys{Database: config.Database{DatabaseURL: tt.url}}}
		path, err := s.Source()
		if err != nil || path != tt.path {
			t.Errorf("%s: path %q, %v, want %q", tt.url, path, err, tt.path)
		}
		if got := s.KeyPath(); got != tt.keyPath {
			t.Errorf("%s: keys in %q, want %q", tt.url, got, tt.keyPath)
		}
	}
	for _, url := range []string{
		"postgres://latchkey:p%40ss@db.example.com/latchkey?sslmode=verify-full", "postgresql://db.example.com:5433/latchkey",
		"postgres://one.example.com:5432,two.example.com:5433/latchkey?target_session_attrs=read-write",
		"postgres:///latchkey?host=%2Frun%2Fpostgresql", "postgres://db.example.com/?dbname=latchkey", "postgres://[::1]/latchkey",
	} {
		s := config.Serve{Keys: config.Keys{Database: config.Database{DatabaseURL: url}}}
		source, err := s.Source()
		if _, isFile := s.File(); err != nil || source != url || isFile {
			t.Errorf("%s: %q, %v", url, source, err)
		}
		if got := s.KeyPath(); got != "latchkey.key.pem" {
			t.Errorf("%s: keys in %q", url, got)
		}
	}
	s := config.Serve{Keys: config.Keys{KeyFile: "/run/secrets/keys.pem"}}
	if got := s.KeyPath(); got != "/run/secrets/keys.pem" {
		t.Errorf("keys in %q, although the setting names a file", got)
	}
}
