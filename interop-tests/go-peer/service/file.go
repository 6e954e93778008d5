package service

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// MaxFile is the most bytes of a file: offsets fit into the signed numbers of file systems and databases.
const MaxFile = math.MaxInt64

// Offer is what a sender has. ReceiveOffer does not Validate it.
type Offer struct {
	// ID is chosen by the sender; the same id is the same file.
	ID MessageID `cbor:"id"`
	// Name is a FileName, unless the sender breaks the rules.
	Name string `cbor:"name"`
	// Size is the bytes of the file.
	Size uint64 `cbor:"size"`
	// ReplyTo is the message that the file answers, or nil. Nobody has checked that it exists.
	ReplyTo *MessageID `cbor:"reply_to,omitzero"`
	// SentAt is when the sender says that it made the offer, in milliseconds since 1970. It never decides anything.
	SentAt uint64 `cbor:"sent_at"`
}

// Validate checks the rules, and returns the name. A receiver answers Invalid otherwise.
func (o *Offer) Validate() (FileName, error) {
	if o.Size > MaxFile {
		return "", fmt.Errorf("a file of %d bytes is %w", o.Size, ErrTooLarge)
	}
	return ParseFileName(o.Name)
}

// Have is what a receiver has of a file already: nothing, often.
type Have struct {
	// Offset is bytes from the beginning, at most those of the offer.
	Offset uint64
	// Digest is BLAKE3 of them.
	Digest Digest
}

// Reply is what a receiver says to an offer: an Answer is the end of the attempt; if Have is not nil, there is no answer
// yet, and the receiver wants the file from there on.
type Reply struct {
	Answer Answer
	Have   *Have
}

// Why an attempt to send a file failed. The stream is of no further use; the file may be offered again on another.
var (
	ErrEnded = errors.New("the stream ended early")
	ErrReply = errors.New("the reply is not one that may follow here")
	ErrStart = errors.New("the sender begins where it was not told to")
)

// replyFrame is a reply as it travels: either an answer, or offset and digest.
type replyFrame struct {
	ID     MessageID `cbor:"id"`
	Answer *Answer   `cbor:"answer,omitzero"`
	Offset *uint64   `cbor:"offset,omitzero"`
	Digest *Digest   `cbor:"digest,omitzero"`
}

// Where the bytes that follow begin.
type startFrame struct {
	Offset uint64 `cbor:"offset"`
}

// What stands behind the bytes.
type endFrame struct {
	Digest Digest `cbor:"digest"`
}

// OfferFile is the sender's first step: it offers a file and waits for the reply. The receiver may take long: it reads what
// it has of the file to compute the digest. The offset of a reply is not checked against the size of the file.
func OfferFile(stream io.ReadWriter, offer *Offer) (Reply, error) {
	if err := wire.WriteMessage(stream, offer, wire.ControlFrame); err != nil {
		return Reply{}, err
	}
	return readReply(stream, offer.ID)
}

// StartFile is the sender's second step: it says where the bytes begin, which follow.
func StartFile(w io.Writer, offset uint64) error {
	return wire.WriteMessage(w, &startFrame{Offset: offset}, wire.ControlFrame)
}

// FinishFile is the sender's last step: it sends the digest of the whole file, and waits for the answer.
func FinishFile(stream io.ReadWriter, id MessageID, digest Digest) (Answer, error) {
	if err := wire.WriteMessage(stream, &endFrame{Digest: digest}, wire.ControlFrame); err != nil {
		return 0, err
	}
	return ReadFileAnswer(stream, id)
}

// ReadFileAnswer reads the answer at the end of an attempt, or the one with which the receiver gave up before: when a write
// fails, it may be there.
func ReadFileAnswer(r io.Reader, id MessageID) (Answer, error) {
	reply, err := readReply(r, id)
	if err == nil && reply.Have != nil {
		err = ErrReply
	}
	return reply.Answer, err
}

func readReply(r io.Reader, id MessageID) (Reply, error) {
	var frame replyFrame
	if err := readFrame(r, &frame); err != nil {
		return Reply{}, err
	}
	if frame.ID != id {
		return Reply{}, fmt.Errorf("%w: it is for file %s, not %s", ErrReply, frame.ID, id)
	}
	switch {
	case frame.Answer != nil && frame.Offset == nil && frame.Digest == nil:
		return Reply{Answer: *frame.Answer}, nil
	case frame.Answer == nil && frame.Offset != nil && frame.Digest != nil:
		return Reply{Have: &Have{Offset: *frame.Offset, Digest: *frame.Digest}}, nil
	default:
		return Reply{}, ErrReply
	}
}

// ReceiveOffer is the receiver's first step: it reads the offer, or io.EOF when the sender has closed its half without
// one. The offer is not validated yet: call Validate, and ReplyFile in either case.
func ReceiveOffer(r io.Reader) (*Offer, error) {
	var offer Offer
	if err := wire.ReadMessage(r, &offer, wire.ControlFrame); err != nil {
		return nil, err
	}
	return &offer, nil
}

// ReplyFile is the receiver's second step, and its last. After an answer nothing follows.
func ReplyFile(w io.Writer, id MessageID, reply Reply) error {
	frame := replyFrame{ID: id}
	if reply.Have != nil {
		frame.Offset, frame.Digest = &reply.Have.Offset, &reply.Have.Digest
	} else {
		frame.Answer = &reply.Answer
	}
	return wire.WriteMessage(w, &frame, wire.ControlFrame)
}

// ReceiveStart is the receiver's third step: it reads where the bytes begin, which is 0 or the offset of have. Then as many
// bytes follow as the file still lacks.
func ReceiveStart(r io.Reader, have Have) (uint64, error) {
	var start startFrame
	if err := readFrame(r, &start); err != nil {
		return 0, err
	}
	if start.Offset != 0 && start.Offset != have.Offset {
		return 0, fmt.Errorf("%w: at byte %d, which is neither 0 nor %d", ErrStart, start.Offset, have.Offset)
	}
	return start.Offset, nil
}

// ReceiveEnd is the receiver's step after the bytes: it reads the digest of the whole file.
func ReceiveEnd(r io.Reader) (Digest, error) {
	var end endFrame
	err := readFrame(r, &end)
	return end.Digest, err
}

// readFrame reads a frame where the stream may not end.
func readFrame(r io.Reader, frame any) error {
	err := wire.ReadMessage(r, frame, wire.ControlFrame)
	if errors.Is(err, io.EOF) {
		return ErrEnded
	}
	return err
}
