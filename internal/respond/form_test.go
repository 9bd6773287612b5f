package respond_test

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/internal/respond"
	"latchkey/models"
)

type form = models.OAuth2PasswordRequestForm

const (
	asForm      = "application/x-www-form-urlencoded"
	asMultipart = "multipart/form-data; boundary=BOUND"

	unreadable = "The form cannot be read"
	bodyMustBe = "The body must be application/x-www-form-urlencoded or multipart/form-data"
	twice      = "A parameter is given more than once"
	noFiles    = "The form must not contain files"
)

func bindForm(query, contentType, body string) (form, error) {
	return respond.OAuthForm[form](post(query, contentType, strings.NewReader(body)))
}

// multipart is a body of parts, which alternate between what follows name= in
// their header, and their content.
func multipart(parts ...string) string {
	var b strings.Builder
	for i := 0; i < len(parts); i += 2 {
		fmt.Fprintf(&b, "--BOUND\r\nContent-Disposition: form-data; name=%s\r\n\r\n%s\r\n", parts[i], parts[i+1])
	}
	return b.String() + "--BOUND--\r\n"
}

func TestOAuthForm(t *testing.T) {
	john := form{Username: "johndoe", Password: "secret"}
	every := form{
		GrantType: "password", Username: "johndoe", Password: "a b+c&d=é%", Scope: "items:read items:write",
		ClientID: "web", ClientSecret: "s",
	}
	tests := []struct {
		name, query, contentType, body string
		want                           form
	}{
		{"two fields", "", asForm, "username=johndoe&password=secret", john},
		{
			"every field", "", asForm,
			"grant_type=password&username=johndoe&password=a+b%2Bc%26d%3D%C3%A9%25&scope=items:read+items%3Awrite&client_id=web&client_secret=s", every,
		},
		{
			"every field, multipart", "", asMultipart, multipart("grant_type", "password", "username", "johndoe", `"password"`, "a b+c&d=é%",
				"scope", "items:read items:write", "client_id", "web", "client_secret", "s"), every,
		},
		{"charset", "", asForm + "; charset=UTF-8", "username=johndoe&password=secret", john},
		{"type in capitals", "", strings.ToUpper(asForm), "username=johndoe&password=secret", john},
		{"multipart in capitals", "", "Multipart/Form-Data; BOUNDARY=\"BOUND\"", multipart("username", "johndoe", "password", "secret"), john},
		{"preamble and epilogue", "", asMultipart, "Hello\r\n" + multipart("username", "johndoe", "password", "secret") + "Bye", john},
		{"nothing", "", asForm, "", form{}},
		{"nothing, multipart", "", asMultipart, multipart(), form{}},
		{"empty fields", "", asForm, "username=&password&scope=", form{}},
		{"unknown fields", "", asForm, "username=johndoe&x=1&password=secret&=y", john},
		{"names in other cases", "", asForm, "Username=x&PASSWORD=y&username=johndoe&password=secret", john},
		{"a part without a name", "", asMultipart, multipart(`""`, "x", "username", "johndoe", "password", "secret"), john},
		{"an unknown query", "a=1&b", asForm, "username=johndoe&password=secret", john},
		{"a query that cannot be parsed", "a=%zz;%", asForm, "username=johndoe&password=secret", john},
		{"a query that is no parameter of ours", "PASSWORD=x&password%5B%5D=x&x=password&my-token=1", asForm, "username=johndoe&password=secret", john},
		{"bytes are left alone", "", asForm, "username=%00&password=%ff", form{Username: "\x00", Password: "\xff"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := bindForm(tt.query, tt.contentType, tt.body); err != nil || got != tt.want {
				t.Errorf("%+v, %v\nwant %+v", got, err, tt.want)
			}
		})
	}
}

