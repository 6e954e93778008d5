package wire

import (
	"crypto/ed25519"
	"errors"
	"math/big"
	"slices"

	"github.com/libp2p/go-libp2p/core/crypto"
)

var (
	// ErrNotEd25519 says that a key is not an Ed25519 key: of another type, or no point on the curve.
	ErrNotEd25519 = errors.New("no ed25519 key")
	// ErrWeakKey says that a key is of small order, so that anybody can make signatures that fit almost every message.
	ErrWeakKey = errors.New("the key is weak: anybody can sign with it")
)

// smallOrder are the y coordinates, little-endian, of the points of small order, also where they were not reduced: 0, 1,
// p-1, p, p+1, and the two of order 8. The sign, which is the highest bit, does not matter.
var smallOrder = [...]string{
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	"\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
	"\xed\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
	"\xee\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
	"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
	"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
}

// IsWeak says whether the bytes of an Ed25519 key are a point of small order: a signature under it proves nothing.
func IsWeak(key []byte) bool {
	y := slices.Clone(key)
	if len(y) != ed25519.PublicKeySize {
		return false
	}
	y[31] &= 0x7F
	return slices.Contains(smallOrder[:], string(y))
}

// StrongKey is the Ed25519 key with these 32 bytes, unless they are none ([ErrNotEd25519]) or it is weak ([ErrWeakKey]).
func StrongKey(raw []byte) (crypto.PubKey, error) {
	if !isPoint(raw) {
		return nil, ErrNotEd25519
	}
	if IsWeak(raw) {
		return nil, ErrWeakKey
	}
	return crypto.UnmarshalEd25519PublicKey(raw)
}

// RawKey is the 32 bytes of an Ed25519 key, or [ErrNotEd25519] for a key of another type.
func RawKey(key crypto.PubKey) ([32]byte, error) {
	var raw [32]byte
	if key == nil || key.Type() != crypto.Ed25519 {
		return raw, ErrNotEd25519
	}
	b, err := key.Raw()
	if err != nil || len(b) != len(raw) {
		return raw, ErrNotEd25519
	}
	copy(raw[:], b)
	return raw, nil
}

// isPoint says whether bytes are a point of edwards25519: whether x² = (y²-1)/(dy²+1) has a root. Like those that verify
// signatures it reads a y that was not reduced, and either sign of x = 0.
func isPoint(raw []byte) bool {
	if len(raw) != ed25519.PublicKeySize {
		return false
	}
	big25519 := func(text string) *big.Int {
		number, _ := new(big.Int).SetString(text, 16)
		return number
	}
	p := big25519("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed")
	d := big25519("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3")

	bytes := slices.Clone(raw)
	bytes[31] &= 0x7F
	slices.Reverse(bytes)
	y := new(big.Int).SetBytes(bytes)
	yy := y.Mul(y, y)
	numerator := new(big.Int).Sub(yy, big.NewInt(1))
	denominator := d.Mul(d, yy).Add(d, big.NewInt(1))
	// A quotient is a square exactly if the product is; the denominator is never 0.
	product := numerator.Mul(numerator, denominator)
	return big.Jacobi(product.Mod(product, p), p) >= 0
}
