package wire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// forms has a field of each type that has one form alone.
type forms struct {
	Array [2]byte `cbor:"array"`
	Bytes []byte  `cbor:"bytes"`
	Text  string  `cbor:"text"`
	Inner struct {
		Number uint8 `cbor:"number"`
	} `cbor:"inner"`
	Maybe *uint8   `cbor:"maybe,omitzero"`
	Twice **uint8  `cbor:"twice,omitzero"`
	List  []uint16 `cbor:"list,omitzero"`
}

func TestEachTypeHasOneForm(t *testing.T) {
	fields := map[string]any{
		"array": []byte{1, 2}, "bytes": []byte{1, 2}, "text": "ab", "inner": map[string]uint8{"number": 7},
	}
	with := func(name string, other any) error {
		changed := map[string]cbor.RawMessage{}
		for key, value := range fields {
			item, err := wire.EncodeItem(value)
			if err != nil {
				t.Fatal(err)
			}
			changed[key] = item
		}
		if name != "" {
			item, err := wire.EncodeItem(other)
			if err != nil {
				t.Fatal(err)
			}
			changed[name] = item
		}
		b, err := wire.Encode(changed)
		if err != nil {
			t.Fatal(err)
		}
		return wire.Decode(b, &forms{})
	}
	if err := with("", nil); err != nil {
		t.Fatal(err)
	}
	for _, accepted := range []struct {
		name  string
		value any
	}{{"maybe", nil}, {"maybe", 255}, {"twice", nil}, {"list", nil}, {"list", []uint16{}}, {"unknown", 1}} {
		if err := with(accepted.name, accepted.value); err != nil {
			t.Errorf("%s as %v: %v", accepted.name, accepted.value, err)
		}
	}
	for _, refused := range []struct {
		name  string
		value any
	}{
		{"array", []int{1, 2}}, {"array", "ab"}, {"array", []byte{1}}, {"array", []byte{1, 2, 3}}, {"array", nil},
		{"bytes", []int{1, 2}}, {"bytes", "ab"}, {"bytes", nil}, {"text", []byte("ab")}, {"text", 1}, {"text", nil},
		{"inner", []int{7}}, {"inner", map[string]int{"number": 256}}, {"inner", map[string]int{}}, {"inner", nil},
		{"maybe", 256}, {"maybe", -1}, {"maybe", true}, {"twice", "ab"}, {"list", []int{65536}}, {"list", []byte{1}},
	} {
		if err := with(refused.name, refused.value); !errors.Is(err, wire.ErrMismatch) {
			t.Errorf("%s as %v: %v", refused.name, refused.value, err)
		}
	}
}

func TestANameMatchesToTheLetter(t *testing.T) {
	b, err := wire.Encode(map[string]string{"TEXT": "ab"})
	if err != nil {
		t.Fatal(err)
	}
	read := struct {
		Text string `cbor:"text,omitzero"`
	}{Text: "what stood there"}
	if err := wire.Decode(b, &read); err != nil || read.Text != "" {
		t.Errorf("read as %q, %v", read.Text, err)
	}
}

func TestAListMayBeAsLongAsItsMessage(t *testing.T) {
	type message struct {
		List []bool `cbor:"list"`
	}
	sent := message{List: make([]bool, 1<<18)}
	b, err := wire.Encode(&sent)
	if err != nil {
		t.Fatal(err)
	}
	var read message
	if err := wire.Decode(b, &read); err != nil || len(read.List) != len(sent.List) {
		t.Errorf("%d items, %v", len(read.List), err)
	}
}

func TestNoneIsEmptyUnlessItMayBeAbsent(t *testing.T) {
	type message struct {
		List  []bool `cbor:"list"`
		None  []byte `cbor:"none,omitzero"`
		Empty []byte `cbor:"empty,omitzero"`
	}
	b, err := wire.Encode(&message{Empty: []byte{}})
	if err != nil {
		t.Fatal(err)
	}
	var read message
	if err := wire.Decode(b, &read); err != nil || read.List == nil || read.None != nil || read.Empty == nil {
		t.Errorf("%x is read as %+v, %v", b, read, err)
	}
}

