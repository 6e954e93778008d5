package service

import (
	"encoding/hex"
	"errors"

	"lukechampine.com/blake3"
)

// Digest is BLAKE3 of some bytes; hexadecimal digits as text.
type Digest [32]byte

// ErrDigest says that a text is not a digest.
var ErrDigest = errors.New("a digest has 64 hexadecimal digits")

// DigestOf is the digest of bytes that are at hand.
func DigestOf(bytes []byte) Digest { return Digest(blake3.Sum256(bytes)) }

// ParseDigest reads the text of a digest.
func ParseDigest(text string) (Digest, error) {
	bytes, err := hex.DecodeString(text)
	if err != nil || len(bytes) != len(Digest{}) {
		return Digest{}, ErrDigest
	}
	return Digest(bytes), nil
}

// String is what b3sum prints.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Digest) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDigest(string(text))
	return err
}

// Hasher computes a Digest while the bytes pass.
type Hasher struct{ inner *blake3.Hasher }

// NewHasher is a hasher that has seen nothing.
func NewHasher() Hasher { return Hasher{inner: blake3.New(len(Digest{}), nil)} }

// Write takes in more bytes. It never fails.
func (h Hasher) Write(bytes []byte) (int, error) { return h.inner.Write(bytes) }

// Digest is that of all bytes so far; more may follow.
func (h Hasher) Digest() Digest {
	var digest Digest
	h.inner.Sum(digest[:0])
	return digest
}
