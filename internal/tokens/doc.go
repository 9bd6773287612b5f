// Package tokens keeps the signing keys and issues and verifies access tokens:
// JWTs in the profile of RFC 9068, signed with the first key of a PEM file and
// verifiable by anyone who has the published key set (RFC 7517).
package tokens
