package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
)

// step is a part of a conversation.
type step struct {
	name      string
	do        func() error
	public    bool // an answer to it cannot quote the password or the mail
	aboutMail bool // a refusal is of this mail, rather than of us
}

// ownError is an error of this room, which shows nothing that it should not.
type ownError string

// Error implements error.
func (e ownError) Error() string { return string(e) }

// describe makes an error of a step one that can be logged, and Permanent
// where it is.
func describe(ctx context.Context, s step, err error) error {
	if ctx.Err() != nil {
		// The connection was closed for it: err tells of that only.
		return fmt.Errorf("%s: %w", s.name, context.Cause(ctx))
	}
	described := fmt.Errorf("%s: %w", s.name, s.presentable(err))
	reply, ok := errors.AsType[*textproto.Error](err)
	if ok && s.aboutMail && reply.Code >= 500 && !slices.Contains(aboutUs, reply.Code) {
		return permanentError{described}
	}
	return described
}

// aboutUs are the replies which say that we said something at a wrong time, or
// did not log in: other settings can mend them.
var aboutUs = []int{502, 503, 530, 534, 535, 538}

// enhancedCode begins the text of many replies (RFC 2034).
var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// anAddress is an email address in a reply: whose mail it was is not for the log.
var anAddress = regexp.MustCompile(`[^\s<>]+@[^\s<>]+`)

// presentable is err without what must not get into a log. Servers quote what
// they refuse: a spam filter, for one, the link that it did not like.
func (s step) presentable(err error) error {
	reply, isReply := errors.AsType[*textproto.Error](err)
	_, isOwn := errors.AsType[ownError](err)
	_, isNet := errors.AsType[net.Error](err)
	switch {
	case isReply && s.public:
		return fmt.Errorf("the server answered %d %.200q", reply.Code, anAddress.ReplaceAllString(reply.Msg, "…"))
	case isReply:
		return ownError(strings.TrimSpace(fmt.Sprintf("the server answered %d %s", reply.Code, enhancedCode.FindString(reply.Msg))))
	case s.public || isOwn || isNet || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return err
	}
	return ownError("the server's answer was not understood")
}
