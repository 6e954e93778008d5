package trust

// What the owner does, and what time does.

func (e Ask) step(r Relation) (Step, error) {
	switch r.State.Standing {
	case Stranger, Requested:
		r.Generation = r.NextGeneration()
		return r.to(Requested, &e.Request, ChangeRequested).saying(KindRequest, nil), nil
	case Pending, Trusted:
		return Approve{}.step(r)
	}
	return Step{}, ErrBlocked
}

func (Approve) step(r Relation) (Step, error) {
	switch r.State.Standing {
	case Pending:
		return r.accept(r.State.Request), nil
	case Trusted:
		return Step{}, ErrAlreadyTrusted
	case Blocked:
		return Step{}, ErrBlocked
	}
	return Step{}, ErrNothingPending
}

// accept goes to trust, by a request of the other.
func (r Relation) accept(request *StatementID) Step {
	return r.to(Trusted, request, ChangeTrusted).saying(KindAccept, request)
}

func (e Reject) step(r Relation) (Step, error) {
	switch r.State.Standing {
	case Pending:
		step := r.to(Stranger, nil, ChangeRejected)
		if e.Tell {
			step = step.saying(KindReject, r.State.Request)
		}
		return step, nil
	case Blocked:
		return Step{}, ErrBlocked
	}
	return Step{}, ErrNothingPending
}

func (Revoke) step(r Relation) (Step, error) {
	switch r.State.Standing {
	case Trusted:
		return r.to(Stranger, nil, ChangeRevokedByUs).saying(KindRevoke, r.State.Request), nil
	case Requested:
		return r.to(Stranger, nil, ChangeWithdrawn).saying(KindRevoke, r.State.Request), nil
	case Pending:
		return r.to(Stranger, nil, ChangeRejected), nil
	case Blocked:
		return Step{}, ErrBlocked
	}
	return Step{}, ErrNothingToRevoke
}

func (Block) step(r Relation) (Step, error) { return r.to(Blocked, nil, ChangeBlocked), nil }

func (Unblock) step(r Relation) (Step, error) {
	if r.State.Standing != Blocked {
		return Step{}, ErrNotBlocked
	}
	return r.to(Stranger, nil, ChangeUnblocked), nil
}

func (Lapse) step(r Relation) (Step, error) {
	switch r.State.Standing {
	case Requested:
		// Told: the other may come to approve it yet, and would trust us alone.
		return r.to(Stranger, nil, ChangeWithdrawn).saying(KindRevoke, r.State.Request), nil
	case Pending:
		return r.to(Stranger, nil, ChangeWithdrawn), nil
	case Trusted:
		return r.to(Stranger, nil, ChangeRevokedByUs).saying(KindRevoke, r.State.Request), nil
	}
	return r.stay(), nil
}
