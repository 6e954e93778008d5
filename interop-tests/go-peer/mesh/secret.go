package mesh

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// SecretBytes is how long the secret of an invite is: nobody guesses it.
const SecretBytes = 16

// checkBytes of a digest stand at the end of a text, by which one that was altered or cut short is noticed before anybody
// is asked.
const checkBytes = 4

// Why a text is not one that writeSecret wrote.
var (
	errPrefix  = errors.New("another beginning")
	errTooLong = errors.New("too long")
	errAltered = errors.New("truncated or altered")
)

// base64url without padding, and without the bits that decoding would drop.
var base64url = base64.RawURLEncoding.Strict()

// writeSecret is a text with these contents: the prefix, and base64url of the contents and their digits.
func writeSecret(prefix string, contents []byte) string {
	digest := sha256.Sum256(contents)
	return prefix + base64url.EncodeToString(append(contents[:len(contents):len(contents)], digest[:checkBytes]...))
}

// readSecret is the contents of such a text, of which max bytes may be, digits included. Blanks around it are allowed:
// copying leaves them there.
func readSecret(text, prefix string, max int) ([]byte, error) {
	encoded, found := strings.CutPrefix(strings.TrimSpace(text), prefix)
	if !found {
		return nil, errPrefix
	}
	if len(encoded) > base64url.EncodedLen(max) {
		return nil, errTooLong
	}
	// The decoder would skip line ends.
	if strings.ContainsAny(encoded, "\r\n") {
		return nil, errAltered
	}
	decoded, err := base64url.DecodeString(encoded)
	if err != nil || len(decoded) < checkBytes {
		return nil, errAltered
	}
	contents, digits := decoded[:len(decoded)-checkBytes], decoded[len(decoded)-checkBytes:]
	digest := sha256.Sum256(contents)
	if string(digits) != string(digest[:checkBytes]) {
		return nil, errAltered
	}
	return contents, nil
}

// prove is the proof that whoever made it knew the secret: HMAC-SHA256 of a domain and what it is good for.
func prove(secret [SecretBytes]byte, domain string, parts ...[]byte) [32]byte {
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte(domain))
	for _, part := range parts {
		mac.Write(part)
	}
	return [32]byte(mac.Sum(nil))
}
