// Package config has the service's settings. Each is a flag and an
// environment variable; the struct tags are read by the command line
// (internal/cli), and Check finds what the types let through.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/passwords"
)

// Database is the setting that every command which touches accounts needs.
type Database struct {
	DatabaseURL string `name:"database-url" env:"LATCHKEY_DATABASE_URL" default:"sqlite:latchkey.db" placeholder:"URL" help:"Where the data is: sqlite:path/to/file.db, or postgres://user:password@host/database (${default})."`
}

// Source is what internal/store opens: the path of an SQLite file, or the URL
// of a PostgreSQL database.
func (d Database) Source() (string, error) {
	if d.postgres() {
		return d.DatabaseURL, fault("database-url", checkPostgresURL(d.DatabaseURL))
	}
	path, ok := d.File()
	if !ok {
		return "", fault("database-url", errors.New("must name a file, as in sqlite:latchkey.db or "+
			"sqlite:/var/lib/latchkey/latchkey.db, or be a URL, as in postgres://user:password@db.example.com/latchkey"))
	}
	return path, nil
}

func (d Database) postgres() bool {
	return strings.HasPrefix(d.DatabaseURL, "postgres://") || strings.HasPrefix(d.DatabaseURL, "postgresql://")
}

// File is the SQLite file that the URL names, if it does. After an empty host,
// as in sqlite:///var/lib/…, the path is absolute; SQLAlchemy's spellings that
// can mean one thing only, sqlite:///./… and sqlite:////var/lib/…, are understood.
func (d Database) File() (path string, ok bool) {
	path, ok = strings.CutPrefix(d.DatabaseURL, "sqlite:")
	if rest, emptyHost := strings.CutPrefix(path, "///"); emptyHost {
		path = rest
		if !strings.HasPrefix(path, "./") && !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
	}
	if !ok || path == "" || path == "/" || strings.HasPrefix(path, "//") ||
		strings.Contains(path, ":memory:") || strings.Contains(path, "://") {
		return "", false
	}
	return path, true
}

// Keys are the settings of the signing keys.
type Keys struct {
	Database
	KeyFile        string        `name:"key-file" env:"LATCHKEY_KEY_FILE" placeholder:"FILE" help:"Signing keys, PEM; the service makes the file if there is none (latchkey.key.pem beside the database file, or in the working folder)."`
	AccessTokenTTL time.Duration `name:"access-token-ttl" env:"LATCHKEY_ACCESS_TOKEN_TTL" default:"30m" placeholder:"DURATION" help:"Lifetime of an access token (${default})."`
}

// Check says what is wrong with the settings, each fault with the name of
// its flag and variable.
func (k Keys) Check() error {
	_, err := k.Source()
	return errors.Join(err, fault("access-token-ttl", checkTTL(k.AccessTokenTTL)))
}

// KeyPath is the file with the signing keys. A database that is a server has
// no folder: then it is in the working folder, and it is up to whoever runs
// several instances to give all of them the same one.
func (k Keys) KeyPath() string {
	if k.KeyFile != "" {
		return k.KeyFile
	}
	database, _ := k.File()
	return filepath.Join(filepath.Dir(database), "latchkey.key.pem")
}

// Hashing are the costs of a password's hash.
type Hashing struct {
	Memory      uint32 `name:"argon2-memory" env:"LATCHKEY_ARGON2_MEMORY" default:"19456" placeholder:"KIB" help:"Memory that hashing a password takes, in KiB (${default})."`
	Passes      uint32 `name:"argon2-time" env:"LATCHKEY_ARGON2_TIME" default:"2" placeholder:"N" help:"Passes over that memory (${default})."`
	Parallelism uint8  `name:"argon2-parallelism" env:"LATCHKEY_ARGON2_PARALLELISM" default:"1" placeholder:"N" help:"Lanes of that memory (${default})."`
}

