package handlers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"latchkey/internal/apitest"
)

func TestVerifyEmailByKeyboard(t *testing.T) {
	s := apitest.Start(t)
	signUpForLink(t, s)
	link, token := linkIn(t, s, "/verify-email")
	p := openLink(t, link)
	p.expectState("ask", "Confirm your email address")
	p.expectNo(token)
	if logsIn(s, "otter@example.com", "violet otter staple") {
		t.Error("to look at the page is enough to confirm the address")
	}
	p.press(kb.Tab)
	p.expectFocus("Confirm my address")
	p.press(kb.Enter)
	p.expectState("done", "Your address is confirmed")
	p.expectFocus("Your address is confirmed")
	p.expectNo(token)
	if !logsIn(s, "otter@example.com", "violet otter staple") {
		t.Error("the address does not count")
	}

	p.do(chromedp.Reload())
	p.expectState("missing", "Please open the link in the mail")
	p.do(chromedp.Navigate(link))
	p.expectState("ask", "Confirm your email address")
	p.press(kb.Tab)
	p.press(kb.Enter)
	p.expectState("refused", "This link does not work any more")
	p.expectFocus("This link does not work any more")
	p.expectNo(token)
}

func TestVerifyEmailThatIsAnothers(t *testing.T) {
	s := apitest.Start(t)
	signUpForLink(t, s)
	link, _ := linkIn(t, s, "/verify-email")
	s.Exec(`UPDATE users SET email = 'alice@elsewhere.example', pending_email = 'otter@example.com' WHERE username = 'otter'`)
	s.Exec(`UPDATE users SET email = 'otter@example.com' WHERE username = 'johndoe'`)
	p := openLink(t, link)
	p.expectState("ask", "Confirm your email address")
	p.press(kb.Tab)
	p.press(kb.Enter)
	p.expectState("taken", "This address is taken")
	p.expectFocus("This address is taken")
}

func TestResetPasswordByKeyboard(t *testing.T) {
	s := apitest.Start(t)
	recoverForLink(t, s)
	link, token := linkIn(t, s, "/reset-password")
	p := openLink(t, link)
	p.expectState("ask", "Choose a new password")
	p.expectNo(token)
	p.press(kb.Tab)
	p.expectFocus("password")
	for _, weak := range []struct{ typed, fault string }{
		{"", "Please use at least 8 characters."},
		{"short", "Please use at least 8 characters."},
		{"aaaaaaaaa", "A password cannot be one character repeated."},
		{"password1", "That password is too common."},
		{"JohnDoe@example.com1", "A password cannot be the username or the email address, nor that and digits."},
		{strings.Repeat("ab", 513), "That is too long a password."},
	} {
		p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("password").select()`))
		p.press(kb.Delete)
		p.press(weak.typed)
		p.press(kb.Enter)
		p.expectText("fault", weak.fault)
		p.expectFocus("password")
		p.expectFieldFault(true)
	}

	p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("password").select()`))
	p.press("purple heron basket")
	p.press(kb.Tab)
	p.expectFocus("Show password")
	p.press(kb.Enter)
	p.expectFocus("Hide password")
	p.expectFieldType("text")
	p.press(kb.Tab)
	p.expectFocus("Save the password")
	p.press(kb.Enter)
	p.expectState("done", "Your password is changed")
	p.expectFocus("Your password is changed")
	p.expectFieldType("password")
	p.expectFieldFault(false)
	p.expectNo(token)
	p.keepsNo("purple heron basket")
	if !logsIn(s, "johndoe", "purple heron basket") || logsIn(s, "johndoe", "secret") {
		t.Error("the password is not the new one")
	}
}

func (p *page) expectFieldType(want string) {
	p.t.Helper()
	if got := ask(p, chromedp.Evaluate[string](`document.getElementById("password").type`)); got != want {
		p.t.Errorf("the field is of the type %s, want %s", got, want)
	}
}

// expectFieldFault looks whether a screen reader is told of a fault of the
// field's, and where to read what it is.
func (p *page) expectFieldFault(want bool) {
	p.t.Helper()
	const attributes = `["aria-invalid", "aria-describedby"].map(name => document.getElementById("password").getAttribute(name)).join(" ")`
	if got := ask(p, chromedp.Evaluate[string](attributes)); got != fmt.Sprintf("%t hint fault", want) {
		p.t.Errorf("the field says %s", got)
	}
}

func TestLinkPagesWithWrongTokens(t *testing.T) {
	s := apitest.Start(t)
	p := openLink(t, s.URL+"/verify-email?token=wrong")
	p.expectState("ask", "Confirm your email address")
	p.press(kb.Tab)
	p.press(kb.Enter)
	p.expectState("refused", "This link does not work any more")

	p.do(chromedp.Navigate(s.URL + "/reset-password?token=wrong"))
	p.expectState("ask", "Choose a new password")
	p.press(kb.Tab)
	p.press("purple heron basket")
	p.press(kb.Enter)
	p.expectState("refused", "This link does not work any more")
	p.expectFocus("This link does not work any more")

	for _, path := range []string{"/verify-email", "/verify-email/?token=", "/reset-password/", "/reset-password?other=1#token=x"} {
		p.do(chromedp.Navigate(s.URL + path))
		p.expectState("missing", "Please open the link in the mail")
	}
}
