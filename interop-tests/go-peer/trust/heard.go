package trust

// What the other says.
//
// All that an agent says to another is in the order of At. Whatever is heard of it voids its older requests: it either
// stands by them no longer, or has trust already.

// heard is a statement of the other, and what it means here.
type heard struct {
	Heard
	// vouched says whether it came with the proof of a ticket.
	vouched bool
	// newer says whether it is newer than all that was heard before.
	newer bool
}

func (e Heard) step(r Relation) (Step, error) { return r.hear(heard{Heard: e}), nil }

func (e Vouched) step(r Relation) (Step, error) {
	request := Heard{Kind: KindRequest, ID: e.ID, Generation: e.Generation, At: e.At}
	return r.hear(heard{Heard: request, vouched: true}), nil
}

func (r Relation) hear(h heard) Step {
	if r.State.Standing == Blocked {
		return r.stay()
	}
	h.newer = h.At > r.Heard
	r.Heard = max(r.Heard, h.At)
	switch h.Kind {
	case KindRequest:
		return r.hearRequest(h)
	case KindAccept:
		return r.hearAccept(h)
	case KindReject:
		return r.hearReject(h)
	case KindRevoke:
		return r.hearRevoke(h)
	}
	return r.stay()
}

func (r Relation) hearRequest(h heard) Step {
	standing, request := r.State.Standing, &h.ID
	same := isRequest(r.State.Request, request)
	switch {
	case standing == Trusted && same && h.At == r.Heard:
		// The last that we have heard: it waits for our accept, which was lost.
		return r.stay().saying(KindAccept, request)
	case standing == Pending && same && h.vouched:
		return r.accept(request)
	case !h.newer:
		return r.stay()
	case standing == Trusted, standing == Stranger && h.vouched:
		// Who was trusted has lost its trust, or given it up and told us nothing that arrived.
		return r.nextRound(h).accept(request)
	case standing == Requested, standing == Pending && h.vouched:
		return r.sameRound(h).accept(request)
	case standing == Stranger:
		return r.nextRound(h).to(Pending, request, ChangeAsked)
	case standing == Pending:
		return r.sameRound(h).to(Pending, request, ChangeAsked)
	}
	return r.stay()
}

func (r Relation) hearAccept(h heard) Step {
	switch {
	case r.State.Standing == Requested && h.newer && isRequest(r.State.Request, h.Answers):
		// An older one may have been revoked since, by what we have heard already.
		return r.sameRound(h).to(Trusted, nil, ChangeTrusted)
	case r.State.Standing == Trusted && h.newer:
		// From now on it trusts by our request: what it says about its own is over.
		return r.sameRound(h).to(Trusted, nil, ChangeGranted)
	}
	return r.stay()
}

// hearReject: who rejects does not trust, and has no request of its own.
func (r Relation) hearReject(h heard) Step {
	switch r.State.Standing {
	case Requested:
		if isRequest(r.State.Request, h.Answers) {
			return r.sameRound(h).to(Stranger, nil, ChangeRejected)
		}
	case Pending, Trusted:
		if h.newer {
			return r.sameRound(h).isLeft()
		}
	}
	return r.stay()
}

func (r Relation) hearRevoke(h heard) Step {
	named := isRequest(r.State.Request, h.Answers)
	switch r.State.Standing {
	case Requested:
		// By its id alone: others take back requests that crossed ours.
		if named {
			return r.sameRound(h).to(Stranger, nil, ChangeRejected)
		}
	case Pending, Trusted:
		// By id or generation as well: nobody stays trusted for the wrong time of a clock.
		if h.newer || named || r.isOfThisRound(h) {
			return r.sameRound(h).isLeft()
		}
	}
	return r.stay()
}

// isLeft: the other stands by its request or its trust no longer.
//
// If we trusted it, a request of ours may be on its way to it yet. Our revoke overtakes it, so that the other does not
// come to trust us alone. It goes out once for each trust that ends, and is not answered.
func (r Relation) isLeft() Step {
	if r.State.Standing == Trusted {
		return r.to(Stranger, nil, ChangeRevokedByOther).saying(KindRevoke, r.State.Request)
	}
	return r.to(Stranger, nil, ChangeWithdrawn)
}

// isOfThisRound: at the largest generation all rounds have the same number, and it tells nothing any more.
func (r Relation) isOfThisRound(h heard) bool {
	return h.Generation >= r.Generation && r.Generation < MaxGeneration
}

func (r Relation) sameRound(h heard) Relation {
	r.Generation = min(max(r.Generation, h.Generation), MaxGeneration)
	return r
}

func (r Relation) nextRound(h heard) Relation {
	r.Generation = r.NextGeneration()
	return r.sameRound(h)
}