// Params are the costs as internal/passwords has them.
func (h Hashing) Params() passwords.Params {
	return passwords.Params{Memory: h.Memory, Time: h.Passes, Parallelism: h.Parallelism}
}

// Check says what is wrong with the costs: it is they together that count.
func (h Hashing) Check() error {
	if err := h.Params().Check(); err != nil {
		return fmt.Errorf("--argon2-memory, --argon2-time, --argon2-parallelism "+
			"(LATCHKEY_ARGON2_MEMORY, LATCHKEY_ARGON2_TIME, LATCHKEY_ARGON2_PARALLELISM): %w", err)
	}
	return nil
}

// Serve are the settings of the service.
type Serve struct {
	Keys
	Hashing
	Addr               string        `env:"LATCHKEY_ADDR" default:"127.0.0.1:8000" placeholder:"HOST:PORT" help:"Address to listen on (${default})."`
	PublicURL          string        `name:"public-url" env:"LATCHKEY_PUBLIC_URL" placeholder:"URL" help:"URL under which clients reach the service, the issuer of its tokens (http:// and the address)."`
	Demo               string        `env:"LATCHKEY_DEMO" default:"auto" placeholder:"auto|on|off" help:"Create the demo accounts johndoe and alice; auto: while the address is loopback and the database is new (${default})."`
	RefreshTokenTTL    time.Duration `name:"refresh-token-ttl" env:"LATCHKEY_REFRESH_TOKEN_TTL" default:"720h" placeholder:"DURATION" help:"Lifetime of a session, however much it is used (${default})."`
	RefreshReuseWindow time.Duration `name:"refresh-reuse-window" env:"LATCHKEY_REFRESH_REUSE_WINDOW" default:"10s" placeholder:"DURATION" help:"For how long after its use a refresh token may be used again (${default})."`
	StrictForm         bool          `name:"strict-form" env:"LATCHKEY_STRICT_FORM" negatable:"" help:"Require grant_type=password at /token."`
	Registration       string        `env:"LATCHKEY_REGISTRATION" default:"open" placeholder:"open|closed" help:"Whether people can sign up (${default})."`
	RateLimit          string        `name:"rate-limit" env:"LATCHKEY_RATE_LIMIT" default:"on" placeholder:"on|off" help:"Limit how often passwords are tried, accounts created and mails asked for; off is for load tests (${default})."`
	SMTPURL            string        `name:"smtp-url" env:"LATCHKEY_SMTP_URL" placeholder:"URL" help:"Mail server, smtp://user:pass@host:587; set the variable rather than the flag, which others can see (mails go to the log)."`
	MailFrom           string        `name:"mail-from" env:"LATCHKEY_MAIL_FROM" placeholder:"ADDRESS" help:"Sender of mails (latchkey at the host of the public URL)."`
	MailTemplates      string        `name:"mail-templates" env:"LATCHKEY_MAIL_TEMPLATES" placeholder:"FOLDER" help:"Folder with texts of mails that replace the built-in ones (none)."`
	AppURL             string        `name:"app-url" env:"LATCHKEY_APP_URL" placeholder:"URL" help:"Front end that mails link to: /verify-email and /reset-password below it (the public URL, with small pages of the service's own)."`
	AuditRetention     time.Duration `name:"audit-retention" env:"LATCHKEY_AUDIT_RETENTION" default:"2160h" placeholder:"DURATION" help:"For how long the audit trail is kept (${default})."`
	CORSOrigins        List          `name:"cors-origins" env:"LATCHKEY_CORS_ORIGINS" placeholder:"ORIGIN,…" help:"Origins whose pages may call the API, or * (none; loopback ones while the demo is on)."`
	TrustedProxies     List          `name:"trusted-proxies" env:"LATCHKEY_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Proxies whose X-Forwarded-For is believed (none)."`
	MetricsAddr        string        `name:"metrics-addr" env:"LATCHKEY_METRICS_ADDR" placeholder:"HOST:PORT" help:"Address that only those can reach who run the service, for /metrics and /debug/pprof/ (/metrics is on the main address, profiles are off)."`
	LogFormat          string        `name:"log-format" env:"LATCHKEY_LOG_FORMAT" placeholder:"text|json" help:"Format of the log (text on a terminal, else json)."`
	LogLevel           string        `name:"log-level" env:"LATCHKEY_LOG_LEVEL" default:"info" placeholder:"LEVEL" help:"Least level that is logged: debug, info, warn or error (${default})."`
}

