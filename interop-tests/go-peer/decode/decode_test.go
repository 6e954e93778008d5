package decode_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/decode"
)

var corpus = filepath.Join("..", "..", "..", "protocols", "fuzz", "corpus")

// inputs are those of the corpus of a decoder.
func inputs(t *testing.T, name string) [][]byte {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(corpus, name))
	if err != nil {
		return nil
	}
	var inputs [][]byte
	for _, file := range files {
		input, err := os.ReadFile(filepath.Join(corpus, name, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, input)
	}
	return inputs
}

func TestEveryDecoderAcceptsSomeOfItsCorpusAndNoneFallsOver(t *testing.T) {
	directories, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	var everything [][]byte
	for _, directory := range directories {
		everything = append(everything, inputs(t, directory.Name())...)
	}
	for _, name := range decode.Names() {
		own := inputs(t, name)
		accepted := slices.ContainsFunc(own, func(input []byte) bool {
			_, err := decode.Try(name, input)
			return err == nil
		})
		if len(own) > 0 && !accepted {
			t.Errorf("%s accepts none of its %d inputs", name, len(own))
		}
		for _, input := range everything {
			// That it returns is what counts; whether it is right, the differential test says.
			_, _ = decode.Try(name, input)
		}
	}
}

func TestRequestsAreAnsweredInOrder(t *testing.T) {
	var in, out bytes.Buffer
	for _, request := range []struct{ name, input string }{{"", ""}, {"name", "ada"}, {"name", "Ada"}, {"nothing", "ada"}} {
		in.WriteByte(byte(len(request.name)))
		in.WriteString(request.name)
		in.Write(binary.BigEndian.AppendUint32(nil, uint32(len(request.input))))
		in.WriteString(request.input)
	}
	if err := decode.Serve(&in, &out); err != nil {
		t.Fatal(err)
	}
	names := strings.Join(decode.Names(), "\n") + "\n"
	expected := binary.BigEndian.AppendUint32([]byte{1}, uint32(len(names)))
	expected = append(append(expected, names...), "\x01\x00\x00\x00\x03ada\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00"...)
	if !bytes.Equal(out.Bytes(), expected) {
		t.Errorf("%q", out.Bytes())
	}
}

func TestARequestThatIsCutShortOrTooLongIsAnError(t *testing.T) {
	for _, in := range []string{"\x04nam", "\x01x\x00\x00", "\x01x\x00\x00\x00\x02a", "\x01x\xff\xff\xff\xff"} {
		if err := decode.Serve(strings.NewReader(in), &bytes.Buffer{}); err == nil {
			t.Errorf("%q is served", in)
		}
	}
}
