package decode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

func serviceDecoders() map[string]Decoder {
	return map[string]Decoder{
		"data_answer":   dataAnswer,
		"data_exchange": dataExchange,
		"data_header":   dataHeader,
		"files_end":     filesEnd,
		"files_name":    Text(service.ParseFileName),
		"files_offer":   filesOffer,
		"files_path":    filesPath,
		"files_reply":   filesReply,
		"files_start":   filesStart,
		"message_id":    Text(service.ParseMessageID),
		"perf_answer":   perfAnswer,
		"perf_run":      perfRun,
		"port":          Text(service.ParsePort),
	}
}

// vectorID is the id of the golden vectors.
func vectorID() (service.MessageID, error) {
	return service.ParseMessageID("018f4d2e-7c3a-7b1e-8d55-0123456789ab")
}

func dataHeader(input []byte) ([]byte, error) {
	var header service.Header
	if err := wire.Decode(input, &header); err != nil {
		return nil, err
	}
	return wire.Encode(&header)
}

// dataExchange receives all messages of a stream, and understands what would be written to say the same, and which of them
// are valid.
func dataExchange(input []byte) ([]byte, error) {
	stream := bytes.NewReader(input)
	var understood bytes.Buffer
	for {
		message, err := service.ReceiveMessage(stream)
		if errors.Is(err, io.EOF) {
			return understood.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		if err := service.WriteMessage(&understood, message); err != nil {
			return nil, err
		}
		valid := byte(0)
		if message.Validate() == nil {
			valid = 1
		}
		understood.WriteByte(valid)
	}
}

func dataAnswer(input []byte) ([]byte, error) {
	id, err := vectorID()
	if err != nil {
		return nil, err
	}
	answer, err := service.ReadAnswer(bytes.NewReader(input), id)
	return []byte{byte(answer)}, err
}

func filesOffer(input []byte) ([]byte, error) {
	var offer service.Offer
	if err := wire.Decode(input, &offer); err != nil {
		return nil, err
	}
	if _, err := offer.Validate(); err != nil {
		return nil, err
	}
	return wire.Encode(&offer)
}

func filesReply(input []byte) ([]byte, error) {
	id, err := vectorID()
	if err != nil {
		return nil, err
	}
	reply, err := service.OfferFile(hearing(input), &service.Offer{ID: id, Name: "a.txt", Size: 1000})
	if err != nil {
		return nil, err
	}
	var again bytes.Buffer
	err = service.ReplyFile(&again, id, reply)
	return again.Bytes(), err
}

// filesStart reads where the bytes begin, of a file of which there are 15 already.
func filesStart(input []byte) ([]byte, error) {
	first := []byte("the first bytes")
	have := service.Have{Offset: uint64(len(first)), Digest: service.DigestOf(first)}
	offset, err := service.ReceiveStart(bytes.NewReader(input), have)
	return binary.BigEndian.AppendUint64(nil, offset), err
}

func filesEnd(input []byte) ([]byte, error) {
	digest, err := service.ReceiveEnd(bytes.NewReader(input))
	return digest[:], err
}

// filesPath names the file at a path of any bytes.
func filesPath(input []byte) ([]byte, error) {
	return []byte(service.FileNameOf(string(input))), nil
}

func perfRun(input []byte) ([]byte, error) {
	run, err := service.ReadRun(bytes.NewReader(input))
	if err != nil {
		return nil, err
	}
	return wire.Encode(&run)
}

// perfAnswer takes the input for the answer to a run that announced 1,000 bytes.
func perfAnswer(input []byte) ([]byte, error) {
	received, err := service.ReadRunAnswer(bytes.NewReader(input), service.Run{Send: 1000})
	return binary.BigEndian.AppendUint64(nil, received), err
}