// Check says what is wrong with the settings, each fault with the name of
// its flag and variable.
func (s Serve) Check() error {
	return errors.Join(
		s.Keys.Check(),
		fault("addr", checkAddr(s.Addr)),
		fault("public-url", checkPublicURL(s.PublicURL)),
		fault("demo", checkDemo(s)),
		fault("refresh-token-ttl", checkSessionTTL(s.RefreshTokenTTL)),
		fault("refresh-reuse-window", checkReuseWindow(s.RefreshReuseWindow)),
		s.Hashing.Check(),
		fault("registration", oneOf(s.Registration, "open", "closed")),
		fault("rate-limit", oneOf(s.RateLimit, "on", "off", "true", "false")),
		fault("smtp-url", optional(s.SMTPURL, mail.CheckSMTPURL)),
		fault("mail-from", optional(s.MailFrom, mail.CheckFrom)),
		fault("mail-templates", checkTemplates(s.MailTemplates)),
		fault("app-url", checkPublicURL(s.AppURL)),
		fault("audit-retention", checkRetention(s.AuditRetention)),
		fault("cors-origins", each(s.CORSOrigins, checkOrigin)),
		fault("trusted-proxies", each(s.TrustedProxies, checkProxy)),
		fault("metrics-addr", checkMetricsAddr(s)),
		fault("log-format", oneOf(s.LogFormat, "", "text", "json")),
		fault("log-level", oneOf(s.LogLevel, "debug", "info", "warn", "error")),
	)
}

// Loopback reports whether only this machine can reach the address.
func (s Serve) Loopback() bool {
	host, _, err := net.SplitHostPort(s.Addr)
	return err == nil && IsLoopback(host)
}

// IsLoopback reports whether a host is this machine and no other can reach it.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}

// Issuer is the public URL without a slash at the end, or http:// and the
// address: the host that was asked for with the port that is listened on.
func (s Serve) Issuer(listening net.Addr) string {
	if s.PublicURL != "" {
		return strings.TrimRight(s.PublicURL, "/")
	}
	host, _, _ := net.SplitHostPort(s.Addr)
	_, port, err := net.SplitHostPort(listening.String())
	if host == "" || err != nil {
		return "http://" + listening.String()
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Sender is the sender of mails, and the host by which they name the service;
// publicURL is the one that Issuer returns.
func (s Serve) Sender(publicURL string) (from, host string) {
	if u, err := url.Parse(publicURL); err == nil {
		host = u.Hostname()
	}
	if s.MailFrom != "" {
		return s.MailFrom, host
	}
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return "latchkey@localhost", host
	}
	return "latchkey@" + host, host
}

// LinkRoot is where the links in mails lead, without a slash at the end.
func (s Serve) LinkRoot(publicURL string) string {
	return strings.TrimRight(cmp.Or(s.AppURL, publicURL), "/")
}

// Limited reports whether attempts are limited.
func (s Serve) Limited() bool { return s.RateLimit == "on" || s.RateLimit == "true" }

// DemoWanted reports whether the demo accounts may be made: on by order, or
// by themselves while nobody else can reach the service.
func (s Serve) DemoWanted() bool {
	return s.DemoForced() || s.Demo == "auto" && s.Loopback()
}

// DemoForced reports whether the demo accounts are asked for by name.
func (s Serve) DemoForced() bool { return s.Demo == "on" || s.Demo == "true" }