func TestOAuthFormRefuses(t *testing.T) {
	const good = "username=johndoe&password=secret"
	parts := []string{"username", "johndoe", "password", "secret"}
	given := func(name string) string { return "The parameter " + name + " is given more than once" }
	var distinct, repeated strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&distinct, "&p%d=", i)
		repeated.WriteString("&p=")
	}
	tests := []struct{ name, contentType, body, want string }{
		{"JSON", asJSON, `{"username":"johndoe","password":"secret"}`, bodyMustBe},
		{"no content type", "", good, bodyMustBe},
		{"plain text", "text/plain", good, bodyMustBe},
		{"no media type", "form", good, bodyMustBe},
		{"another multipart", "multipart/mixed; boundary=BOUND", multipart(parts...), bodyMustBe},
		{"broken media type", asForm + "; charset", good, bodyMustBe},

		{"password twice", asForm, good + "&password=other", given("password")},
		{"the same twice", asForm, good + "&username=johndoe", given("username")},
		{"twice, once empty", asForm, good + "&scope=&scope=a", given("scope")},
		{"twice in two spellings", asForm, good + "&p%61ssword=other", given("password")},
		{"twice, multipart", asMultipart, multipart(append(parts, "password", "other")...), given("password")},
		{"unknown twice", asForm, good + "&secret=x&secret=y", twice},
		{"ours and unknown twice", asForm, "a=&a=&" + good + "&b=&b=&username=", given("username")},
		{"two of ours twice", asForm, good + "&" + good, given("username")},

		{"bad percent-encoding", asForm, good + "&x=%zz", unreadable},
		{"half a percent-encoding", asForm, "username=johndoe&password=secret%2", unreadable},
		{"bad percent-encoding in a name", asForm, good + "&%=", unreadable},
		{"semicolon", asForm, "username=johndoe;password=secret", unreadable},
		{"many fields", asForm, good + distinct.String(), unreadable},
		{"many of the same", asForm, good + repeated.String(), unreadable},

		{"no boundary", "multipart/form-data", multipart(parts...), unreadable},
		{"empty boundary", `multipart/form-data; boundary=""`, multipart(parts...), unreadable},
		{"another boundary", "multipart/form-data; boundary=OTHER", multipart(parts...), unreadable},
		{"not multipart at all", asMultipart, good, unreadable},
		{"empty multipart", asMultipart, "", unreadable},
		{"broken part header", asMultipart, "--BOUND\r\nsecret\r\n\r\n--BOUND--\r\n", unreadable},
		{"many parts", asMultipart, strings.Repeat(strings.TrimSuffix(multipart("p", ""), "--BOUND--\r\n"), 2000) + "--BOUND--\r\n", unreadable},
		{"file", asMultipart, multipart(append(parts, `"x"; filename="a.txt"`, "content")...), noFiles},
		{"password as a file", asMultipart, multipart("username", "johndoe", `"password"; filename="a.txt"`, "secret"), noFiles},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := bindForm("", tt.contentType, tt.body)
			e := refusal(t, err, models.KindBadRequest)
			if e.OAuth != models.OAuthInvalidRequest || e.Detail != tt.want || e.Cause != nil {
				t.Errorf("%s: %v, want %s", e.OAuth, e, tt.want)
			}
			if got != (form{}) {
				t.Errorf("with the error comes %+v", got)
			}
		})
	}
}

func TestOAuthFormRefusesParametersInTheQuery(t *testing.T) {
	tests := []struct{ query, name string }{
		{"password=secret", "password"},
		{"password=", "password"},
		{"password", "password"},
		{"a=1&username=johndoe&b=2", "username"},
		{"a=1;password=secret", "password"},
		{"a=1&amp;password=secret", "password"},
		{";;&password=secret", "password"},
		{"&&&&refresh_token=x", "refresh_token"},
		{"p%61ssword=secret", "password"},
		{"%70%61%73%73%77%6F%72%64=secret", "password"},
		{"a=%zz&password=secret", "password"},
		{"%zz=1&password=%zz", "password"},
		{"password=a=b", "password"},
		{"grant_type=password", "grant_type"},
		{"scope=items:read", "scope"},
		{"client_id=web", "client_id"},
		{"client_secret=x", "client_secret"},
		{"token=x", "token"},
		{"token_type_hint=x", "token_type_hint"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			_, err := bindForm(tt.query, asForm, "username=johndoe&password=secret")
			e := refusal(t, err, models.KindBadRequest)
			want := "The parameter " + tt.name + " belongs in the body, not in the URL"
			if e.OAuth != models.OAuthInvalidRequest || e.Detail != want || e.Cause != nil {
				t.Errorf("%s: %v, want %s", e.OAuth, e, want)
			}
		})
	}
}

// However little is let through, or arrives, it is never taken for the whole.
func TestOAuthFormOfWhichAPartArrives(t *testing.T) {
	bodies := []struct{ contentType, whole string }{
		{asForm, "username=johndoe&password=secret"},
		{asMultipart, multipart("username", "johndoe", "password", "secret")},
	}
	for _, b := range bodies {
		for n := range len(b.whole) {
			_, err := respond.OAuthForm[form](post("", b.contentType, limited(b.whole, n)))
			_ = refusal(t, err, models.KindTooLarge)

			_, err = respond.OAuthForm[form](post("", b.contentType, cutOff(b.whole[:n])))
			if e := refusal(t, err, models.KindBadRequest); e.Detail != unreadable || e.Cause != nil {
				t.Errorf("the first %d bytes of %q: %v", n, b.whole, e)
			}
		}
		if _, err := respond.OAuthForm[form](post("", b.contentType, limited(b.whole, len(b.whole)))); err != nil {
			t.Errorf("exactly the limit: %v", err)
		}
	}
}

// A form may have members that are no strings, whose parser quotes them.
func TestOAuthFormKeepsValuesOutOfErrors(t *testing.T) {
	type counted struct {
		Count int `form:"count"`
	}
	_, err := respond.OAuthForm[counted](post("", asForm, strings.NewReader("count=hunter2")))
	if e := refusal(t, err, models.KindBadRequest); e.Error() != unreadable {
		t.Errorf("%v, want %s", e, unreadable)
	}
}
