package tracing

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	// firstPause is how long to wait before a batch is sent again; it doubles.
	firstPause = time.Second
	// attempts is how often a batch is sent before it is given up.
	attempts = 4
)

// client sends spans by OTLP over HTTP. It is an otlptrace.Client of our own
// because the usual one brings gRPC along, and eight MiB with it.
type client struct {
	*settings
	http *http.Client
	log  *slog.Logger
	away atomic.Bool // the last batch could not be sent
}

func newClient(s *settings, log *slog.Logger) *client {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: s.tls, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute,
	}
	return &client{settings: s, log: log, http: &http.Client{
		Transport: transport, Timeout: s.timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Start implements otlptrace.Client.
func (c *client) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (c *client) Stop(context.Context) error {
	c.http.CloseIdleConnections()
	return nil
}

// UploadTraces implements otlptrace.Client. What cannot be sent is logged, once
// for a time in which nothing can, and is lost: the service goes on.
func (c *client) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	// On the wire this is the same as an ExportTraceServiceRequest.
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err == nil {
		err = c.send(ctx, body)
	}
	if away := err != nil; c.away.Swap(away) != away {
		if away {
			c.log.WarnContext(ctx, "traces cannot be sent; they are lost", "error", err)
		} else {
			c.log.InfoContext(ctx, "traces can be sent again")
		}
	}
	return nil
}

// send tries again for as long as the collector asks for that.
func (c *client) send(ctx context.Context, body []byte) (err error) {
	pause := firstPause
	for range attempts {
		var again time.Duration
		if again, err = c.post(ctx, body); err == nil || again < 0 {
			return err
		}
		rest, done := context.WithTimeout(ctx, max(again, pause))
		<-rest.Done()
		done()
		if ctx.Err() != nil {
			return err
		}
		pause *= 2
	}
	return err
}

// post sends a body once. If it may be sent again, again is after how long, else it is negative.
func (c *client) post(ctx context.Context, body []byte) (again time.Duration, err error) {
	var content io.Reader = bytes.NewReader(body)
	if c.gzip {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, errWrite := w.Write(body)
		if err := errors.Join(errWrite, w.Close()); err != nil {
			return -1, err
		}
		content = &packed
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, content)
	if err != nil {
		return -1, err
	}
	req.Header = c.headers.Clone()
	req.Header.Set("Content-Type", "application/x-protobuf")
	if c.gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection serves again
	switch resp.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return 0, nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return time.Duration(max(seconds, 0)) * time.Second, fmt.Errorf("the collector answers %s", resp.Status)
	}
	return -1, fmt.Errorf("the collector answers %s", resp.Status)
}
