package inbox

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// A record stands in the journal as two lengths, a checksum, its fields as JSON, and a payload:
//
//	u32 length of the fields ‖ u32 length of the payload ‖ u32 CRC-32C of both ‖ fields ‖ payload
const recordHead = 12

// Largest fields of a record: of a clearance, which says what it clears.
const maxFields = 1 << 20

// What a record says.
const (
	opMessage = "message" // a message is in the inbox
	opFile    = "file"    // a file is in the inbox
	opSeen    = "seen"    // an id was accepted, and its message cleared since
	opClear   = "clear"   // some of those before are cleared
)

// record is the fields of a record.
type record struct {
	Op         string   `json:"op"`
	Seq        uint64   `json:"seq,omitempty"`
	From       []byte   `json:"from,omitempty"`
	ID         []byte   `json:"id,omitempty"`
	Kind       uint8    `json:"kind,omitempty"`
	ReplyTo    []byte   `json:"reply_to,omitempty"`
	SentAt     uint64   `json:"sent_at,omitempty"`
	ReceivedAt uint64   `json:"received_at,omitempty"`
	Content    []byte   `json:"content,omitempty"` // what makes a repeat the same
	Name       string   `json:"name,omitempty"`
	Size       uint64   `json:"size,omitempty"`
	Digest     []byte   `json:"digest,omitempty"`
	Began      uint64   `json:"began,omitempty"`
	Cleared    []uint64 `json:"cleared,omitempty"`
}

// errTorn says that a journal ends in a record that is not whole: the process ended while it was written, and nobody has
// heard that it was stored.
var errTorn = errors.New("a record that is not whole")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendRecord adds a record to bytes that are to be written.
func appendRecord(bytes []byte, r *record, payload []byte) ([]byte, error) {
	fields, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if len(fields) > maxFields {
		return nil, fmt.Errorf("a record of %d bytes is over the limit of %d", len(fields), maxFields)
	}
	sum := crc32.Update(crc32.Checksum(fields, castagnoli), castagnoli, payload)
	bytes = binary.BigEndian.AppendUint32(bytes, uint32(len(fields)))
	bytes = binary.BigEndian.AppendUint32(bytes, uint32(len(payload)))
	bytes = binary.BigEndian.AppendUint32(bytes, sum)
	return append(append(bytes, fields...), payload...), nil
}

// readRecord reads the next record, and returns how long it is in all: io.EOF at a clean end, errTorn where it is not whole.
func readRecord(r io.Reader) (*record, []byte, int64, error) {
	var head [recordHead]byte
	if _, err := io.ReadFull(r, head[:]); errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, 0, errTorn
	} else if err != nil {
		return nil, nil, 0, err
	}
	fields, payload := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
	if fields > maxFields || payload > service.MaxPayload {
		return nil, nil, 0, errTorn
	}
	body := make([]byte, fields+payload)
	if _, err := io.ReadFull(r, body); errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return nil, nil, 0, errTorn
	} else if err != nil {
		return nil, nil, 0, err
	}
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(head[8:]) {
		return nil, nil, 0, errTorn
	}
	var found record
	if err := json.Unmarshal(body[:fields], &found); err != nil {
		return nil, nil, 0, errTorn
	}
	return &found, body[fields:], recordHead + int64(len(body)), nil
}

// readJournal hands on each record with the offset of its payload, and returns where the last whole one ends.
func readJournal(file io.Reader, take func(r *record, payload []byte, at int64) error) (int64, error) {
	reader := bufio.NewReaderSize(file, 1<<20)
	var end int64
	for {
		r, payload, size, err := readRecord(reader)
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			return end, nil
		}
		if err != nil {
			return end, err
		}
		end += size
		if err := take(r, payload, end-int64(len(payload))); err != nil {
			return end, err
		}
	}
}
