package service

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
)

type fileVectors struct {
	vectors.About
	Names        []string
	RefusedNames []vectors.RefusedText `json:"refused_names"`
	Digests      []struct {
		Bytes  vectors.Hex
		Digest string
	}
	Offers []struct {
		ID      string
		Name    string
		Size    uint64
		ReplyTo *string `json:"reply_to"`
		SentAt  uint64  `json:"sent_at"`
		Bytes   vectors.Hex
	}
	RefusedOffers []vectors.RefusedBytes `json:"refused_offers"`
	InvalidOffers []vectors.RefusedBytes `json:"invalid_offers"`
	Replies       []struct {
		Answer *Answer
		Offset *uint64
		Digest *string
		Bytes  vectors.Hex
	}
	RefusedReplies []vectors.RefusedBytes `json:"refused_replies"`
	Starts         []struct {
		Offset uint64
		Bytes  vectors.Hex
	}
	RefusedStarts []vectors.RefusedBytes `json:"refused_starts"`
	End           vectors.Hex
	RefusedEnds   []vectors.RefusedBytes `json:"refused_ends"`
	Attempt       struct{ Sender, Receiver vectors.Hex }
}

func TestNamesAndDigestsOfFilesAreAsWritten(t *testing.T) {
	var v fileVectors
	vectors.Load(t, "files.json", &v)
	for _, text := range v.Names {
		if name, err := ParseFileName(text); err != nil || FileNameOf("/dir/"+text) != name {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, c := range v.RefusedNames {
		if _, err := ParseFileName(c.Text); err == nil {
			t.Errorf("%q is a name, and should not be: %s", c.Text, c.Why)
		}
	}
	for _, c := range v.Digests {
		hasher := NewHasher()
		for part := range slices.Chunk(c.Bytes, 7) {
			hasher.Write(part)
		}
		if digest := DigestOf(c.Bytes); digest.String() != c.Digest || hasher.Digest() != digest {
			t.Errorf("the digest of %x is %s", c.Bytes, digest)
		}
	}
}

func TestOffersAreAsWritten(t *testing.T) {
	var v fileVectors
	vectors.Load(t, "files.json", &v)
	for _, c := range v.Offers {
		offer := &Offer{
			ID: messageID(t, c.ID), Name: c.Name, Size: c.Size, ReplyTo: optionalID(t, c.ReplyTo), SentAt: c.SentAt,
		}
		stream := heard(nil)
		if _, err := OfferFile(stream, offer); !errors.Is(err, ErrEnded) || !bytes.Equal(stream.Bytes(), c.Bytes) {
			t.Errorf("%x is written as %x, %v", c.Bytes, stream.Bytes(), err)
		}
		read, err := ReceiveOffer(bytes.NewReader(c.Bytes))
		if err != nil || !reflect.DeepEqual(read, offer) {
			t.Errorf("%x is read as %v, %v", c.Bytes, read, err)
		}
		if name, err := offer.Validate(); err != nil || string(name) != c.Name {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, c := range v.RefusedOffers {
		if offer, err := ReceiveOffer(bytes.NewReader(c.Bytes)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%x is read as %v, %v, and should not be: %s", c.Bytes, offer, err, c.Why)
		}
	}
	for _, c := range v.InvalidOffers {
		offer, err := ReceiveOffer(bytes.NewReader(c.Bytes))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := offer.Validate(); err == nil {
			t.Errorf("%v is valid, and should not be: %s", offer, c.Why)
		}
	}
}

func TestRepliesAreAsWritten(t *testing.T) {
	var v fileVectors
	vectors.Load(t, "files.json", &v)
	offer := &Offer{ID: messageID(t, v.Offers[0].ID), Name: "a.txt"}
	for _, c := range v.Replies {
		var reply Reply
		if c.Answer != nil {
			reply.Answer = *c.Answer
		} else {
			digest, err := ParseDigest(*c.Digest)
			if err != nil {
				t.Fatal(err)
			}
			reply.Have = &Have{Offset: *c.Offset, Digest: digest}
		}
		var written bytes.Buffer
		if err := ReplyFile(&written, offer.ID, reply); err != nil || !bytes.Equal(written.Bytes(), c.Bytes) {
			t.Errorf("%x is written as %x, %v", c.Bytes, written.Bytes(), err)
		}
		if read, err := OfferFile(heard(c.Bytes), offer); err != nil || !reflect.DeepEqual(read, reply) {
			t.Errorf("%x is read as %v, %v", c.Bytes, read, err)
		}
	}
	for _, c := range v.RefusedReplies {
		if reply, err := OfferFile(heard(c.Bytes), offer); err == nil {
			t.Errorf("%x is read as %v, and should not be: %s", c.Bytes, reply, c.Why)
		}
	}
}

func TestStartsAndEndsAreAsWritten(t *testing.T) {
	var v fileVectors
	vectors.Load(t, "files.json", &v)
	have := Have{Offset: 9}
	for _, c := range v.Starts {
		var written bytes.Buffer
		if err := StartFile(&written, c.Offset); err != nil || !bytes.Equal(written.Bytes(), c.Bytes) {
			t.Errorf("%x is written as %x, %v", c.Bytes, written.Bytes(), err)
		}
		if offset, err := ReceiveStart(bytes.NewReader(c.Bytes), have); err != nil || offset != c.Offset {
			t.Errorf("%x is read as %d, %v", c.Bytes, offset, err)
		}
	}
	for _, c := range v.RefusedStarts {
		if offset, err := ReceiveStart(bytes.NewReader(c.Bytes), have); err == nil {
			t.Errorf("%x is read as %d, and should not be: %s", c.Bytes, offset, c.Why)
		}
	}
	digest, err := ReceiveEnd(bytes.NewReader(v.End))
	if want := v.Digests[len(v.Digests)-1].Digest; err != nil || digest.String() != want {
		t.Errorf("the end is read as %s, %v", digest, err)
	}
	for _, c := range v.RefusedEnds {
		if digest, err := ReceiveEnd(bytes.NewReader(c.Bytes)); err == nil {
			t.Errorf("%x is read as %s, and should not be: %s", c.Bytes, digest, c.Why)
		}
	}
}

func TestAnAttemptIsAsWritten(t *testing.T) {
	var v fileVectors
	vectors.Load(t, "files.json", &v)
	file := v.Digests[len(v.Digests)-1].Bytes

	sender := heard(v.Attempt.Receiver)
	offer, err := ReceiveOffer(bytes.NewReader(v.Attempt.Sender))
	if err != nil {
		t.Fatal(err)
	}
	reply, err := OfferFile(sender, offer)
	if err != nil || reply.Have == nil || reply.Have.Digest != DigestOf(file[:reply.Have.Offset]) {
		t.Fatalf("%v, %v", reply, err)
	}
	if err := StartFile(sender, reply.Have.Offset); err != nil {
		t.Fatal(err)
	}
	sender.Write(file[reply.Have.Offset:])
	if answer, err := FinishFile(sender, offer.ID, DigestOf(file)); err != nil || answer != Stored {
		t.Fatalf("%v, %v", answer, err)
	}
	if !bytes.Equal(sender.Bytes(), v.Attempt.Sender) {
		t.Errorf("the sender writes %x", sender.Bytes())
	}
}
