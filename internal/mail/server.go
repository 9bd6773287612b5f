package mail

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// encryption is when a conversation is encrypted.
type encryption int

const (
	required  encryption = iota // by STARTTLS, or there is no conversation
	ifOffered                   // by STARTTLS
	immediate                   // before the first word
	never
)

// server is what an SMTP URL says.
type server struct {
	host, port     string
	user, password string // both or neither
	encryption     encryption
	loopback       bool
}

// CheckSMTPURL says what is wrong with an SMTP URL. The error shows nothing of it.
func CheckSMTPURL(text string) error {
	_, err := parseServer(text)
	return err
}

func parseServer(text string) (server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		// err quotes the URL, password and all.
		return server{}, errors.New("must be of the form smtp://user:password@host:587, " +
			"with special characters in user and password percent-encoded")
	}
	if u.Path != "" || u.Fragment != "" {
		return server{}, errors.New("must have no path and no fragment; " +
			"a / or # in user or password is written as %2F or %23")
	}
	s := server{host: u.Hostname(), port: u.Port(), loopback: isLoopback(u.Hostname())}
	if s.encryption, err = s.chooseEncryption(u); err != nil {
		return server{}, err
	}
	switch {
	case s.port == "" && s.encryption == immediate:
		s.port = "465"
	case s.port == "":
		s.port = "587"
	}
	if port, err := strconv.ParseUint(s.port, 10, 16); err != nil || port == 0 {
		return server{}, errors.New("must have a port between 1 and 65535, or none")
	}
	err = s.setCredentials(u.User)
	return s, err
}

func (s *server) chooseEncryption(u *url.URL) (encryption, error) {
	plain := u.Scheme == "smtp"
	switch {
	case !plain && u.Scheme != "smtps":
		return 0, errors.New("must begin with smtp:// or smtps://")
	case plain && u.RawQuery == "starttls=off":
		return never, nil
	case u.RawQuery != "" || u.ForceQuery:
		return 0, errors.New("must have no query but ?starttls=off after smtp://; " +
			"a ? in user or password is written as %3F")
	case !plain:
		return immediate, nil
	case s.loopback:
		return ifOffered, nil
	}
	return required, nil
}

func (s *server) setCredentials(user *url.Userinfo) error {
	if user == nil {
		return nil
	}
	s.user = user.Username()
	s.password, _ = user.Password()
	switch {
	case s.user == "" || s.password == "":
		return errors.New("must have both a user and a password, or neither")
	case strings.ContainsAny(s.user+s.password, "\x00\r\n"):
		return errors.New("must have no line breaks or zero bytes in user and password")
	case s.encryption == never && !s.loopback:
		return errors.New("must have no password with starttls=off: it would cross the network unencrypted")
	}
	return nil
}

func (s *server) address() string { return net.JoinHostPort(s.host, s.port) }

func (s *server) tlsConfig() *tls.Config {
	config := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	if s.encryption == ifOffered {
		// For loopback hosts only: nothing crosses a network, and nobody issues
		// certificates for them.
		config.InsecureSkipVerify = true
	}
	return config
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
