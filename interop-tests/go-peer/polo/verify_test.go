package polo

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// two are a requester and a worker with a chain.
type two struct {
	requester, worker crypto.PrivKey
	chain             []*Receipt
}

// work makes a chain of so many receipts.
func work(t *testing.T, count int) *two {
	t.Helper()
	w := &two{requester: vectors.SeededKey(t, 1), worker: vectors.SeededKey(t, 2)}
	place := First()
	for range count {
		receipt := w.receipt(t, newTask(t), place)
		w.chain, place = append(w.chain, receipt), receipt.Next()
	}
	return w
}

func newTask(t *testing.T) task.ID {
	t.Helper()
	taskID, err := task.NewID()
	if err != nil {
		t.Fatal(err)
	}
	return taskID
}

func agentOf(t *testing.T, key crypto.PrivKey) id.AgentID {
	t.Helper()
	agent, err := id.AgentIDOf(key.GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	return agent
}

func (w *two) claim(t *testing.T, taskID task.ID) *Claim {
	t.Helper()
	claim, err := SignClaim(w.worker, Draft{
		Requester: agentOf(t, w.requester), Task: taskID, Outcome: Success, Times: Times{CPU: 600_000}, MaxReward: 10, At: 5,
	})
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

func (w *two) receipt(t *testing.T, taskID task.ID, place Place) *Receipt {
	t.Helper()
	claim := w.claim(t, taskID)
	receipt, err := Issue(w.requester, claim, claim.Times, place, 6)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// forged signs what nobody would issue.
func (w *two) forged(t *testing.T, alter func(*receiptBody)) []byte {
	t.Helper()
	raw, err := wire.RawKey(w.requester.GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	claim := w.claim(t, newTask(t))
	body := receiptBody{
		Version: 1, Requester: raw, Claim: claim.envelope, CPU: 600_000, Reward: 4, Seq: 2, Prev: w.chain[0].hash, At: 6,
	}
	alter(&body)
	envelope, err := wire.Seal(w.requester, &body)
	if err != nil {
		t.Fatal(err)
	}
	return envelope
}

// export is what the worker writes of some receipts, and reads again.
func (w *two) export(t *testing.T, receipts ...[]byte) *Export {
	t.Helper()
	var tips []Tip
	if last := w.chain[len(w.chain)-1]; len(receipts) > 0 {
		tips = []Tip{{last.Pair().Requester, last.Pair().Worker, last.Seq, last.hash}}
	}
	return w.exportUpTo(t, tips, receipts...)
}

func (w *two) exportUpTo(t *testing.T, tips []Tip, receipts ...[]byte) *Export {
	t.Helper()
	head, err := SignHead(w.worker, tips, nil, 7)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := WriteExport(&file, head, receipts); err != nil {
		t.Fatal(err)
	}
	export, err := ReadExport(&file)
	if err != nil {
		t.Fatal(err)
	}
	return export
}

func (w *two) all() [][]byte {
	var all [][]byte
	for _, receipt := range w.chain {
		all = append(all, receipt.Bytes())
	}
	return all
}

// finds checks what is found, in this order.
func finds(t *testing.T, found []Finding, want ...Code) {
	t.Helper()
	var codes []Code
	for _, one := range found {
		codes = append(codes, one.Code)
	}
	if !slices.Equal(codes, want) {
		t.Errorf("%v in place of %v", found, want)
	}
}

func TestNothingIsFoundInWhatIsInOrder(t *testing.T) {
	w := work(t, 4)
	all := w.all()
	finds(t, Verify(w.export(t, all...)))
	slices.Reverse(all)
	finds(t, Verify(w.export(t, all...), w.export(t, all[0])))
	finds(t, Verify(w.export(t)))
}

func TestTheVerifierFindsAGap(t *testing.T) {
	w := work(t, 4)
	all := w.all()
	finds(t, Verify(w.export(t, all[0], all[2], all[3])), CodeGap)
	finds(t, Verify(w.export(t, all[2:]...)), CodeGap)
}

func TestTheVerifierFindsAChangedReward(t *testing.T) {
	w := work(t, 1)
	forged := w.forged(t, func(b *receiptBody) { b.Reward = 5 })
	finds(t, Verify(w.export(t, w.all()[0], forged)), CodeReward)
}

func TestTheVerifierFindsAChangedClaimOfTimes(t *testing.T) {
	w := work(t, 1)
	finds(t, Verify(w.export(t, w.all()[0], w.forged(t, func(b *receiptBody) { b.CPU++ }))), CodeClamp)
}

func TestTheVerifierFindsAMissingSignature(t *testing.T) {
	w := work(t, 1)
	whole := w.all()[0]
	altered := slices.Clone(whole)
	altered[len(altered)-1] ^= 1
	finds(t, Verify(w.exportUpTo(t, nil, altered)), CodeSignature)
	finds(t, Verify(w.exportUpTo(t, nil, whole[:len(whole)-66])), CodeSignature)
	finds(t, Verify(w.exportUpTo(t, nil, whole[:len(whole)-64])), CodeMalformed)

	// The requester has signed it, and the worker something else.
	unsigned := w.forged(t, func(b *receiptBody) {
		b.Claim = slices.Clone(b.Claim)
		b.Claim[len(b.Claim)-1] ^= 1
	})
	finds(t, Verify(w.export(t, whole, unsigned)), CodeSignature)
	foreign := (&two{requester: vectors.SeededKey(t, 3), worker: w.worker}).claim(t, newTask(t))
	finds(t, Verify(w.export(t, whole, w.forged(t, func(b *receiptBody) { b.Claim = foreign.envelope }))), CodeSignature)
}

func TestTheVerifierFindsACutTail(t *testing.T) {
	w := work(t, 3)
	all := w.all()
	tip := Tip{w.chain[0].Pair().Requester, w.chain[0].Pair().Worker, 1, w.chain[0].hash}
	cut := w.exportUpTo(t, []Tip{tip}, all[0])
	finds(t, Verify(cut))
	// By its own head, by that of the counterparty, and by its receipts.
	finds(t, Verify(w.export(t, all[0])), CodeTail)
	last := w.chain[2]
	head, err := SignHead(w.requester, []Tip{{last.Pair().Requester, last.Pair().Worker, 3, last.hash}}, nil, 7)
	if err != nil {
		t.Fatal(err)
	}
	found := Verify(cut, &Export{Head: head})
	finds(t, found, CodeTail)
	if !strings.Contains(found[0].Text, "ends at 1, and at 3 by the word of "+agentOf(t, w.requester).Fingerprint().String()) {
		t.Error(found[0].Text)
	}
	empty, err := SignHead(w.requester, nil, nil, 7)
	if err != nil {
		t.Fatal(err)
	}
	finds(t, Verify(cut, &Export{Head: empty, Receipts: w.chain}), CodeTail)
}

func TestTheVerifierFindsABrokenLink(t *testing.T) {
	w := work(t, 3)
	stray := w.receipt(t, newTask(t), Place{Seq: 2, Prev: Hash{1}})
	tip := Tip{stray.Pair().Requester, stray.Pair().Worker, 2, stray.hash}
	finds(t, Verify(w.exportUpTo(t, []Tip{tip}, w.all()[0], stray.Bytes())), CodeLink)
}

func TestTheVerifierFindsADuplicate(t *testing.T) {
	w := work(t, 2)
	again := w.receipt(t, w.chain[0].Claim.Task, w.chain[1].Next())
	w.chain = append(w.chain, again)
	finds(t, Verify(w.export(t, w.all()...)), CodeDuplicate)
	twice := work(t, 1)
	finds(t, Verify(twice.export(t, twice.all()[0], twice.all()[0])), CodeDuplicate)
}

func TestTheVerifierFindsAFork(t *testing.T) {
	w := work(t, 2)
	other := w.receipt(t, newTask(t), w.chain[0].Next())
	finds(t, Verify(w.export(t, append(w.all(), other.Bytes())...)), CodeFork)
	// The counterparty has another one in the same place.
	tip := Tip{other.Pair().Requester, other.Pair().Worker, 2, other.hash}
	head, err := SignHead(w.requester, []Tip{tip}, nil, 7)
	if err != nil {
		t.Fatal(err)
	}
	finds(t, Verify(w.export(t, w.all()...), &Export{Head: head}), CodeFork)
}

func TestWhatIsNoExportIsNotRead(t *testing.T) {
	if _, err := ReadExport(strings.NewReader("airway-polo-v2\n")); err != ErrMagic {
		t.Error(err)
	}
	for _, lines := range []string{"", "\n", "head x\n", "tail AAAA\n", "receipt A=\n", strings.Repeat("x", maxLine+1)} {
		export, err := ReadExport(strings.NewReader(Magic + "\n" + lines))
		if err != nil || len(export.Findings) == 0 || export.Findings[0].Code != CodeMalformed {
			t.Errorf("%.20q: %+v, %v", lines, export, err)
		}
	}
	endless, err := ReadExport(strings.NewReader(Magic + strings.Repeat("\nx", 2*maxFindings)))
	if err != nil || len(endless.Findings) != maxFindings+1 {
		t.Errorf("%d findings, %v", len(endless.Findings), err)
	}
}
