package task

// end is an end that is made here.
func (o Order) end(state State, reason Reason) Order {
	o.State, o.Reason, o.Held, o.Asking = state, &reason, false, nil
	return o
}

// isOwnEnd says whether it ended here without the worker's word.
func (o *Order) isOwnEnd() bool {
	if o.Reason == nil {
		return false
	}
	switch *o.Reason {
	case Refused:
		return o.State == Declined
	case TrustEnded, Unreachable, Abandoned:
		return o.State == Cancelled
	}
	return false
}

// asking has the worker be asked to stop, if it was not asked before.
func (o Order) asking(reason Reason, now uint64) Order {
	if o.Cancelling == nil {
		o.Cancelling, o.Asking = &reason, &now
	}
	return o
}

// hear takes in what the worker says of the state, if it is news.
func (o Order) hear(r *Report, now uint64) Order {
	if o.State.IsTerminal() || r.Seq <= o.Seq {
		return o
	}
	o.State = r.State
	if r.State == Succeeded {
		// A worker that has a receipt already shows its result to a requester that has lost it.
		o.State = Completed
	}
	if o.Accepted == nil && o.State != New {
		o.Accepted = &now
	}
	if o.Executing == nil && o.State == Executing {
		o.Executing = &now
	}
	if o.Answered == nil {
		o.Answered = &now
	}
	if o.State.IsTerminal() {
		o.Asking = nil
	}
	o.Reason, o.Seq, o.Attempt, o.Progress, o.Held, o.Heard = r.Reason, r.Seq, r.Attempt, r.Progress, false, now
	return o
}

func (Delivered) order(o Order, _ uint64) (Order, error) {
	o.Held = false
	return o, nil
}

func (Fileless) order(o Order, _ uint64) (Order, error) {
	if o.Held {
		o = o.end(Failed, FileLost)
	}
	return o, nil
}

func (e Answered) order(o Order, now uint64) (Order, error) { return o.hear(e.Report, now), nil }

func (e CancelAnswered) order(o Order, now uint64) (Order, error) {
	heard := o.hear(e.Report, now)
	if o.Asking != nil {
		heard.Asking, heard.Heard = nil, now
	}
	return heard, nil
}

func (e Reported) order(o Order, now uint64) (Order, error) {
	switch {
	case !o.State.IsTerminal():
		return o.hear(e.Report, now), nil
	case o.isOwnEnd():
		return o, ErrGivenUp
	case e.Report.Seq <= o.Seq:
		return o, nil
	}
	return o, ErrOver
}

func (e Rejected) order(o Order, _ uint64) (Order, error) {
	if o.State != Submitted {
		return o, nil
	}
	switch e.Code {
	case NotAllowed, Invalid, Conflict, BadScore:
		return o.end(Declined, Refused), nil
	}
	return o, nil
}

func (CancelAsked) order(o Order, now uint64) (Order, error) {
	switch {
	case o.Held:
		return o.end(Cancelled, ByRequester), nil
	case o.State.IsTerminal():
		return o, ErrOver
	}
	return o.asking(ByRequester, now), nil
}

func (Abandon) order(o Order, now uint64) (Order, error) {
	switch {
	case o.State == Cancelled && o.Reason != nil && *o.Reason == Abandoned:
		return o, nil
	case o.State.IsTerminal():
		return o, ErrOver
	}
	if !o.Held {
		o = o.asking(ByRequester, now)
	}
	asking := o.Asking
	o = o.end(Cancelled, Abandoned)
	o.Asking = asking
	return o, nil
}

func (Untrusted) order(o Order, _ uint64) (Order, error) {
	if o.State.IsTerminal() {
		o.Asking = nil
		return o, nil
	}
	return o.end(Cancelled, TrustEnded), nil
}

func (Tick) order(o Order, now uint64) (Order, error) {
	if at, what := o.alarm(); what != nil && at <= now {
		return what(o, now), nil
	}
	return o, nil
}

func (Applied) order(o Order, _ uint64) (Order, error) {
	if o.State != Completed {
		return o, refusedIn(o.State)
	}
	o.State, o.Reason, o.Asking = Succeeded, nil, nil
	return o, nil
}
