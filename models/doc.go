// Package models has the words of the domain and of the wire: what a user, an
// item and a token answer are, the OAuth2 password form, and the errors. It
// knows neither Gin nor SQL.
package models
