package task

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// world is a requester and a worker with a channel between them that loses, doubles and reorders.
type world struct {
	random *rand.Rand
	now    uint64
	s      Submission
	order  Order
	work   *Work
	// asked and reported are on their way; applied counts results that were applied.
	asked    []Denied
	reported []Report
	applied  int
}

// What the requester has asked, in the place of frames.
const (
	asksSubmit Denied = iota + 1
	asksCancel
)

func newWorld(seed uint64) *world {
	w := &world{random: rand.New(rand.NewPCG(seed, 1)), s: Submission{Description: "x", Limit: ms(DefaultLimit)}}
	if seed%2 == 1 {
		w.s.Execution = AtMostOnce
	}
	w.order = NewOrder(&w.s, false, w.now)
	return w
}

func (w *world) chance(of int) bool { return w.random.IntN(of) == 0 }

// say puts what is to be said on its way.
func (w *world) say() {
	switch {
	case w.order.Cancels():
		w.asked = append(w.asked, asksCancel)
	case w.order.Submits():
		w.asked = append(w.asked, asksSubmit)
	}
	if w.work != nil && w.work.HasNews() {
		w.reported = append(w.reported, *w.work.Report(ID{}))
	}
}

// atWorker has a request arrive, and its answer, if that is not lost.
func (w *world) atWorker(asked Denied, answerIsLost bool) {
	if w.work == nil {
		work := NewWork(&w.s, w.now)
		if asked == asksCancel {
			work = Tombstone(*w.order.Cancelling, w.now)
		}
		w.work = &work
	}
	if asked == asksCancel {
		w.do(CallOff{Reason: *w.order.Cancelling})
	}
	answer := w.work.Report(ID{})
	if answerIsLost {
		return
	}
	var event OrderEvent = Answered{answer}
	if asked == asksCancel {
		event = CancelAnswered{answer}
	}
	w.order, _ = w.order.Step(event, w.now)
}

// atRequester has a report arrive, and its answer, if that is not lost.
func (w *world) atRequester(r Report, answerIsLost bool) {
	next, err := w.order.Step(Reported{&r}, w.now)
	w.order = next
	if err == nil && w.order.State == Completed && r.State == Completed {
		w.applied++
		w.order, err = w.order.Step(Applied{}, w.now)
	}
	if answerIsLost {
		return
	}
	switch {
	case errors.Is(err, ErrRefused):
		w.do(Abandon{})
	case w.order.State == Succeeded && r.State == Completed:
		w.do(Applied{})
	default:
		w.do(Taken{r.Seq})
	}
}

// do lets an event happen at the worker, if it can.
func (w *world) do(e WorkEvent) {
	if next, err := w.work.Step(e, w.now); err == nil {
		w.work = &next
	}
}

// local is what one of the owners does, or time.
func (w *world) local() {
	w.now += uint64(w.random.IntN(20_000))
	if w.work != nil {
		events := []WorkEvent{
			Accept{}, Accept{}, Decline{}, Stage{}, Start{}, Start{}, Beat{}, Progress{}, Complete{}, Fail{}, Interrupt{}, Restarted{}, Tick{},
		}
		w.do(events[w.random.IntN(len(events))])
	}
	if w.chance(30) {
		w.order, _ = w.order.Step(CancelAsked{}, w.now)
	}
	if w.chance(200) {
		w.order, _ = w.order.Step(Abandon{}, w.now)
	}
	w.order, _ = w.order.Step(Tick{}, w.now)
}

// step is one thing that happens.
func (w *world) step(lossy bool) {
	w.say()
	w.local()
	if len(w.asked) > 0 {
		at := w.random.IntN(len(w.asked))
		asked := w.asked[at]
		if !lossy || w.chance(2) {
			w.asked = append(w.asked[:at], w.asked[at+1:]...)
		}
		// What is said is what is still to be said; a request that was overtaken comes all the same.
		if asked == asksSubmit || w.order.Cancelling != nil {
			w.atWorker(asked, lossy && w.chance(3))
		}
	}
	if len(w.reported) > 0 {
		at := w.random.IntN(len(w.reported))
		r := w.reported[at]
		if !lossy || w.chance(2) {
			w.reported = append(w.reported[:at], w.reported[at+1:]...)
		}
		w.atRequester(r, lossy && w.chance(3))
	}
}

