package mail_test

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"github.com/emersion/go-smtp"
)

// scramServer is the SCRAM-SHA-256 mechanism (RFC 5802, RFC 7677), for one
// client that keeps to it.
type scramServer struct {
	check                func(user, password string) error
	firstBare, first     string
	user, nonce, message string
	verified             bool
}

func (s *scramServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case len(response) == 0 && s.first == "":
		return []byte{}, false, nil
	case s.first == "":
		s.firstBare = strings.TrimPrefix(string(response), "n,,")
		user, nonce, _ := strings.Cut(s.firstBare, ",r=")
		s.user, s.nonce = strings.TrimPrefix(user, "n="), nonce+"server"
		s.first = "r=" + s.nonce + ",s=" + base64.StdEncoding.EncodeToString([]byte("salt")) + ",i=4096"
		return []byte(s.first), false, nil
	case !s.verified:
		return s.verify(string(response))
	}
	return nil, true, s.check(s.user, goodPassword)
}

func (s *scramServer) verify(final string) (challenge []byte, done bool, err error) {
	withoutProof, proof, _ := strings.Cut(final, ",p=")
	s.message = s.firstBare + "," + s.first + "," + withoutProof
	salted, err := pbkdf2.Key(sha256.New, goodPassword, []byte("salt"), 4096, sha256.Size)
	if err != nil {
		return nil, true, err
	}
	clientKey := sum(salted, "Client Key")
	storedKey := sha256.Sum256(clientKey)
	expected := make([]byte, sha256.Size)
	subtle.XORBytes(expected, clientKey, sum(storedKey[:], s.message))
	if base64.StdEncoding.EncodeToString(expected) != proof {
		return nil, true, smtp.ErrAuthFailed
	}
	s.verified = true
	return []byte("v=" + base64.StdEncoding.EncodeToString(sum(sum(salted, "Server Key"), s.message))), false, nil
}

func sum(key []byte, message string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}
