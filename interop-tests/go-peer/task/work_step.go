package task

import "math"

// alarm is what time does next, and when; nil if nothing.
func (w *Work) alarm() (uint64, func(w Work, now uint64) Work) {
	end := func(state State, reason Reason) func(Work, uint64) Work {
		return func(w Work, now uint64) Work { return w.leftQueue(now).stopped(now).to(state, &reason, now) }
	}
	at, what := uint64(math.MaxUint64), (func(Work, uint64) Work)(nil)
	switch {
	case w.State == New:
		at, what = after(w.Received, ms(AcceptTime)), end(Cancelled, NotAccepted)
	case w.State == Accepted && w.Staged != nil:
		at, what = after(*w.Staged, ms(HeadTime)), end(Expired, TooLong)
	case w.State == Executing && w.Lease != nil:
		at, what = after(w.Heard, *w.Lease), Work.brokenOff
	case w.State == Accepted, w.State == Executing:
	case w.HasNews() && !w.Held:
		// The requester does not take the end.
		return after(w.Heard, ms(ResultRetry)), func(w Work, _ uint64) Work { return w.known() }
	default:
		return 0, nil
	}
	if limit := after(w.Received, w.Limit); what == nil || limit <= at {
		return limit, end(Cancelled, LimitReached)
	}
	return at, what
}

// to is a change of which the requester is told.
func (w Work) to(state State, reason *Reason, now uint64) Work {
	w.State, w.Reason, w.Heard = state, reason, now
	w.Seq++
	if state != Accepted {
		w.Staged = nil
	}
	if state != Executing {
		w.Started = nil
	}
	return w
}

// isLast says whether an attempt that is named is the last one.
func (w *Work) isLast(attempt *uint32) bool { return attempt == nil || *attempt == w.Attempt }

// executing says whether it is being executed, and this is the last attempt.
func (w *Work) executing(attempt *uint32) error {
	switch {
	case w.State != Executing:
		return refusedIn(w.State)
	case !w.isLast(attempt):
		return ErrAttempt
	}
	return nil
}

// leftQueue adds the time that it was the first in the queue, if it is.
func (w Work) leftQueue(now uint64) Work {
	if w.Staged != nil {
		w.Times.Staged += since(now, *w.Staged)
		w.Staged = nil
	}
	return w
}

// stopped takes the time of the execution, if there is one.
func (w Work) stopped(now uint64) Work {
	if w.Started != nil {
		w.Times.CPU = since(now, *w.Started)
	}
	w.Started, w.Lease = nil, nil
	return w
}

// brokenOff is when the execution is over without a result.
func (w Work) brokenOff(now uint64) Work {
	w = w.stopped(now)
	if w.Execution == AtMostOnce {
		reason := Interrupted
		return w.to(Failed, &reason, now)
	}
	w.Progress = nil
	return w.to(Accepted, nil, now)
}

// known says that the requester has nothing more to hear.
func (w Work) known() Work {
	w.Told = w.Seq
	return w
}

func (w *Work) isOpen() bool { return w.State == New || w.State == Accepted || w.State == Executing }

func (Accept) work(w Work, now uint64) (Work, error) {
	switch w.State {
	case New:
		w = w.to(Accepted, nil, now)
		w.Times.Idle = since(now, w.Received)
		return w, nil
	case Accepted:
		return w, nil
	}
	return w, refusedIn(w.State)
}

func (Decline) work(w Work, now uint64) (Work, error) {
	switch w.State {
	case New:
		reason := ByWorker
		return w.to(Declined, &reason, now), nil
	case Declined:
		return w, nil
	}
	return w, refusedIn(w.State)
}

func (Stage) work(w Work, now uint64) (Work, error) {
	if w.State == Accepted && w.Staged == nil {
		w.Staged = &now
	}
	return w, nil
}

func (e Start) work(w Work, now uint64) (Work, error) {
	if w.State != Accepted {
		return w, refusedIn(w.State)
	}
	w = w.leftQueue(now).to(Executing, nil, now)
	w.Attempt++
	w.Progress, w.Started, w.Lease = nil, &now, e.Lease
	return w, nil
}

