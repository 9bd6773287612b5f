package tracing

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// prefix is what the variables of the OTLP exporter have in common. With
	// TRACES_ after it they are for traces alone, and win.
	prefix = "OTEL_EXPORTER_OTLP_"
	// defaultTimeout is for sending one batch.
	defaultTimeout = 10 * time.Second
)

// settings are where spans go, and how.
type settings struct {
	endpoint string
	headers  http.Header
	timeout  time.Duration
	gzip     bool
	tls      *tls.Config
}

// read is nil where no collector is named, or tracing is turned off.
func read(getenv func(string) string) (*settings, error) {
	variable := func(name string) (value string) {
		if value = getenv(prefix + "TRACES_" + name); value == "" {
			value = getenv(prefix + name)
		}
		return strings.TrimSpace(value)
	}
	if strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none" || variable("ENDPOINT") == "" {
		return nil, nil //nolint:nilnil // neither a collector nor an error
	}
	s := &settings{timeout: defaultTimeout, gzip: variable("COMPRESSION") == "gzip"}
	var errs [5]error
	s.endpoint, errs[0] = endpoint(getenv)
	s.headers, errs[1] = headers(variable("HEADERS"))
	if text := variable("TIMEOUT"); text != "" {
		ms, err := strconv.ParseUint(text, 10, 31)
		if s.timeout = time.Duration(ms) * time.Millisecond; err != nil || ms == 0 {
			errs[2] = errors.New(prefix + "TIMEOUT is not a number of milliseconds")
		}
	}
	if protocol := variable("PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		errs[3] = fmt.Errorf("%sPROTOCOL: spans are sent by http/protobuf, not %q", prefix, protocol)
	}
	s.tls, errs[4] = certificates(variable("CERTIFICATE"), variable("CLIENT_CERTIFICATE"), variable("CLIENT_KEY"))
	return s, errors.Join(errs[:]...)
}

// endpoint is the collector's URL: that for traces as it is, or the path for
// them below that for everything. The error does not quote it, for it may have
// a password.
func endpoint(getenv func(string) string) (string, error) {
	name, suffix := prefix+"TRACES_ENDPOINT", ""
	if getenv(name) == "" {
		name, suffix = prefix+"ENDPOINT", "/v1/traces"
	}
	u, err := url.Parse(strings.TrimSpace(getenv(name)))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New(name + ": must be an absolute URL, as in http://collector:4318")
	}
	if suffix != "" {
		u = u.JoinPath(suffix)
	}
	return u.String(), nil
}

// headers are given as name=value pairs, separated by commas, the values escaped as in URLs.
func headers(list string) (http.Header, error) {
	all := http.Header{}
	for pair := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, escaped, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(escaped))
		if !ok || err != nil {
			return nil, errors.New(prefix + "HEADERS: must be name=value pairs, separated by commas")
		}
		all.Set(strings.TrimSpace(name), value)
	}
	return all, nil
}

// certificates are files in PEM: whom to trust, and who we are. Nil is the
// system's trust, and nobody.
func certificates(trusted, own, key string) (*tls.Config, error) {
	if trusted == "" && own == "" {
		return nil, nil //nolint:nilnil // as documented
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if trusted != "" {
		pem, err := os.ReadFile(trusted)
		config.RootCAs = x509.NewCertPool()
		if err != nil || !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.Join(errors.New(prefix+"CERTIFICATE: has no certificate"), err)
		}
	}
	if own != "" {
		pair, err := tls.LoadX509KeyPair(own, key)
		if err != nil {
			return nil, fmt.Errorf("%sCLIENT_CERTIFICATE: %w", prefix, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
