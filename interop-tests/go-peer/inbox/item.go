package inbox

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// What kind of thing a record of a file is, where a message has its service.Kind.
const fileKind = 3

const (
	// MessageCost is what a message counts against the quota besides its body, in bytes. Without it, empty messages would
	// be free and could fill the disk.
	MessageCost = 256
	// FileCost is what a file counts besides its bytes: about what its directory and its last block take up.
	FileCost = 4096
)

// Item is a message or file in the inbox.
type Item struct {
	// Seq is its place in the order of arrival, from 1.
	Seq uint64
	// From is the agent that sent it.
	From id.AgentID
	// ReceivedAt is when it arrived by our clock, in milliseconds since 1970.
	ReceivedAt uint64
	// Message is what was sent. Of a file it has no payload, and says nothing of the kind.
	Message service.Message
	// File is not nil if this is a file.
	File *File
}

// File is what is known of a file in the inbox.
type File struct {
	Name   service.FileName
	Size   uint64
	Digest service.Digest
	// Began is the byte at which the attempt began that brought the last of it: what was there before was not sent again.
	Began uint64
	// Path is where it lies.
	Path string
}

// key is what makes a repeat the same message: two senders may choose the same id.
type key struct {
	from id.AgentID
	id   service.MessageID
}

// messageDigest is what makes a repeat the same message. The time of sending is left out: a sender may set it anew.
func messageDigest(m *service.Message) [32]byte {
	return contentDigest(uint8(m.Kind), m.ReplyTo, m.Payload)
}

// offerDigest is the same for a file, before any of its bytes have come.
func offerDigest(o *service.Offer) [32]byte {
	return contentDigest(fileKind, o.ReplyTo, append(binary.BigEndian.AppendUint64(nil, o.Size), o.Name...))
}

func contentDigest(kind uint8, replyTo *service.MessageID, content []byte) [32]byte {
	hash := sha256.New()
	if replyTo != nil {
		hash.Write([]byte{kind, 1})
		hash.Write(replyTo[:])
	} else {
		hash.Write([]byte{kind, 0})
		hash.Write(make([]byte, len(service.MessageID{})))
	}
	hash.Write(content)
	return [32]byte(hash.Sum(nil))
}