func TestAbsentNullAndPresentAreToldApart(t *testing.T) {
	type message struct {
		Twice **uint8 `cbor:"twice,omitzero"`
	}
	seven := uint8(7)
	var none *uint8
	some := &seven
	for _, sent := range []message{{}, {&none}, {&some}} {
		b, err := wire.Encode(&sent)
		if err != nil {
			t.Fatal(err)
		}
		var read message
		if err := wire.Decode(b, &read); err != nil {
			t.Fatal(err)
		}
		again, err := wire.Encode(&read)
		if err != nil || !bytes.Equal(again, b) || (read.Twice == nil) != (sent.Twice == nil) {
			t.Errorf("%x is read as %+v, %v", b, read, err)
		}
	}
}

func TestWhatWouldBeRefusedIsNotWritten(t *testing.T) {
	type message struct {
		Text string  `cbor:"text"`
		Half float64 `cbor:"half"`
	}
	if b, err := wire.Encode(&message{}); !errors.Is(err, wire.ErrEncode) {
		t.Errorf("%x, %v", b, err)
	}
	var malformed *wire.MalformedError
	if b, err := wire.Encode(map[string]string{"text": "\xff"}); !errors.As(err, &malformed) || malformed.Fault != wire.UTF8 {
		t.Errorf("%x, %v", b, err)
	}
	if b, err := wire.Encode([]int{1}); !errors.As(err, &malformed) || malformed.Fault != wire.NotAMap {
		t.Errorf("%x, %v", b, err)
	}
}

// weak are the points of small order, also with a sign that is none or a coordinate that was not reduced.
func weak(t *testing.T) [][]byte {
	t.Helper()
	var keys [][]byte
	for _, text := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		key, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		signed := slices.Clone(key)
		signed[31] |= 0x80
		keys = append(keys, key, signed)
	}
	return keys
}

func TestKeysOfSmallOrderAreRefused(t *testing.T) {
	for _, key := range weak(t) {
		if !wire.IsWeak(key) {
			t.Errorf("%x is not weak", key)
		}
		if _, err := wire.StrongKey(key); !errors.Is(err, wire.ErrWeakKey) {
			t.Errorf("%x: %v", key, err)
		}
	}
	raw, err := wire.RawKey(vectors.SeededKey(t, 1).GetPublic())
	if err != nil || wire.IsWeak(raw[:]) {
		t.Errorf("a key that was made is weak: %x, %v", raw, err)
	}
	if _, err := wire.StrongKey(raw[:]); err != nil {
		t.Error(err)
	}
	// About half of all y are of no point.
	none := 0
	for y := range byte(64) {
		if _, err := wire.StrongKey(append([]byte{y}, make([]byte, 31)...)); errors.Is(err, wire.ErrNotEd25519) {
			none++
		}
	}
	if none < 16 || none > 48 {
		t.Errorf("%d of 64 are no points", none)
	}
}

// TestAForgeryUnderAWeakKeyIsRefused: the signature of a point of order one and a zero fits every message.
func TestAForgeryUnderAWeakKeyIsRefused(t *testing.T) {
	identity := [32]byte{1}
	payload, err := wire.Encode(&note{Key: identity})
	if err != nil {
		t.Fatal(err)
	}
	head := "\x0a\x24\x08\x01\x12\x20" + string(identity[:]) + "\x12\x0c/airway/cbor\x1a" + string(rune(len(payload)))
	forged := head + string(payload) + "\x2a\x40" + string(identity[:]) + strings.Repeat("\x00", 32)
	if _, err := wire.Open([]byte(forged), &note{}); !errors.Is(err, wire.ErrWeakKey) {
		t.Error(err)
	}
}

func TestAKeyOfAnotherTypeSignsNothing(t *testing.T) {
	key, _, err := crypto.GenerateSecp256k1Key(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire.Seal(key, &note{}); !errors.Is(err, wire.ErrNotEd25519) {
		t.Error(err)
	}
	if _, err := wire.Seal(vectors.SeededKey(t, 1), &note{}); !errors.Is(err, wire.ErrSigner) {
		t.Error(err)
	}
}
