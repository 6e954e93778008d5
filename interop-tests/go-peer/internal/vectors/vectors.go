// Package vectors reads the golden vectors, which the Rust implementation has written for all others to read.
package vectors

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/libp2p/go-libp2p/core/crypto"
)

// Hex is bytes as the vectors write them.
type Hex []byte

// UnmarshalText implements [encoding.TextUnmarshaler].
func (h *Hex) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// RefusedText is a text that has to be refused.
type RefusedText struct{ Text, Why string }

// RefusedBytes are bytes that have to be refused.
type RefusedBytes struct {
	Bytes Hex
	Why   string
}

// About is what every file says of itself.
type About struct{ About string }

// Load reads a file of vectors, for a test of a package of this module, into a struct that embeds [About]. A list or a
// field of the file that the struct does not have fails the test, as does a list of the struct that stays empty: nothing
// goes unread.
func Load(t testing.TB, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "protocols", "tests", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	lists := reflect.ValueOf(into).Elem()
	for index := range lists.NumField() {
		if lists.Field(index).IsZero() {
			t.Fatalf("%s: nothing for %s", name, lists.Type().Field(index).Name)
		}
	}
}

// Key is the key from a seed.
func Key(t testing.TB, seed []byte) crypto.PrivKey {
	t.Helper()
	key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// SeededKey is the key from a seed of 32 equal bytes.
func SeededKey(t testing.TB, seed byte) crypto.PrivKey {
	t.Helper()
	return Key(t, bytes.Repeat([]byte{seed}, 32))
}
