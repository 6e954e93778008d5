// Package journal is how things are kept that have to survive a crash: records in a file, one behind the other, each of which
// is there whole or not at all.
//
//	u32 length of the fields ‖ u32 length of the payload ‖ u32 CRC-32C of both ‖ fields ‖ payload
package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// recordHead is the bytes of lengths and checksum.
const recordHead = 12

const (
	// MaxFields caps the fields of a record, in bytes.
	MaxFields = 1 << 20
	// MaxPayload caps its payload.
	MaxPayload = 1 << 20
)

// errTorn says that a journal ends in a record that is not whole: the process ended while it was written, and nobody has
// heard that it was stored.
var errTorn = errors.New("a record that is not whole")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Record adds a record to bytes that are to be written.
func Record(bytes, fields, payload []byte) ([]byte, error) {
	if len(fields) > MaxFields || len(payload) > MaxPayload {
		return nil, fmt.Errorf("a record of %d and %d bytes is over the limits of %d and %d",
			len(fields), len(payload), MaxFields, MaxPayload)
	}
	sum := crc32.Update(crc32.Checksum(fields, castagnoli), castagnoli, payload)
	bytes = binary.BigEndian.AppendUint32(bytes, uint32(len(fields)))
	bytes = binary.BigEndian.AppendUint32(bytes, uint32(len(payload)))
	bytes = binary.BigEndian.AppendUint32(bytes, sum)
	return append(append(bytes, fields...), payload...), nil
}

// Taker is handed each record, and the offset of its payload in the file. The slices are its own.
type Taker func(fields, payload []byte, at int64) error

// read hands on each record, and returns where the last whole one ends.
func read(file io.Reader, take Taker) (int64, error) {
	reader := bufio.NewReaderSize(file, 1<<20)
	var end int64
	for {
		fields, payload, err := next(reader)
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			return end, nil
		}
		if err != nil {
			return end, err
		}
		end += recordHead + int64(len(fields)+len(payload))
		if err := take(fields, payload, end-int64(len(payload))); err != nil {
			return end, err
		}
	}
}

// next reads the next record: io.EOF at a clean end, errTorn where it is not whole.
func next(r io.Reader) (fields, payload []byte, err error) {
	var head [recordHead]byte
	if _, err := io.ReadFull(r, head[:]); errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, errTorn
	} else if err != nil {
		return nil, nil, err
	}
	first, second := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
	if first > MaxFields || second > MaxPayload {
		return nil, nil, errTorn
	}
	body := make([]byte, first+second)
	if _, err := io.ReadFull(r, body); errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return nil, nil, errTorn
	} else if err != nil {
		return nil, nil, err
	}
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(head[8:]) {
		return nil, nil, errTorn
	}
	return body[:first:first], body[first:], nil
}
