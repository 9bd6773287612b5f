package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"latchkey/internal/mail"
)

// fault names the setting that err is about.
func fault(flag string, err error) error {
	if err == nil {
		return nil
	}
	variable := "LATCHKEY_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
	return fmt.Errorf("--%s (%s): %w", flag, variable, err)
}

// checkPostgresURL finds what would be taken for another part of the URL, and
// then be shown: most of all a password that was not escaped. It quotes nothing.
func checkPostgresURL(text string) error {
	const form = "must be of the form postgres://user:password@host:5432/database?options"
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Fragment != "" || strings.ContainsAny(u.RawQuery, "@/`") || strings.Contains(text, "`"),
		strings.ContainsAny(strings.TrimPrefix(u.EscapedPath(), "/"), "@/:"):
		return errors.New(form + `, with each of @ : / ? # in a user, password or option as %40 %3A %2F %3F %23`)
	case strings.Trim(u.Path, "/") == "" && !u.Query().Has("dbname"):
		return errors.New(form + ": it names no database")
	}
	return nil
}

func checkAddr(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is not of the form host:port", addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q is not a port", port)
	}
	if strings.ContainsAny(host, " /") {
		return fmt.Errorf("%q is not a host", host)
	}
	return nil
}

func checkPublicURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("must be an absolute URL, as in https://id.example.com")
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return errors.New("must have no query, fragment or user") // RFC 8414 §2
	}
	return nil
}

func checkTTL(d time.Duration) error {
	const longest = 30 * 24 * time.Hour
	if d < time.Second || d > longest || d%time.Second != 0 {
		return fmt.Errorf("%s is not a number of whole seconds between 1s and %s", d, longest)
	}
	return nil
}

func checkSessionTTL(d time.Duration) error {
	const longest = 10 * 365 * 24 * time.Hour
	if d < time.Second || d > longest {
		return fmt.Errorf("%s is not between 1s and %s", d, longest)
	}
	return nil
}

func checkRetention(d time.Duration) error {
	if d < time.Hour {
		return fmt.Errorf("%s is not at least 1h", d)
	}
	return nil
}

func checkTemplates(dir string) error {
	_, err := mail.LoadTemplates(dir)
	return err
}

func optional(value string, check func(string) error) error {
	if value == "" {
		return nil
	}
	return check(value)
}

func checkReuseWindow(d time.Duration) error {
	if d < 0 || d > time.Hour {
		return fmt.Errorf("%s is not between 0s and 1h", d)
	}
	return nil
}

func checkOrigin(origin string) error {
	if origin == "*" {
		return nil
	}
	u, err := url.Parse(origin)
	switch {
	case err != nil || u.Scheme == "" || u.Host == "" || u.User != nil:
		return errors.New("must be origins, as in https://app.example.com, or *")
	case origin != strings.ToLower(u.Scheme+"://"+u.Host), u.Port() != "" && u.Port() == defaultPorts[u.Scheme]:
		return fmt.Errorf("%q is not an origin as browsers send it: "+
			"in lower case, without a path and without the scheme's own port", origin)
	}
	return nil
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

func checkProxy(proxy string) error {
	if addr, err := netip.ParseAddr(proxy); err == nil && addr.Zone() == "" {
		return nil
	}
	if _, err := netip.ParsePrefix(proxy); err == nil {
		return nil
	}
	return fmt.Errorf("%q is neither an address nor a network, as in 10.0.0.0/8", proxy)
}

func oneOf(value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%q is not one of %s", value, strings.Trim(strings.Join(allowed, ", "), ", "))
}

func each(values []string, check func(string) error) error {
	for _, v := range values {
		if err := check(v); err != nil {
			return err
		}
	}
	return nil
}

// checkMetricsAddr wants an address of its own: with port 0 each gets another.
func checkMetricsAddr(s Serve) error {
	if err := optional(s.MetricsAddr, checkAddr); err != nil {
		return err
	}
	if _, port, _ := net.SplitHostPort(s.MetricsAddr); s.MetricsAddr == s.Addr && port != "0" {
		return fmt.Errorf("%s is the main address; without this setting /metrics is there", s.Addr)
	}
	return nil
}

// checkDemo refuses to publish accounts whose passwords everybody knows.
func checkDemo(s Serve) error {
	if s.DemoForced() && !s.Loopback() {
		return fmt.Errorf("the demo accounts have published passwords: they need a loopback address, not %s", s.Addr)
	}
	return oneOf(s.Demo, "auto", "on", "off", "true", "false")
}
