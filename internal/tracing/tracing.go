// Package tracing tells an OpenTelemetry collector where the time of requests
// goes. It is on where OpenTelemetry's own variables name a collector.
//
// A span never has what a client has typed or holds: no path, query, header,
// body, name, address or token, and of SQL the text without its values.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// stopTimeout is for the last spans to be sent when the service stops.
const stopTimeout = 5 * time.Second

// Tracer makes spans. It is safe for concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// Start makes a tracer as the variables have it that getenv returns, nil if
// they name no collector. See OpenTelemetry's "SDK environment variables" and
// "OTLP exporter configuration"; the sampler and the batches are as these say.
func Start(ctx context.Context, version string, getenv func(string) string, log *slog.Logger) (*Tracer, error) {
	settings, err := read(getenv)
	if err != nil || settings == nil {
		return nil, err
	}
	about, err := resource.New(ctx, // without what is known of the process: its command line may have passwords
		resource.WithAttributes(semconv.ServiceName("latchkey"), semconv.ServiceVersion(version)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv(),
	)
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	exporter, err := otlptrace.New(ctx, newClient(settings, log))
	if err != nil {
		return nil, err
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))
	return &Tracer{provider: provider, tracer: provider.Tracer("latchkey")}, nil
}

// Close sends what was not sent yet. A nil tracer may be closed.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	return t.provider.Shutdown(ctx)
}

// Request begins the span of a request, as part of the trace that its
// traceparent header names (W3C Trace Context), if it does. ended is called
// with the route, empty if none matched, and the status.
func (t *Tracer) Request(r *http.Request) (ctx context.Context, ended func(route string, status int)) {
	ctx = propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	method := semconv.HTTPRequestMethodKey.String(knownMethod(r.Method))
	ctx, span := t.tracer.Start(ctx, method.Value.AsString(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(method, semconv.URLScheme("http"), semconv.NetworkProtocolVersion(fmt.Sprintf("%d.%d", r.ProtoMajor, r.ProtoMinor))))
	return ctx, func(route string, status int) {
		if route != "" {
			span.SetName(method.Value.AsString() + " " + route)
			span.SetAttributes(semconv.HTTPRoute(route))
		}
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
			span.SetAttributes(semconv.ErrorTypeKey.String(fmt.Sprint(status)))
		}
		span.End()
	}
}

// knownMethod is the method if HTTP knows it, else what the conventions have for others.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return "_OTHER"
}

// Hash begins the spans of a password that is to be hashed: one for its wait,
// and one for the hash from when begun is called. ended is called at the end,
// with why it was not hashed if it was not.
func (t *Tracer) Hash(ctx context.Context) (begun func(), ended func(error)) {
	span := t.child(ctx, "wait to hash the password")
	return func() {
			span.End()
			span = t.child(ctx, "hash the password")
		}, func(err error) {
			fail(span, err)
			span.End()
		}
}

// Query begins the span of a call to the database, of that system, with that
// statement: SQL without values. ended is called with the error that the call
// ended with, if it is known.
func (t *Tracer) Query(ctx context.Context, system, statement string) (called context.Context, ended func(error)) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, func(error) {}
	}
	text := strings.Join(strings.Fields(statement), " ")
	operation, _, _ := strings.Cut(text, " ")
	called, span := t.tracer.Start(ctx, operation, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		semconv.DBSystemNameKey.String(system), semconv.DBOperationName(operation), semconv.DBQueryText(text)))
	return called, func(err error) {
		fail(span, err)
		span.End()
	}
}

// child begins a span in a trace that there is: what goes on without a request
// makes none.
func (t *Tracer) child(ctx context.Context, name string) trace.Span {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return noop.Span{}
	}
	_, span := t.tracer.Start(ctx, name)
	return span
}

// fail marks a span, without the words of the error: these may quote what was typed.
func fail(span trace.Span, err error) {
	if err == nil {
		return
	}
	kind := "error"
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		kind = "timeout"
	case errors.Is(err, context.Canceled):
		kind = "canceled"
	}
	span.SetStatus(codes.Error, "")
	span.SetAttributes(attribute.String(string(semconv.ErrorTypeKey), kind))
}
