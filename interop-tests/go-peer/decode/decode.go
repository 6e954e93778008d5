// Package decode is every decoder by the name of its fuzz target in protocols/fuzz, so that another implementation can be
// asked what it makes of the same bytes.
//
// A decoder accepts or refuses, and says what it has understood in bytes: the canonical encoding of what it has read where
// there is one, so that bytes which are accepted with another meaning are seen as well.
package decode

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// MaxInput is the longest input that [Serve] takes, in bytes.
const MaxInput = 1 << 20

// ErrUnknown says that there is no decoder of a name.
var ErrUnknown = errors.New("no such decoder")

// Decoder reads any bytes. What it has understood is nil if nothing is to be said of it.
type Decoder func(input []byte) (understood []byte, err error)

// all is every decoder by its name. Each part of the module has a file with its own.
func all() map[string]Decoder {
	decoders := make(map[string]Decoder)
	for _, part := range []map[string]Decoder{
		wireDecoders(), idDecoders(), cardDecoders(), trustDecoders(), meshDecoders(), serviceDecoders(), eventDecoders(),
		taskDecoders(),
	} {
		maps.Copy(decoders, part)
	}
	return decoders
}

// Names are the names of all decoders, in order.
func Names() []string { return slices.Sorted(maps.Keys(all())) }

// Try runs the decoder of a name.
func Try(name string, input []byte) (understood []byte, err error) {
	decoder, known := all()[name]
	if !known {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, name)
	}
	return decoder(input)
}

// Serve answers requests until r ends.
//
//	request   u8 length of the name ‖ name ‖ u32 length of the input, big-endian ‖ input
//	answer    1 if it was accepted, 0 if it was refused, 2 if there is no such decoder ‖ u32 length ‖ what was understood
//
// An empty name asks for the names of all decoders, one a line.
func Serve(r io.Reader, w io.Writer) error {
	decoders := all()
	in, out := bufio.NewReader(r), bufio.NewWriter(w)
	for {
		name, input, err := readRequest(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		verdict, understood := answer(decoders, name, input)
		if err := writeAnswer(out, verdict, understood); err != nil {
			return err
		}
		// Whoever sends several at once does not wait for each answer.
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

func answer(decoders map[string]Decoder, name string, input []byte) (verdict byte, understood []byte) {
	if name == "" {
		for _, name := range slices.Sorted(maps.Keys(decoders)) {
			understood = append(understood, name+"\n"...)
		}
		return 1, understood
	}
	decoder, known := decoders[name]
	if !known {
		return 2, nil
	}
	understood, err := decoder(input)
	if err != nil {
		return 0, nil
	}
	return 1, understood
}

func readRequest(r io.Reader) (name string, input []byte, err error) {
	var length [1]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return "", nil, err
	}
	text := make([]byte, length[0])
	var size [4]byte
	for _, part := range [][]byte{text, size[:]} {
		if _, err := io.ReadFull(r, part); err != nil {
			return "", nil, fmt.Errorf("a request that is cut short: %w", io.ErrUnexpectedEOF)
		}
	}
	if binary.BigEndian.Uint32(size[:]) > MaxInput {
		return "", nil, fmt.Errorf("an input of over %d bytes", MaxInput)
	}
	input = make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(r, input); err != nil {
		return "", nil, fmt.Errorf("a request that is cut short: %w", io.ErrUnexpectedEOF)
	}
	return string(text), input, nil
}

func writeAnswer(w io.Writer, verdict byte, understood []byte) error {
	head := binary.BigEndian.AppendUint32([]byte{verdict}, uint32(len(understood)))
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(understood)
	return err
}