func (e Beat) work(w Work, now uint64) (Work, error) {
	if err := w.executing(e.Attempt); err != nil {
		return w, err
	}
	w.Heard = now
	return w, nil
}

func (e Progress) work(w Work, now uint64) (Work, error) {
	if err := w.executing(e.Attempt); err != nil {
		return w, err
	}
	w = w.to(Executing, nil, now)
	if e.Progress != nil {
		w.Progress = e.Progress
	}
	return w, nil
}

func (e Complete) work(w Work, now uint64) (Work, error) {
	if (w.State == Completed || w.State == Succeeded) && w.isLast(e.Attempt) {
		return w, nil
	}
	if err := w.executing(e.Attempt); err != nil {
		return w, err
	}
	w = w.stopped(now)
	if e.Held {
		// It is no news yet.
		w.State = Completed
	} else {
		w = w.to(Completed, nil, now)
	}
	w.Held, w.Heard = e.Held, now
	return w, nil
}

func (Delivered) work(w Work, now uint64) (Work, error) {
	if w.Held {
		w = w.to(Completed, nil, now)
		w.Held = false
	}
	return w, nil
}

func (Fileless) work(w Work, now uint64) (Work, error) {
	if w.Held {
		reason := FileLost
		w = w.to(Failed, &reason, now)
		w.Held = false
	}
	return w, nil
}

func (e Fail) work(w Work, now uint64) (Work, error) {
	switch {
	case w.State != Accepted && w.State != Executing && w.State != Failed:
		return w, refusedIn(w.State)
	case !w.isLast(e.Attempt) && w.State == Failed:
		return w, refusedIn(w.State)
	case !w.isLast(e.Attempt):
		return w, ErrAttempt
	case w.State == Failed:
		return w, nil
	}
	reason := ByWorker
	return w.leftQueue(now).stopped(now).to(Failed, &reason, now), nil
}

func (e Interrupt) work(w Work, now uint64) (Work, error) {
	if err := w.executing(e.Attempt); err != nil {
		return w, err
	}
	return w.brokenOff(now), nil
}

func (Restarted) work(w Work, now uint64) (Work, error) {
	if w.State == Executing {
		w.Heard = now
	}
	return w, nil
}

func (e CallOff) work(w Work, now uint64) (Work, error) {
	if !w.isOpen() {
		// What it has come to is the answer.
		return w, nil
	}
	// The requester asks until it has heard.
	return w.to(Cancelled, &e.Reason, now).known(), nil
}

func (Tick) work(w Work, now uint64) (Work, error) {
	if at, what := w.alarm(); what != nil && at <= now {
		return what(w, now), nil
	}
	return w, nil
}

func (Untrusted) work(w Work, now uint64) (Work, error) {
	switch {
	case w.State.IsTerminal():
		return w.known(), nil
	case w.State == Completed && !w.Held:
		// The requester may have applied the result, and says so if the two come to trust each other again.
		return w, nil
	}
	return w.calledOff(TrustEnded, now), nil
}

func (e Taken) work(w Work, _ uint64) (Work, error) {
	// A result is taken with a receipt alone.
	if w.State != Completed || e.Seq < w.Seq {
		w.Told = max(w.Told, min(e.Seq, w.Seq))
	}
	return w, nil
}

func (Applied) work(w Work, _ uint64) (Work, error) {
	switch {
	case w.State == Completed && !w.Held:
		w.State = Succeeded
		return w.known(), nil
	case w.State.IsTerminal():
		return w.known(), nil
	}
	return w, nil
}

func (Abandon) work(w Work, now uint64) (Work, error) {
	if w.State.IsTerminal() {
		return w.known(), nil
	}
	return w.calledOff(Abandoned, now), nil
}

// calledOff ends it without a word to the requester.
func (w Work) calledOff(reason Reason, now uint64) Work {
	w = w.to(Cancelled, &reason, now)
	w.Held = false
	return w.known()
}
