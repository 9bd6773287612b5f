package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/middleware"
	"latchkey/models"
)

// keeper is a user of some other application.
type keeper struct {
	name   string
	active bool
}

func (k keeper) isActive() bool { return k.active }

var errAway = errors.New("dial 10.0.0.5: refused")

// find knows a few tokens.
func find(_ context.Context, token string) (keeper, []string, error) {
	switch token {
	case "ada":
		return keeper{"ada", true}, []string{"read", "write"}, nil
	case "ada-reads":
		return keeper{"ada", true}, []string{"read"}, nil
	case "ada-nothing":
		return keeper{"ada", true}, nil, nil
	case "bob":
		return keeper{"bob", false}, []string{"read", "write"}, nil
	case "fails":
		return keeper{"leaked", true}, []string{"read", "write"}, errAway
	case "away":
		return keeper{}, nil, models.Unavailable("Try again", time.Second, errAway)
	case "wrapped":
		return keeper{}, nil, fmt.Errorf("find: %w", middleware.InvalidToken("The token is old", errAway))
	default:
		return keeper{}, nil, middleware.InvalidToken("The token is unknown", errAway)
	}
}

// who answers with all that is known of the caller.
func who(c *gin.Context) {
	user, ok := middleware.User[keeper](c)
	c.String(http.StatusOK, "%s %t %q %v", user.name, ok, middleware.Token(c), middleware.Scopes(c))
}

func known(text string) reply { return reply{status: 200, body: text} }

func lacking(scopes string) reply {
	return refused(403, "Not enough permissions", `Bearer error="insufficient_scope", scope="`+scopes+`"`)
}

func TestGuards(t *testing.T) {
	var (
		ada       = known(`ada true "ada" [read write]`)
		reads     = known(`ada true "ada-reads" [read]`)
		nothing   = known(`ada true "ada-nothing" []`)
		bob       = known(`bob true "bob" [read write]`)
		nobody    = known(` false "" []`)
		inactive  = refused(400, "Inactive user", "")
		unknown   = invalidToken("The token is unknown")
		old       = invalidToken("The token is old")
		away      = refused(503, "Try again", "")
		both      = lacking("read write")
		justWrite = lacking("write")
	)
	away.header["Retry-After"] = []string{"1"}

	current := middleware.CurrentUser(find)
	active := middleware.CurrentActiveUser(find, keeper.isActive)
	optional := middleware.OptionalUser(find)
	guards := []struct {
		name   string
		guards []gin.HandlerFunc
		want   map[string]reply // by Authorization header; "" is none
	}{
		{"current user", []gin.HandlerFunc{current}, map[string]reply{
			"": notAuthenticated, "Basic x": notAuthenticated, "Bearer": notAuthenticated, "Bearer !": malformed,
			"Bearer x": unknown, "Bearer wrapped": old, "Bearer fails": serverError, "Bearer away": away,
			"Bearer ada": ada, "bearer ada": ada, "Bearer ada-nothing": nothing, "Bearer bob": bob,
		}},
		{"current active user", []gin.HandlerFunc{active}, map[string]reply{
			"": notAuthenticated, "Basic x": notAuthenticated, "Bearer !": malformed, "Bearer x": unknown,
			"Bearer fails": serverError, "Bearer away": away, "Bearer ada": ada, "Bearer bob": inactive,
		}},
		{"optional user", []gin.HandlerFunc{optional}, map[string]reply{
			"": nobody, "Basic x": nobody, "Bearer": nobody, "Bearer !": malformed, "Bearer x": unknown,
			"Bearer fails": serverError, "Bearer away": away, "Bearer ada": ada, "Bearer bob": bob,
		}},
		{"a scope", []gin.HandlerFunc{active, middleware.RequireScopes("write")}, map[string]reply{
			"": notAuthenticated, "Bearer x": unknown, "Bearer ada": ada, "Bearer bob": inactive,
			"Bearer ada-reads": justWrite, "Bearer ada-nothing": justWrite,
		}},
		{"two scopes", []gin.HandlerFunc{current, middleware.RequireScopes("read", "write")}, map[string]reply{
			"Bearer ada": ada, "Bearer bob": bob, "Bearer ada-reads": both, "Bearer ada-nothing": both,
		}},
		{"one scope after the other", []gin.HandlerFunc{current, middleware.RequireScopes("read"), middleware.RequireScopes("write")}, map[string]reply{
			"Bearer ada": ada, "Bearer ada-reads": justWrite, "Bearer ada-nothing": lacking("read"),
		}},
		{"part of a scope's name", []gin.HandlerFunc{current, middleware.RequireScopes("rea")}, map[string]reply{"Bearer ada": lacking("rea")}},
		{"a scope in another case", []gin.HandlerFunc{current, middleware.RequireScopes("READ")}, map[string]reply{"Bearer ada": lacking("READ")}},
		{"no scopes", []gin.HandlerFunc{current, middleware.RequireScopes()}, map[string]reply{"Bearer ada-nothing": nothing}},
		{"a scope, optional user", []gin.HandlerFunc{optional, middleware.RequireScopes("write")}, map[string]reply{
			"": notAuthenticated, "Basic x": notAuthenticated, "Bearer ada": ada, "Bearer ada-reads": justWrite,
		}},
		{"no scopes, optional user", []gin.HandlerFunc{optional, middleware.RequireScopes()}, map[string]reply{"": nobody, "Bearer ada-reads": reads}},
		{"a scope, any token", []gin.HandlerFunc{middleware.OAuth2PasswordBearer(), middleware.RequireScopes("write")}, map[string]reply{
			"": notAuthenticated, "Bearer ada": justWrite,
		}},
		{"a scope, no guard", []gin.HandlerFunc{middleware.RequireScopes("write")}, map[string]reply{"": notAuthenticated, "Bearer ada": notAuthenticated}},
	}
	for _, guard := range guards {
		protected := app(append(guard.guards, who)...)
		for authorization, want := range guard.want {
			t.Run(guard.name+", "+authorization, func(t *testing.T) {
				var headers []string
				if authorization != "" {
					headers = []string{"Authorization", authorization}
				}
				want.check(t, ask(protected, headers...))
			})
		}
	}
}

