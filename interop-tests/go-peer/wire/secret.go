package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf8"
)

// SecretBytes is how many bytes the secret of a ticket or an invite has: nobody guesses it.
const SecretBytes = 16

// SecretCheck is the length of the digest at the end of a secret text, by which one that was altered or cut short is
// noticed before anybody is asked.
const SecretCheck = 4

// Why a text is not one that [SecretText] wrote.
var (
	// ErrSecretPrefix says that it has another beginning.
	ErrSecretPrefix = errors.New("the text has another beginning")
	// ErrSecretSize says that it holds more bytes than it may.
	ErrSecretSize = errors.New("the text is too long")
	// ErrSecretAltered says that characters are missing or wrong.
	ErrSecretAltered = errors.New("the text is truncated or altered")
)

// SecretText is the text of a ticket or an invite: the prefix, and base64url of the contents and the first bytes of their
// SHA-256.
func SecretText(prefix string, contents []byte) string {
	check := sha256.Sum256(contents)
	whole := append(append([]byte{}, contents...), check[:SecretCheck]...)
	return prefix + base64.RawURLEncoding.EncodeToString(whole)
}

// ReadSecretText returns the contents of such a text, of which max bytes may be, digest included. Blanks around it are
// allowed: copying leaves them there.
func ReadSecretText(text, prefix string, max int) ([]byte, error) {
	encoded, fits := strings.CutPrefix(strings.TrimSpace(text), prefix)
	if !fits || !utf8.ValidString(text) {
		return nil, ErrSecretPrefix
	}
	if len(encoded) > base64.RawURLEncoding.EncodedLen(max) {
		return nil, ErrSecretSize
	}
	whole, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(whole) < SecretCheck {
		return nil, ErrSecretAltered
	}
	contents := whole[:len(whole)-SecretCheck]
	// Compared as texts: the decoder ignores the ends of lines, and bits that are left over.
	if SecretText(prefix, contents) != prefix+encoded {
		return nil, ErrSecretAltered
	}
	return contents, nil
}

// Prove is the proof that whoever made it knew the secret: HMAC-SHA256 of a domain and what it is good for.
func Prove(secret [SecretBytes]byte, domain string, parts ...[]byte) [32]byte {
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte(domain))
	for _, part := range parts {
		mac.Write(part)
	}
	return [32]byte(mac.Sum(nil))
}

// Proves says whether proof is that. It takes the same time for every wrong one.
func Proves(proof [32]byte, secret [SecretBytes]byte, domain string, parts ...[]byte) bool {
	expected := Prove(secret, domain, parts...)
	return hmac.Equal(expected[:], proof[:])
}
