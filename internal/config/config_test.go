package config_test

import (
	"net"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"latchkey/internal/config"
	"latchkey/internal/passwords"
)

// parse reads flags, and what the environment has, as the command line does.
func parse(t *testing.T, flags ...string) (config.Serve, error) {
	t.Helper()
	var settings config.Serve
	parser, err := kong.New(&settings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(flags); err != nil {
		return settings, err
	}
	return settings, settings.Check()
}

// settings are good ones.
func settings(t *testing.T, flags ...string) config.Serve {
	t.Helper()
	s, err := parse(t, flags...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// cleanEnvironment keeps the settings of whoever runs the tests out of them.
func cleanEnvironment(t *testing.T) {
	t.Helper()
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "LATCHKEY_") {
			continue
		}
		t.Setenv(name, "") // to be restored
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEverySettingIsAFlagAndAVariable(t *testing.T) {
	cleanEnvironment(t)
	tests := []struct {
		flag, value, other string // two values that differ from the default
		field              func(config.Serve) any
		byDefault, want    any
	}{
		{
			"database-url", "sqlite:a.db", "sqlite:b.db",
			func(s config.Serve) any { return s.DatabaseURL }, "sqlite:latchkey.db", "sqlite:a.db",
		},
		{"addr", "0.0.0.0:80", "[::1]:81", func(s config.Serve) any { return s.Addr }, "127.0.0.1:8000", "0.0.0.0:80"},
		{
			"public-url", "https://id.example.com", "https://b.example.com",
			func(s config.Serve) any { return s.PublicURL }, "", "https://id.example.com",
		},
		{"demo", "on", "off", func(s config.Serve) any { return s.Demo }, "auto", "on"},
		{"key-file", "/etc/keys.pem", "b.pem", func(s config.Serve) any { return s.KeyFile }, "", "/etc/keys.pem"},
		{
			"refresh-token-ttl", "100h", "1h",
			func(s config.Serve) any { return s.RefreshTokenTTL }, 720 * time.Hour, 100 * time.Hour,
		},
		{
			"refresh-reuse-window", "0s", "1m",
			func(s config.Serve) any { return s.RefreshReuseWindow }, 10 * time.Second, time.Duration(0),
		},
		{
			"access-token-ttl", "1h30m", "5s",
			func(s config.Serve) any { return s.AccessTokenTTL }, 30 * time.Minute, 90 * time.Minute,
		},
		{"strict-form", "true", "false", func(s config.Serve) any { return s.StrictForm }, false, true},
		{"registration", "closed", "open", func(s config.Serve) any { return s.Registration }, "open", "closed"},
		{"rate-limit", "off", "on", func(s config.Serve) any { return s.RateLimit }, "on", "off"},
		{
			"smtp-url", "smtp://mail.example.com", "smtps://b.example.com",
			func(s config.Serve) any { return s.SMTPURL }, "", "smtp://mail.example.com",
		},
		{"mail-from", "a@example.com", "b@example.com", func(s config.Serve) any { return s.MailFrom }, "", "a@example.com"},
		{"mail-templates", t.TempDir(), t.TempDir(), func(s config.Serve) any { return s.MailTemplates != "" }, false, true},
		{
			"app-url", "https://app.example.com", "https://b.example.com",
			func(s config.Serve) any { return s.AppURL }, "", "https://app.example.com",
		},
		{
			"audit-retention", "24h", "1h",
			func(s config.Serve) any { return s.AuditRetention }, 90 * 24 * time.Hour, 24 * time.Hour,
		},
		{
			"cors-origins", "https://a.example.com, http://localhost:3000 ,", "*",
			func(s config.Serve) any { return s.CORSOrigins },
			config.List(nil),
			config.List{"https://a.example.com", "http://localhost:3000"},
		},
		{
			"trusted-proxies", "10.0.0.0/8,::1", "127.0.0.1",
			func(s config.Serve) any { return s.TrustedProxies },
			config.List(nil),
			config.List{"10.0.0.0/8", "::1"},
		},
		{
			"metrics-addr", "127.0.0.1:9090", "[::1]:9091",
			func(s config.Serve) any { return s.MetricsAddr }, "", "127.0.0.1:9090",
		},
		{"log-format", "json", "text", func(s config.Serve) any { return s.LogFormat }, "", "json"},
		{"log-level", "debug", "error", func(s config.Serve) any { return s.LogLevel }, "info", "debug"},
		{"argon2-memory", "65536", "47104", func(s config.Serve) any { return s.Memory }, uint32(19456), uint32(65536)},
		{"argon2-time", "3", "4", func(s config.Serve) any { return s.Passes }, uint32(2), uint32(3)},
		{"argon2-parallelism", "4", "2", func(s config.Serve) any { return s.Parallelism }, uint8(1), uint8(4)},
	}
	for _, tt := range tests {
		t.Run(tt.flag, func(t *testing.T) {
			flag := "--" + tt.flag + "=" + tt.value
			more := []string{}
			if tt.flag == "addr" { // its two values differ in what the demo may be
				more = append(more, "--demo=off")
			}
			check := func(from string, want any, flags ...string) {
				t.Helper()
				if got := tt.field(settings(t, append(flags, more...)...)); !reflect.DeepEqual(got, want) {
					t.Errorf("%s: %#v, want %#v", from, got, want)
				}
			}
			check("default", tt.byDefault)
			check("flag", tt.want, flag)
			t.Setenv(variable(tt.flag), tt.value)
			check("variable", tt.want)
			t.Setenv(variable(tt.flag), tt.other)
			check("flag and variable", tt.want, flag)
		})
	}
	grammar, err := kong.New(new(config.Serve), kong.NoDefaultHelp())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(grammar.Model.Flags); n != len(tests) {
		t.Errorf("%d settings, of which %d are tested", n, len(tests))
	}
}

func variable(flag string) string {
	return "LATCHKEY_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func TestListFlagGivenTwice(t *testing.T) {
	cleanEnvironment(t)
	t.Setenv("LATCHKEY_CORS_ORIGINS", "https://unwanted.example.com")
	got := settings(t, "--cors-origins=http://a.test,http://b.test", "--cors-origins=http://a.test http://c.test")
	want := config.List{"http://a.test", "http://b.test", "http://c.test"}
	if !reflect.DeepEqual(got.CORSOrigins, want) {
		t.Errorf("%q, want %q", got.CORSOrigins, want)
	}
}

func TestStrictFormCanBeTurnedOff(t *testing.T) {
	cleanEnvironment(t)
	t.Setenv("LATCHKEY_STRICT_FORM", "true")
	if settings(t, "--no-strict-form").StrictForm {
		t.Error("--no-strict-form did not win over the variable")
	}
}

func TestParams(t *testing.T) {
	cleanEnvironment(t)
	if got := settings(t).Params(); got != passwords.DefaultParams() {
		t.Errorf("by default %+v, want %+v", got, passwords.DefaultParams())
	}
	got := settings(t, "--argon2-memory=65536", "--argon2-time=3", "--argon2-parallelism=4").Params()
	if want := (passwords.Params{Memory: 65536, Time: 3, Parallelism: 4}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestIssuer(t *testing.T) {
	listening := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}
	tests := []struct{ publicURL, addr, want string }{
		{"", "127.0.0.1:0", "http://127.0.0.1:4711"},
		{"", "localhost:0", "http://localhost:4711"},
		{"", "[::1]:0", "http://[::1]:4711"},
		{"", ":0", "http://127.0.0.1:4711"},
		{"https://id.example.com", "127.0.0.1:0", "https://id.example.com"},
		{"https://id.example.com/", "127.0.0.1:0", "https://id.example.com"},
		{"https://example.com/auth//", "127.0.0.1:0", "https://example.com/auth"},
	}
	for _, tt := range tests {
		s := config.Serve{PublicURL: tt.publicURL, Addr: tt.addr}
		if got := s.Issuer(listening); got != tt.want {
			t.Errorf("public URL %q, address %q: %q, want %q", tt.publicURL, tt.addr, got, tt.want)
		}
	}
}

func TestLoopback(t *testing.T) {
	tests := map[string]bool{
		"127.0.0.1:8000":        true,
		"127.0.0.2:8000":        true,
		"127.255.255.254:0":     true,
		"[::1]:8000":            true,
		"localhost:8000":        true,
		"LocalHost:8000":        true,
		"[::ffff:127.0.0.1]:80": true,
		"0.0.0.0:8000":          false,
		"[::]:8000":             false,
		":8000":                 false,
		"192.168.1.10:8000":     false,
		"10.0.0.1:8000":         false,
		"128.0.0.1:8000":        false,
		"[fe80::1]:8000":        false,
		"[::ffff:10.0.0.1]:80":  false,
		"example.com:80":        false,
		"localhost.evil.com:80": false,
		"127.0.0.1.evil.com:80": false,
		"127.0.0.1":             false,
	}
	for addr, want := range tests {
		if got := (config.Serve{Addr: addr}).Loopback(); got != want {
			t.Errorf("%s: %v, want %v", addr, got, want)
		}
	}
}

func TestDemoWanted(t *testing.T) {
	tests := []struct {
		demo, addr     string
		wanted, forced bool
	}{
		{"auto", "127.0.0.1:0", true, false},
		{"auto", "0.0.0.0:0", false, false},
		{"on", "localhost:0", true, true},
		{"true", "localhost:0", true, true},
		{"off", "127.0.0.1:0", false, false},
		{"false", "127.0.0.1:0", false, false},
		{"off", "0.0.0.0:0", false, false},
	}
	for _, tt := range tests {
		s := settings(t, "--demo="+tt.demo, "--addr="+tt.addr)
		if s.DemoWanted() != tt.wanted || s.DemoForced() != tt.forced {
			t.Errorf("%s on %s: wanted %v, forced %v", tt.demo, tt.addr, s.DemoWanted(), s.DemoForced())
		}
	}
}
