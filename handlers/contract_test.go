package handlers_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/apitest"
)

// exchange is a line of the contract: a request, and the answer to the byte.
type exchange struct {
	name    string
	method  string // POST if empty
	path    string // /token if empty
	headers []string
	body    string
	status  int
	want    string
	// header has what the answer's headers must be; "" means absent.
	header map[string]string
}

const form = "application/x-www-form-urlencoded"

// run sends the requests and compares status, body and headers.
func run(t *testing.T, s *apitest.Server, exchanges []exchange) {
	t.Helper()
	for _, e := range exchanges {
		t.Run(e.name, func(t *testing.T) {
			method, path := e.method, e.path
			if method == "" {
				method = http.MethodPost
			}
			if path == "" {
				path = "/token"
			}
			got := s.Send(method, path, e.body, e.headers...)
			if got.Status != e.status || got.Body != e.want {
				t.Errorf("answer\n%d %s\nwant\n%d %s", got.Status, got.Body, e.status, e.want)
			}
			for name, want := range e.header {
				value := strings.Join(got.Header.Values(name), ", ")
				if name == "Allow" { // it is a set (RFC 9110 §10.2.1)
					methods := strings.Split(value, ", ")
					slices.Sort(methods)
					value = strings.Join(methods, ", ")
				}
				if value != want {
					t.Errorf("%s: %q, want %q", name, value, want)
				}
			}
		})
	}
}

func oauthError(code, detail string) string {
	return `{"detail":"` + detail + `","error":"` + code + `","error_description":"` + detail + `"}`
}

var noStore = map[string]string{"Cache-Control": "no-store", "Pragma": "no-cache"}

const wrong = "Incorrect username or password"

func TestTokenRefusals(t *testing.T) {
	asForm := []string{"Content-Type", form}
	withBasic := func(credentials string) []string {
		return append([]string{"Authorization", "Basic " + credentials}, asForm...)
	}
	const (
		johndoe  = "username=johndoe&password=secret"
		bothOnly = "The body must be application/x-www-form-urlencoded or multipart/form-data"
	)
	refused := func(name, body, code, detail string) exchange {
		return exchange{name: name, headers: asForm, body: body, status: 400, want: oauthError(code, detail), header: noStore}
	}
	run(t, apitest.Start(t), []exchange{
		refused("wrong password", "username=johndoe&password=wrong", "invalid_grant", wrong),
		refused("unknown user", "username=nobody&password=secret", "invalid_grant", wrong),
		refused("unknown user with NUL", "username=%00&password=secret", "invalid_grant", wrong),
		refused("unknown user, not UTF-8", "username=%ff&password=secret", "invalid_grant", wrong),
		refused("another's password", "username=johndoe&password=secret2", "invalid_grant", wrong),
		refused("disabled user, wrong password", "username=alice&password=secret", "invalid_grant", wrong),
		refused("password with a space", "username=johndoe&password=secret%20", "invalid_grant", wrong),

		refused("nothing", "", "invalid_request", "The parameters username and password are missing"),
		refused("no username", "password=secret", "invalid_request", "The parameter username is missing"),
		refused("empty username", "username=&password=secret", "invalid_request", "The parameter username is missing"),
		refused("no password", "username=johndoe", "invalid_request", "The parameter password is missing"),
		refused("username twice", johndoe+"&username=alice", "invalid_request", "The parameter username is given more than once"),
		refused("same scope parameter twice", johndoe+"&scope=items:read&scope=items:read", "invalid_request", "The parameter scope is given more than once"),
		refused("unknown parameter twice", johndoe+"&x=1&x=2", "invalid_request", "A parameter is given more than once"),
		refused("broken encoding", "username=johndoe&password=%zz", "invalid_request", "The form cannot be read"),
		refused("control character in client_id", johndoe+"&client_id=%0a", "invalid_request", "The parameter client_id is malformed"),

		refused("unknown grant", johndoe+"&grant_type=implicit", "unsupported_grant_type", "The grant type is not supported"),
		refused("unknown refresh token", "grant_type=refresh_token&refresh_token=x", "invalid_grant", "The refresh token is invalid"),
		refused("no refresh token", "grant_type=refresh_token", "invalid_request", "The parameter refresh_token is missing"),
		refused("grant in capitals", johndoe+"&grant_type=PASSWORD", "unsupported_grant_type", "The grant type is not supported"),

		refused("unknown scope", johndoe+"&scope=planes:fly", "invalid_scope", "The requested scope is unknown or not allowed"),
		refused("one unknown scope", johndoe+"&scope=items:read+planes:fly", "invalid_scope", "The requested scope is unknown or not allowed"),
		refused("scopes separated by a comma", johndoe+"&scope=items:read,items:write", "invalid_scope", "The requested scope is unknown or not allowed"),
		refused("scopes separated by a tab", johndoe+"&scope=items:read%09items:write", "invalid_scope", "The requested scope is unknown or not allowed"),
		refused("scope in capitals", johndoe+"&scope=ITEMS:READ", "invalid_scope", "The requested scope is unknown or not allowed"),
		refused("wrong password and unknown scope", "username=johndoe&password=wrong&scope=planes:fly", "invalid_grant", wrong),

		{
			name: "JSON", headers: []string{"Content-Type", "application/json"}, body: `{"username":"johndoe","password":"secret"}`,
			status: 400, want: oauthError("invalid_request", bothOnly), header: noStore,
		},
		{name: "no content type", body: johndoe, status: 400, want: oauthError("invalid_request", bothOnly)},
		{
			name: "credentials in the query", path: "/token?" + johndoe, headers: asForm, status: 400,
			want: oauthError("invalid_request", "The parameter username belongs in the body, not in the URL"),
		},
		{
			name: "password in the query as well", path: "/token?password=secret", headers: asForm, body: johndoe, status: 400,
			want: oauthError("invalid_request", "The parameter password belongs in the body, not in the URL"),
		},
		{
			name: "over 64 KiB", headers: asForm, body: johndoe + "&x=" + strings.Repeat("x", 64<<10), status: 413,
			want: oauthError("invalid_request", "Request body too large"), header: noStore,
		},
		{
			name: "far over 64 KiB", headers: asForm, body: johndoe + "&x=" + strings.Repeat("x", 4<<20), status: 413,
			want: oauthError("invalid_request", "Request body too large"),
		},
		{
			name: "malformed Basic", headers: withBasic("!"), body: johndoe, status: 401,
			want: oauthError("invalid_client", "The Authorization header is malformed"), header: map[string]string{"WWW-Authenticate": "Basic"},
		},
		{
			name: "client in header and form", headers: withBasic("d2ViOnNlY3JldA=="), body: johndoe + "&client_id=app", status: 400,
			want: oauthError("invalid_request", "The client is identified in more than one way"),
		},
	})
}