func TestBothSidesComeToTheSameEnd(t *testing.T) {
	ends := make(map[State]int)
	for seed := range uint64(3000) {
		w := newWorld(seed)
		var last State
		for step := 0; !w.order.IsSettled() || w.work != nil && !w.work.IsSettled(); step++ {
			if step > 5000 {
				t.Fatalf("seed %d does not end: %+v and %+v", seed, w.order, w.work)
			}
			w.step(step < 60)
			if last.IsTerminal() && w.order.State != last {
				t.Fatalf("seed %d: %s after %s", seed, w.order.State, last)
			}
			last = w.order.State
		}
		if w.applied > 1 || (w.order.State == Succeeded) != (w.applied == 1) {
			t.Fatalf("seed %d: %s, and applied %d times", seed, w.order.State, w.applied)
		}
		isOwn := w.order.isOwnEnd()
		if w.work != nil && !isOwn && w.work.State != w.order.State {
			t.Fatalf("seed %d: %+v and %+v", seed, w.order, w.work)
		}
		ends[w.order.State]++
	}
	for _, state := range []State{Succeeded, Declined, Failed, Cancelled} {
		if ends[state] == 0 {
			t.Errorf("none is %s: %v", state, ends)
		}
	}
}

func TestTimesAreCountedAndCorrected(t *testing.T) {
	s := &Submission{Description: "x", Limit: ms(DefaultLimit)}
	w := NewWork(s, 1000)
	for _, step := range []struct {
		e  WorkEvent
		at uint64
	}{{Accept{}, 3000}, {Stage{}, 4000}, {Start{}, 9000}, {Complete{}, 70_000}} {
		next, err := w.Step(step.e, step.at)
		if err != nil {
			t.Fatal(err)
		}
		w = next
	}
	if want := (Times{Idle: 2000, Staged: 5000, CPU: 61_000}); w.Times != want || w.Seq != 4 || !w.HasNews() {
		t.Errorf("%+v", w)
	}
	o := NewOrder(s, false, 0)
	for at, state := range map[uint64]State{10_000: New} {
		o = o.hear(&Report{Seq: 1, State: state}, at)
	}
	o = o.hear(&Report{Seq: 2, State: Accepted}, 30_000)
	o = o.hear(&Report{Seq: 3, State: Executing}, 31_000)
	if got, want := o.Observed(41_000), (Observed{IdleAtLeast: 15_000, CPUAtMost: 15_000}); got != want {
		t.Errorf("%+v in place of %+v", got, want)
	}
}

func TestTimersEndWhatNobodyTakesUp(t *testing.T) {
	s := &Submission{Description: "x", Limit: ms(DefaultLimit)}
	fresh := NewWork(s, 0)
	if late, _ := fresh.Step(Tick{}, ms(AcceptTime)); late.State != Cancelled || *late.Reason != NotAccepted || late.LeavesReceipt() {
		t.Errorf("%+v", late)
	}
	queued, _ := fresh.Step(Accept{}, 0)
	queued, _ = queued.Step(Stage{}, 10)
	if late, _ := queued.Step(Tick{}, ms(HeadTime)+10); late.State != Expired || !late.LeavesReceipt() || late.Times.Staged != ms(HeadTime) {
		t.Errorf("%+v", late)
	}
	lease := uint64(100)
	begun, _ := queued.Step(Start{Lease: &lease}, 20)
	if again, _ := begun.Step(Tick{}, 120); again.State != Accepted || again.Attempt != 1 {
		t.Errorf("%+v", again)
	}
	if over, _ := begun.Step(Tick{}, ms(DefaultLimit)); over.State == Executing {
		t.Errorf("%+v", over)
	}
	old := uint32(1)
	second, _ := begun.Step(Tick{}, 120)
	second, _ = second.Step(Start{}, 130)
	if _, err := second.Step(Complete{Attempt: &old}, 140); !errors.Is(err, ErrAttempt) {
		t.Errorf("an attempt that another followed is taken: %v", err)
	}
	once := begun
	once.Execution = AtMostOnce
	if failed, _ := once.Step(Tick{}, 120); failed.State != Failed || *failed.Reason != Interrupted {
		t.Errorf("%+v", failed)
	}
}
