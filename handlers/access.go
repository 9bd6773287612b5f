package handlers

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/middleware"
	"latchkey/models"
)

// Limits of request bodies, in bytes.
const (
	maxBody      = 1 << 20
	maxOAuthBody = 64 << 10
)

// Access says who may call a route and how it is answered.
type Access struct {
	// Bearer routes need the token of an active user; Scopes are what it has to grant.
	Bearer bool
	Scopes []string
	// Client routes may be called by a registered client instead; their handlers see to both.
	Client bool
	// OAuth routes answer errors in the shape of RFC 6749 §5.2.
	OAuth bool
	// Undescribed routes are not part of the API's description: they are that
	// description, pages for people, or for whoever runs the service.
	Undescribed bool
}

var (
	public        = Access{}
	oauthEndpoint = Access{OAuth: true}
	undescribed   = Access{Undescribed: true}
)

// activeUser lets active users in whose token grants the scopes.
func activeUser(scopes ...string) Access { return Access{Bearer: true, Scopes: scopes} }

// clientOrBearer is an OAuth endpoint for registered clients, and for bearers
// of a token that grants the scopes.
func clientOrBearer(scopes ...string) Access {
	return Access{OAuth: true, Client: true, Bearer: true, Scopes: scopes}
}

// handler is a route's work. It answers, or returns the error to answer with.
type handler func(*gin.Context) error

// chain is what a route's access asks for, with its handler at the end.
func (a *api) chain(r Route) []gin.HandlerFunc {
	refuse, limit := respond.Error, int64(maxBody)
	if r.Access.OAuth {
		refuse, limit = respond.OAuthError, maxOAuthBody
	}
	var chain []gin.HandlerFunc
	switch {
	case r.Access.OAuth:
		chain = append(chain, noStore, noCache)
	case r.private():
		chain = append(chain, noStore)
	}
	chain = append(chain, middleware.MaxBody(limit, refuse))
	if r.Access.Bearer && !r.Access.Client {
		chain = append(chain, middleware.CurrentActiveUser(a.auth.Authenticate, isActive))
		if len(r.Access.Scopes) > 0 {
			chain = append(chain, middleware.RequireScopes(r.Access.Scopes...))
		}
	}
	return append(chain, func(c *gin.Context) {
		if err := r.handle(c); err != nil {
			refuse(c, err)
		}
	})
}

// private reports whether answers may tell of somebody: those to whoever shows
// a token, or sends something.
func (r Route) private() bool { return r.Access.Bearer || r.Method != http.MethodGet }

// These are shared by all answers: nobody may write into them.
var noStoreValue, noCacheValue = []string{"no-store"}, []string{"no-cache"}

// noStore keeps tokens and what is known of people out of caches, the browser's
// own among them (RFC 9111 §5.2.2.5).
func noStore(c *gin.Context) { c.Writer.Header()["Cache-Control"] = noStoreValue }

// noCache is what RFC 6749 §5.1 asks for besides. Elsewhere it would be the
// ninth header of an answer, for which Go's map of them has to grow.
func noCache(c *gin.Context) { c.Writer.Header()["Pragma"] = noCacheValue }

func isActive(caller *models.Caller) bool { return caller.Active() }

// actor is who sent the request, and from where.
func actor(c *gin.Context) models.Actor {
	return models.Actor{Caller: currentCaller(c), Origin: origin(c)}
}

// currentCaller is who sent the request. Routes that are open to others have none.
func currentCaller(c *gin.Context) *models.Caller {
	caller, _ := middleware.User[*models.Caller](c)
	return caller
}

// longestUserAgent is how much of a User-Agent is kept, in bytes.
const longestUserAgent = 256

// origin is where a request came from.
func origin(c *gin.Context) models.Origin {
	agent := strings.ToValidUTF8(c.Request.UserAgent(), "\uFFFD")
	if len(agent) > longestUserAgent {
		agent = strings.ToValidUTF8(agent[:longestUserAgent], "")
	}
	return models.Origin{UserAgent: agent, Address: c.ClientIP()}
}