func TestStrictFormWantsAGrantType(t *testing.T) {
	s := apitest.Start(t, "--strict-form")
	run(t, s, []exchange{
		{
			name: "absent", headers: []string{"Content-Type", form}, body: "username=johndoe&password=secret", status: 400,
			want: oauthError("invalid_request", "The parameter grant_type is missing"),
		},
		{
			name: "empty", headers: []string{"Content-Type", form}, body: "grant_type=&username=johndoe&password=secret", status: 400,
			want: oauthError("invalid_request", "The parameter grant_type is missing"),
		},
	})
	if got := s.Form("/token", "grant_type", "password", "username", "johndoe", "password", "secret"); got.Status != http.StatusOK {
		t.Errorf("with grant_type: %d %s", got.Status, got.Body)
	}
}

const (
	notAuthenticated = `{"detail":"Not authenticated"}`
	badCredentials   = `{"detail":"Invalid authentication credentials"}`
	malformed        = `Bearer error="invalid_token", error_description="The access token is malformed"`
	invalid          = `Bearer error="invalid_token", error_description="The access token is invalid"`
)

func TestBearerRefusals(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	me := func(name, want, challenge string, headers ...string) exchange {
		return exchange{
			name: name, method: http.MethodGet, path: "/users/me", headers: headers, status: 401, want: want,
			header: map[string]string{"WWW-Authenticate": challenge},
		}
	}
	header, claims, _ := strings.Cut(token, ".")
	run(t, s, []exchange{
		me("no header", notAuthenticated, "Bearer"),
		me("empty header", notAuthenticated, "Bearer", "Authorization", ""),
		me("another scheme", notAuthenticated, "Bearer", "Authorization", "Basic am9obmRvZTpzZWNyZXQ="),
		me("no scheme", notAuthenticated, "Bearer", "Authorization", token),
		me("no token", notAuthenticated, "Bearer", "Authorization", "Bearer"),
		me("blank token", notAuthenticated, "Bearer", "Authorization", "Bearer  "),
		me("token in the query", notAuthenticated, "Bearer"),
		me("two headers", badCredentials, `Bearer error="invalid_token", error_description="There is more than one Authorization header"`,
			"Authorization", "Bearer "+token, "Authorization", "Bearer "+token),
		me("two tokens", badCredentials, malformed, "Authorization", "Bearer "+token+" "+token),
		me("two tokens with a comma", badCredentials, malformed, "Authorization", "Bearer "+token+","+token),
		me("the username", badCredentials, invalid, "Authorization", "Bearer johndoe"),
		me("truncated", badCredentials, invalid, "Authorization", "Bearer "+token[:len(token)-5]),
		me("another header", badCredentials, invalid, "Authorization", "Bearer eyJhbGciOiJub25lIn0."+claims),
		me("header alone", badCredentials, invalid, "Authorization", "Bearer "+header),
		me("very long", badCredentials, invalid, "Authorization", "Bearer "+strings.Repeat("a", 20<<10)),
		{
			name: "in the query", method: http.MethodGet, path: "/users/me?access_token=" + token, status: 401,
			want: notAuthenticated, header: map[string]string{"WWW-Authenticate": "Bearer"},
		},
	})
}