func TestSeveralAuthorizationHeaders(t *testing.T) {
	for _, guard := range []gin.HandlerFunc{
		middleware.CurrentUser(find), middleware.CurrentActiveUser(find, keeper.isActive), middleware.OptionalUser(find),
	} {
		severalHeaders.check(t, ask(app(guard, who), "Authorization", "Bearer ada", "Authorization", "Basic x"))
	}
}

// What the request brings, its context with it, reaches the lookup; and it is
// asked once.
func TestLookupIsAskedOnceWithTheRequestsContext(t *testing.T) {
	type key struct{}
	asked := 0
	lookup := func(ctx context.Context, token string) (keeper, []string, error) {
		asked++
		if ctx.Value(key{}) != "here" || token != "abc" {
			t.Errorf("asked for %q with %v", token, ctx)
		}
		return keeper{name: "ada"}, nil, nil
	}
	enrich := func(c *gin.Context) {
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), key{}, "here"))
	}
	for i, guard := range []gin.HandlerFunc{
		middleware.CurrentUser(lookup), middleware.OptionalUser(lookup), middleware.CurrentActiveUser(lookup, func(keeper) bool { return true }),
	} {
		known(`ada true "abc" []`).check(t, ask(app(enrich, guard, who), "Authorization", "Bearer abc"))
		if asked != i+1 {
			t.Fatalf("asked %d times after %d requests", asked, i+1)
		}
	}
}

// User gives a user of the type that the lookup gave, and of interfaces that
// it has, and none of any other.
func TestUserOfAnotherType(t *testing.T) {
	check := func(c *gin.Context) {
		if _, ok := middleware.User[*keeper](c); ok {
			t.Error("there is a *keeper")
		}
		if _, ok := middleware.User[models.User](c); ok {
			t.Error("there is a models.User")
		}
		if u, ok := middleware.User[interface{ isActive() bool }](c); !ok || u.isActive() {
			t.Errorf("the interface has %v, %t", u, ok)
		}
		if u, ok := middleware.User[any](c); !ok || u != any(keeper{"bob", false}) {
			t.Errorf("any has %v, %t", u, ok)
		}
	}
	ask(app(middleware.CurrentUser(find), check), "Authorization", "Bearer bob")
}

func TestUserMayBeAPointer(t *testing.T) {
	lookup := func(context.Context, string) (*keeper, []string, error) { return &keeper{"ada", true}, nil, nil }
	answer := func(c *gin.Context) {
		user, ok := middleware.User[*keeper](c)
		c.String(http.StatusOK, "%s %t", user.name, ok)
	}
	guard := middleware.CurrentActiveUser(lookup, func(k *keeper) bool { return k.active })
	known("ada true").check(t, ask(app(guard, answer), "Authorization", "Bearer abc"))
}
