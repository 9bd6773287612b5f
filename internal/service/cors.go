package service

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/rs/cors"

	"latchkey/internal/config"
	"latchkey/middleware"
)

// allowOrigins lets pages of these origins read the API's answers; "*" means
// every origin. With none named, and the demo on, pages of this machine may.
func allowOrigins(handler http.Handler, origins []string, demo bool) http.Handler {
	if len(origins) == 0 && !demo {
		return handler
	}
	return cors.New(cors.Options{
		AllowOriginFunc: func(origin string) bool {
			if len(origins) == 0 {
				return loopbackOrigin(origin)
			}
			return slices.Contains(origins, "*") || slices.Contains(origins, origin)
		},
		AllowedMethods: []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{"Authorization", "Content-Type", middleware.RequestIDHeader},
		ExposedHeaders: []string{"WWW-Authenticate", "Retry-After", middleware.RequestIDHeader},
		MaxAge:         600,
	}).Handler(handler)
}

func loopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && config.IsLoopback(u.Hostname())
}
