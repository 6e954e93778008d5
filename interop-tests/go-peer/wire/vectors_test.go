package wire_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"testing"
	"testing/iotest"

	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// sample has a field of every type that messages have.
type sample struct {
	Unsigned uint64   `cbor:"unsigned"`
	Negative int64    `cbor:"negative"`
	Flag     bool     `cbor:"flag"`
	Nothing  *uint8   `cbor:"nothing"`
	Text     string   `cbor:"text"`
	Bytes    []byte   `cbor:"bytes"`
	List     []uint32 `cbor:"list"`
	Map      struct {
		X  uint8 `cbor:"x"`
		YY uint8 `cbor:"yy"`
	} `cbor:"map"`
}

func TestCBORIsAsWritten(t *testing.T) {
	var file struct {
		vectors.About
		Positive []struct {
			Diagnostic string
			Bytes      vectors.Hex
		}
		Negative []vectors.RefusedBytes
	}
	vectors.Load(t, "cbor.json", &file)
	for _, accepted := range file.Positive {
		if err := wire.Decode(accepted.Bytes, &struct{}{}); err != nil {
			t.Errorf("%s: %v", accepted.Diagnostic, err)
		}
	}
	var read sample
	if err := wire.Decode(file.Positive[0].Bytes, &read); err != nil {
		t.Fatal(err)
	}
	if read.Negative != -500 || read.Text != "grüß" || read.Nothing != nil || len(read.List) != 8 || read.Map.YY != 2 {
		t.Errorf("another sample: %+v", read)
	}
	if again, err := wire.Encode(&read); err != nil || !bytes.Equal(again, file.Positive[0].Bytes) {
		t.Errorf("written as %x, %v", again, err)
	}
	var open struct {
		Map map[string]uint8 `cbor:"map"`
	}
	if err := wire.Decode(file.Positive[0].Bytes, &open); err != nil || !maps.Equal(open.Map, map[string]uint8{"x": 1, "yy": 2}) {
		t.Errorf("another map: %v, %v", open.Map, err)
	}
	for _, refused := range file.Negative {
		var malformed *wire.MalformedError
		err := wire.Decode(refused.Bytes, &struct{}{})
		if !errors.As(err, &malformed) || err.Error() != refused.Why {
			t.Errorf("%x: %v in place of %s", refused.Bytes, err, refused.Why)
		}
	}
}

func TestFramesAreAsWritten(t *testing.T) {
	var file struct {
		vectors.About
		Positive []struct {
			Max         int
			Body, Bytes vectors.Hex
		}
		Negative []struct {
			Max   int
			Bytes vectors.Hex
			Why   string
		}
	}
	vectors.Load(t, "frame.json", &file)
	for _, sent := range file.Positive {
		var stream bytes.Buffer
		if err := wire.WriteFrame(&stream, sent.Body, sent.Max); err != nil || !bytes.Equal(stream.Bytes(), sent.Bytes) {
			t.Errorf("%x is written as %x, %v", sent.Body, stream.Bytes(), err)
		}
		for _, r := range []io.Reader{bytes.NewReader(sent.Bytes), iotest.OneByteReader(bytes.NewReader(sent.Bytes))} {
			if body, err := wire.ReadFrame(r, sent.Max); err != nil || !bytes.Equal(body, sent.Body) {
				t.Errorf("%x is read as %x, %v", sent.Bytes, body, err)
			}
			if _, err := wire.ReadFrame(r, sent.Max); !errors.Is(err, io.EOF) {
				t.Errorf("after the last frame: %v", err)
			}
		}
	}
	for _, refused := range file.Negative {
		if _, err := wire.ReadFrame(bytes.NewReader(refused.Bytes), refused.Max); err == nil || err.Error() != refused.Why {
			t.Errorf("%x: %v in place of %s", refused.Bytes, err, refused.Why)
		}
	}
	if err := wire.WriteFrame(io.Discard, make([]byte, 17), 16); err == nil {
		t.Error("a frame over its cap was written")
	}
}

// note is the object of the vectors of envelopes.
type note struct {
	Key  [32]byte `cbor:"key"`
	Text string   `cbor:"text"`
}

func (*note) Domain() string     { return "airway-vector-note-v1" }
func (*note) MaxBytes() int      { return 512 }
func (n *note) Signer() [32]byte { return n.Key }

func TestEnvelopesAreAsWritten(t *testing.T) {
	var file struct {
		vectors.About
		Positive []struct {
			Seed        vectors.Hex
			Domain      string
			PayloadType vectors.Hex `json:"payload_type"`
			Text        string
			Payload     vectors.Hex
			Bytes       vectors.Hex
		}
		Negative []vectors.RefusedBytes
	}
	vectors.Load(t, "envelope.json", &file)
	for _, sealed := range file.Positive {
		key := vectors.Key(t, sealed.Seed)
		raw, err := wire.RawKey(key.GetPublic())
		if err != nil {
			t.Fatal(err)
		}
		written := &note{Key: raw, Text: sealed.Text}
		if written.Domain() != sealed.Domain || wire.PayloadType != string(sealed.PayloadType) {
			t.Errorf("another domain or type: %s, %s", sealed.Domain, sealed.PayloadType)
		}
		if payload, err := wire.Encode(written); err != nil || !bytes.Equal(payload, sealed.Payload) {
			t.Errorf("the payload is written as %x, %v", payload, err)
		}
		if b, err := wire.Seal(key, written); err != nil || !bytes.Equal(b, sealed.Bytes) {
			t.Errorf("sealed as %x, %v", b, err)
		}
		var read note
		signer, err := wire.Open(sealed.Bytes, &read)
		if err != nil || read != *written || !signer.Equals(key.GetPublic()) {
			t.Errorf("opened as %+v, %v", read, err)
		}
	}
	for _, refused := range file.Negative {
		if _, err := wire.Open(refused.Bytes, &note{}); err == nil {
			t.Errorf("opened, although %s: %x", refused.Why, refused.Bytes)
		}
	}
}
