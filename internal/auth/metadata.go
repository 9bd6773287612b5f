package auth

import "latchkey/models"

// Metadata describes the service to OAuth clients (RFC 8414 §2). It has no
// authorization endpoint, and so no response types.
func (s *Service) Metadata() models.ServerMetadata {
	url := s.cfg.PublicURL
	secret := []string{"client_secret_basic", "client_secret_post"}
	all := append([]string{"none"}, secret...)
	return models.ServerMetadata{
		Issuer:                 url,
		TokenEndpoint:          url + "/token",
		RevocationEndpoint:     url + "/token/revoke",
		IntrospectionEndpoint:  url + "/token/introspect",
		JWKSURI:                url + "/.well-known/jwks.json",
		ServiceDocumentation:   url + "/docs",
		ScopesSupported:        models.ScopeNames(),
		ResponseTypesSupported: []string{},
		GrantTypesSupported:    []string{models.GrantPassword, models.GrantRefreshToken, models.GrantClientCredentials},
		TokenAuthMethods:       all,
		RevocationAuthMethods:  all,
		IntrospectAuthMethods:  secret,
	}
}
