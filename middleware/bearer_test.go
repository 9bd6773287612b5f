package middleware_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"latchkey/middleware"
)

// echo answers with the token, as in the tutorial's first chapter.
func echo(c *gin.Context) { c.String(http.StatusOK, "token %s", middleware.Token(c)) }

func TestOAuth2PasswordBearer(t *testing.T) {
	echoed := func(token string) reply { return reply{status: 200, body: "token " + token} }
	everyCharacter := "abcXYZ019-._~+/=="
	long := strings.Repeat("a", 1<<20)
	tests := []struct {
		name   string
		values []string // of the Authorization header
		want   reply
	}{
		{"no header", nil, notAuthenticated},
		{"empty header", []string{""}, notAuthenticated},
		{"spaces", []string{"   "}, notAuthenticated},
		{"another scheme", []string{"Basic am9obmRvZTpzZWNyZXQ="}, notAuthenticated},
		{"another scheme, then a token", []string{"Basic am9obmRvZTpzZWNyZXQ=, Bearer abc"}, notAuthenticated},
		{"longer scheme", []string{"Bearerx abc"}, notAuthenticated},
		{"shorter scheme", []string{"Beare abc"}, notAuthenticated},
		{"scheme with a homoglyph", []string{"\u0412earer abc"}, notAuthenticated},
		{"scheme alone", []string{"Bearer"}, notAuthenticated},
		{"scheme and a space", []string{"Bearer "}, notAuthenticated},
		{"scheme and spaces", []string{"Bearer    "}, notAuthenticated},
		{"token alone", []string{"abc"}, notAuthenticated},
		{"space ahead", []string{" Bearer abc"}, notAuthenticated},
		{"tab for a space", []string{"Bearer\tabc"}, notAuthenticated},
		{"no space", []string{"Bearer:abc"}, notAuthenticated},

		{"token", []string{"Bearer abc"}, echoed("abc")},
		{"lower case", []string{"bearer abc"}, echoed("abc")},
		{"upper case", []string{"BEARER abc"}, echoed("abc")},
		{"mixed case", []string{"bEaReR abc"}, echoed("abc")},
		{"several spaces", []string{"Bearer   abc"}, echoed("abc")},
		{"spaces behind", []string{"Bearer abc  "}, echoed("abc")},
		{"one character", []string{"Bearer a"}, echoed("a")},
		{"every sort of character", []string{"Bearer " + everyCharacter}, echoed(everyCharacter)},
		{"the scheme's name as a token", []string{"Bearer bearer"}, echoed("bearer")},
		{"very long", []string{"Bearer " + long}, echoed(long)},

		{"two tokens", []string{"Bearer abc def"}, malformed},
		{"two tokens, a comma", []string{"Bearer abc,def"}, malformed},
		{"two challenges", []string{"Bearer abc, Bearer def"}, malformed},
		{"tab behind the space", []string{"Bearer \tabc"}, malformed},
		{"tab behind the token", []string{"Bearer abc\t"}, malformed},
		{"quotes", []string{`Bearer "abc"`}, malformed},
		{"parameter", []string{`Bearer token="abc"`}, malformed},
		{"only =", []string{"Bearer ="}, malformed},
		{"= in the middle", []string{"Bearer ab=c"}, malformed},
		{"= ahead", []string{"Bearer =abc"}, malformed},
		{"not ASCII", []string{"Bearer ключ"}, malformed},
		{"full-width digits", []string{"Bearer \uff11\uff12"}, malformed},
		{"no-break space", []string{"Bearer \u00a0abc"}, malformed},
		{"not UTF-8", []string{"Bearer a\xff"}, malformed},
		{"very long and illegal", []string{"Bearer " + long + "!"}, malformed},

		{"two headers", []string{"Bearer abc", "Bearer def"}, severalHeaders},
		{"the same twice", []string{"Bearer abc", "Bearer abc"}, severalHeaders},
		{"two headers, one of another scheme", []string{"Basic Og==", "Bearer abc"}, severalHeaders},
		{"two headers, one empty", []string{"", "Bearer abc"}, severalHeaders},
	}
	protected := app(middleware.OAuth2PasswordBearer(), echo)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var headers []string
			for _, value := range tt.values {
				headers = append(headers, "Authorization", value)
			}
			tt.want.check(t, ask(protected, headers...))
		})
	}
}

func TestEveryByteOfAToken(t *testing.T) {
	const legal = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/" // RFC 6750 §2.1
	for b := range 256 {
		sent := "a" + string([]byte{byte(b)}) + "z"
		token, err := middleware.BearerToken(http.Header{"Authorization": {"Bearer " + sent}})
		if isLegal := strings.IndexByte(legal, byte(b)) >= 0; isLegal != (token == sent) || isLegal != (err == nil) {
			t.Errorf("%q: %q, %v", sent, token, err)
		}
	}
}

func TestOnlyTheAuthorizationHeaderCounts(t *testing.T) {
	protected := app(middleware.OAuth2PasswordBearer(), echo)
	for _, header := range []string{"Proxy-Authorization", "X-Authorization", "Cookie", "Access_token"} {
		notAuthenticated.check(t, ask(protected, header, "Bearer abc"))
	}
}

func TestTokenIsEmptyWhereNoneWasAskedFor(t *testing.T) {
	reply{status: 200, body: "token "}.check(t, ask(app(echo), "Authorization", "Bearer abc"))
}

var b64token = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// FuzzBearerToken holds the parser to its word: a token is one of RFC 6750 and
// stands in the header behind the scheme, whose case does not matter.
func FuzzBearerToken(f *testing.F) {
	for _, value := range []string{
		"", "Bearer", "Bearer ", "Bearer abc", "bearer  abc ", "BEARER a-._~+/9==", "Bearer =", "Bearer a b", "Bearer\tabc", "Basic Og==",
		"Bearer \xff", "Bearer ключ", "Bearer abc, Bearer def",
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		token, err := middleware.BearerToken(http.Header{"Authorization": {value}})
		switch {
		case err != nil && err.Error() != "Invalid authentication credentials":
			t.Fatalf("%q: the error says %v", value, err)
		case err != nil && token != "", token != "" && !b64token.MatchString(token):
			t.Fatalf("%q: token %q, %v", value, token, err)
		}
		scheme, rest, _ := strings.Cut(value, " ")
		if isBearer := strings.EqualFold(scheme, "bearer"); !isBearer && (token != "" || err != nil) ||
			isBearer && err == nil && strings.Trim(rest, " ") != token {
			t.Fatalf("%q: token %q, %v", value, token, err)
		}
		for _, other := range []string{strings.ToLower(scheme), strings.ToUpper(scheme)} {
			if !strings.EqualFold(other, scheme) {
				continue // of some letters the other case is another letter
			}
			again, errAgain := middleware.BearerToken(http.Header{"Authorization": {other + strings.TrimPrefix(value, scheme)}})
			if again != token || (errAgain == nil) != (err == nil) {
				t.Fatalf("%q: token %q, %v; with scheme %q: %q, %v", value, token, err, other, again, errAgain)
			}
		}
		if _, err := middleware.BearerToken(http.Header{"Authorization": {value, value}}); err == nil {
			t.Fatalf("%q twice is accepted", value)
		}
	})
}
