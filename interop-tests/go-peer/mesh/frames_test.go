package mesh

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
)

type frameVector struct {
	Says  string
	Bytes vectors.Hex
}

// roundTrip reads a frame and writes it again.
func roundTrip[T any](t *testing.T, frames []frameVector, read func(io.Reader) (T, error), write func(io.Writer, T) error) {
	t.Helper()
	if len(frames) == 0 {
		t.Fatal("there are no such frames")
	}
	for _, v := range frames {
		said, err := read(bytes.NewReader(v.Bytes))
		if err != nil {
			t.Fatalf("%s: %v", v.Says, err)
		}
		var written bytes.Buffer
		if err := write(&written, said); err != nil || !bytes.Equal(written.Bytes(), v.Bytes) {
			t.Errorf("%s: %x: %v", v.Says, written.Bytes(), err)
		}
	}
}

func refuseAll[T any](t *testing.T, frames []vectors.RefusedBytes, read func(io.Reader) (T, error)) {
	t.Helper()
	if len(frames) == 0 {
		t.Fatal("there are no such frames")
	}
	for _, v := range frames {
		_, err := read(bytes.NewReader(v.Bytes))
		check(t, ErrFrame, err, v.Why)
	}
}

func TestFramesAreAsWritten(t *testing.T) {
	var file struct {
		vectors.About
		Requests, Replies, Hellos, Answers []frameVector
		List                               frameVector
		RefusedRequests                    []vectors.RefusedBytes `json:"refused_requests"`
		RefusedReplies                     []vectors.RefusedBytes `json:"refused_replies"`
		RefusedHellos                      []vectors.RefusedBytes `json:"refused_hellos"`
		RefusedAnswers                     []vectors.RefusedBytes `json:"refused_answers"`
		RefusedLists                       []vectors.RefusedBytes `json:"refused_lists"`
	}
	vectors.Load(t, "join.json", &file)
	roundTrip(t, file.Requests, ReadJoinRequest, WriteJoinRequest)
	roundTrip(t, file.Replies, ReadJoinReply, WriteJoinReply)
	roundTrip(t, file.Hellos, ReadHello, WriteHello)
	roundTrip(t, file.Answers, ReadAdmitAnswer, WriteAdmitAnswer)
	realm := RealmOf(lab(t))
	readList := func(r io.Reader) (*Revocations, error) {
		b, err := ReadList(r)
		if err != nil {
			return nil, err
		}
		return ParseRevocations(b, realm)
	}
	roundTrip(t, []frameVector{file.List}, readList, WriteList)
	refuseAll(t, file.RefusedRequests, ReadJoinRequest)
	refuseAll(t, file.RefusedReplies, ReadJoinReply)
	refuseAll(t, file.RefusedHellos, ReadHello)
	refuseAll(t, file.RefusedAnswers, ReadAdmitAnswer)
	refuseAll(t, file.RefusedLists, ReadList)
}

func TestTheNewestClaimOfEachAgentCountsAndRivalsAreBounded(t *testing.T) {
	claim := func(seed byte, issued uint64, withdrawn bool) *Claim {
		key := vectors.SeededKey(t, seed)
		contact := vectors.Card(t, key, "", withdrawn)
		signed, err := SignClaim(Backbone(), key, ClaimDraft{Card: contact, Issued: issued, Expires: issued + ClaimLife})
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	var known []*Claim
	for step, merge := range []struct {
		claim   *Claim
		changes bool
	}{
		{claim(1, 10, true), false},
		{claim(1, 10, false), true},
		{claim(1, 9, false), false},
		{claim(1, 11, false), true},
		{claim(2, 1, false), true},
		{claim(3, 1, false), true},
		{claim(4, 1, false), true},
		{claim(5, 99, false), false},
		{claim(4, 2, true), true},
	} {
		var changed bool
		if known, changed = Merge(known, merge.claim, KeyName); changed != merge.changes {
			t.Errorf("step %d changes: %v", step, changed)
		}
	}
	if len(known) != MaxRivals || known[0].Issued() != 11 || !known[3].Withdrawn() {
		t.Errorf("%d claims", len(known))
	}
	if err := known[0].Stands(11+ClaimLife, nil); !errors.Is(err, Expired) {
		t.Errorf("%v", err)
	}
}