func TestBearerSchemeIsOfAnyCase(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	for _, scheme := range []string{"Bearer", "bearer", "BEARER", "bEaReR"} {
		if got := s.Send(http.MethodGet, "/users/me", "", "Authorization", scheme+" "+token); got.Status != http.StatusOK {
			t.Errorf("%s: %d %s", scheme, got.Status, got.Body)
		}
	}
}

func TestDisabledUser(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("alice", "secret2")
	inactive := func(method, path string) exchange {
		return exchange{
			name: method + " " + path, method: method, path: path, headers: []string{"Authorization", "Bearer " + token},
			status: 400, want: `{"detail":"Inactive user"}`, header: map[string]string{"WWW-Authenticate": ""},
		}
	}
	run(t, s, []exchange{
		inactive(http.MethodGet, "/users/me"), inactive(http.MethodGet, "/items/"), inactive(http.MethodPost, "/items/"),
	})
}

func TestMissingScope(t *testing.T) {
	s := apitest.Start(t)
	reader := []string{"Authorization", "Bearer " + s.LogIn("johndoe", "secret", "items:read")}
	writer := []string{"Authorization", "Bearer " + s.LogIn("johndoe", "secret", "items:write")}
	const item = "/items/019a84af-5607-7d02-99d1-f4b44f7858ea"
	lacks := func(method, path, scope string, headers []string) exchange {
		return exchange{
			name: method + " " + path, method: method, path: path, headers: headers,
			status: 403, want: `{"detail":"Not enough permissions"}`,
			header: map[string]string{"WWW-Authenticate": `Bearer error="insufficient_scope", scope="` + scope + `"`},
		}
	}
	run(t, s, []exchange{
		lacks(http.MethodGet, "/items/", "items:read", writer),
		lacks(http.MethodGet, item, "items:read", writer),
		lacks(http.MethodPost, "/items/", "items:write", reader),
		lacks(http.MethodPatch, item, "items:write", reader),
		lacks(http.MethodDelete, item, "items:write", reader),
	})
}

func TestUnknownPathsAndMethods(t *testing.T) {
	const notFound, notAllowed = `{"detail":"Not Found"}`, `{"detail":"Method Not Allowed"}`
	unknown := func(method, path string) exchange {
		return exchange{name: method + " " + path, method: method, path: path, status: 404, want: notFound}
	}
	wrongMethod := func(method, path, allow string) exchange {
		return exchange{
			name: method + " " + path, method: method, path: path, status: 405, want: notAllowed,
			header: map[string]string{"Allow": allow},
		}
	}
	run(t, apitest.Start(t), []exchange{
		unknown(http.MethodGet, "/"), unknown(http.MethodGet, "/nope"), unknown(http.MethodPost, "/users/me/nope"),
		unknown(http.MethodGet, "//users/me"), unknown(http.MethodGet, "/users/me//"), unknown(http.MethodGet, "/USERS/ME"),
		unknown(http.MethodGet, "/../etc/passwd"), unknown(http.MethodGet, "/%2e%2e/%00"), unknown(http.MethodDelete, "/nope"),
		wrongMethod(http.MethodGet, "/token", "POST"),
		wrongMethod(http.MethodPut, "/token/", "POST"),
		wrongMethod(http.MethodPut, "/users/me", "DELETE, GET, PATCH"),
		wrongMethod(http.MethodPost, "/users/me/", "DELETE, GET, PATCH"),
		wrongMethod(http.MethodPut, "/items/", "GET, POST"),
		wrongMethod(http.MethodPut, "/items/1", "DELETE, GET, PATCH"),
		wrongMethod(http.MethodPost, "/healthz", "GET"),
		wrongMethod(http.MethodPost, "/docs", "GET"),
		wrongMethod("BREW", "/token", "POST"),
	})
}

func TestPathsWithAndWithoutSlashAnswerDirectly(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	for _, path := range []string{"/users/me", "/items", "/healthz", "/readyz", "/docs", "/openapi.json", "/openapi.yaml", "/.well-known/jwks.json"} {
		bare, slash := s.Get(path, token), s.Get(path+"/", token)
		if bare.Status != http.StatusOK || slash.Status != http.StatusOK {
			t.Errorf("%s: %d, with a slash: %d", path, bare.Status, slash.Status)
		}
	}
	for _, path := range []string{"/token", "/token/"} {
		if got := s.Form(path, "username", "johndoe", "password", "secret"); got.Status != http.StatusOK {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
}

func TestEveryAnswerHasTheSafetyHeaders(t *testing.T) {
	s := apitest.Start(t)
	want := map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"}
	for _, path := range []string{"/users/me", "/nope", "/healthz", "/docs", "/openapi.json"} {
		header := s.Get(path, "").Header
		for name := range maps.Keys(want) {
			if header.Get(name) != want[name] {
				t.Errorf("%s: %s is %q", path, name, header.Get(name))
			}
		}
		if header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", path)
		}
	}
}
