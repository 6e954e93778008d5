use super::*;

const OURS: StatementId = StatementId::from_bytes([1; 32]);
const THEIRS: StatementId = StatementId::from_bytes([2; 32]);
const NEXT: StatementId = StatementId::from_bytes([3; 32]);

fn at(state: State, generation: u64, heard: u64) -> Relation {
    Relation { state, generation, heard }
}

fn requested() -> Relation {
    at(State::Requested { request: OURS }, 4, 10)
}

fn pending() -> Relation {
    at(State::Pending { request: THEIRS }, 4, 10)
}

fn trusted() -> Relation {
    at(State::Trusted { request: Some(THEIRS) }, 4, 10)
}

fn request(id: StatementId, generation: u64, at: u64) -> Event {
    Event::Heard { kind: Kind::Request, id, generation, at, answers: None }
}

fn heard(kind: Kind, generation: u64, at: u64, answers: Option<StatementId>) -> Event {
    Event::Heard { kind, id: NEXT, generation, at, answers }
}

/// The state after an event, what is said and what has changed.
fn step(relation: Relation, event: Event) -> (State, Option<Say>, Change) {
    let step = relation.step(event).unwrap();
    (step.relation.state, step.say, step.change)
}

/// An event that changes nothing but, perhaps, what was heard last.
fn ignored(relation: Relation, event: Event) -> bool {
    let step = relation.step(event).unwrap();
    step.say.is_none() && step.change == Change::None && step.relation.state == relation.state
}

#[test]
fn a_request_and_an_approval_make_trust_on_both_sides() {
    let ada = Relation::default().step(Event::Ask { request: OURS }).unwrap();
    assert_eq!(ada.say, Some(Say::Request { generation: 1 }));
    let bob = Relation::default().step(request(OURS, 1, 5)).unwrap();
    assert_eq!(bob.relation, at(State::Pending { request: OURS }, 1, 5));
    assert_eq!(bob.change, Change::Asked);

    let bob = bob.relation.step(Event::Approve).unwrap();
    assert_eq!(bob.say, Some(Say::Accept { generation: 1, answers: OURS }));
    let ada = ada.relation.step(heard(Kind::Accept, 1, 7, Some(OURS))).unwrap();
    assert_eq!(ada.change, Change::Trusted);
    assert_eq!(ada.relation, at(State::Trusted { request: None }, 1, 7));
    assert!(ada.relation.is_trusted() && bob.relation.is_trusted());
}

#[test]
fn two_requests_that_cross_approve_each_other() {
    let (state, say, change) = step(requested(), request(THEIRS, 2, 11));
    assert_eq!(state, State::Trusted { request: Some(THEIRS) });
    assert_eq!(say, Some(Say::Accept { generation: 4, answers: THEIRS }));
    assert_eq!(change, Change::Trusted);
}

#[test]
fn to_ask_who_has_asked_is_to_approve() {
    let (state, say, _) = step(pending(), Event::Ask { request: OURS });
    assert_eq!(state, State::Trusted { request: Some(THEIRS) });
    assert_eq!(say, Some(Say::Accept { generation: 4, answers: THEIRS }));
}

#[test]
fn a_rejection_is_told_or_not() {
    let say = Say::Reject { generation: 4, answers: THEIRS };
    assert_eq!(step(pending(), Event::Reject { tell: true }), (State::Stranger, Some(say), Change::Rejected));
    assert_eq!(step(pending(), Event::Reject { tell: false }), (State::Stranger, None, Change::Rejected));
    let declined = heard(Kind::Reject, 4, 11, Some(OURS));
    assert_eq!(step(requested(), declined), (State::Stranger, None, Change::Rejected));
    assert!(ignored(requested(), heard(Kind::Reject, 4, 11, Some(NEXT))));
}

#[test]
fn a_revoke_ends_trust_and_is_answered_by_one() {
    let say = Some(Say::Revoke { generation: 4, answers: Some(THEIRS) });
    assert_eq!(step(trusted(), Event::Revoke), (State::Stranger, say, Change::Revoked { by_us: true }));
    let over = (State::Stranger, say, Change::Revoked { by_us: false });
    // By its time, its generation, or the request that it names.
    assert_eq!(step(trusted(), heard(Kind::Revoke, 1, 11, None)), over);
    assert_eq!(step(trusted(), heard(Kind::Revoke, 4, 9, None)), over);
    assert_eq!(step(trusted(), heard(Kind::Revoke, 1, 9, Some(THEIRS))), over);
    assert!(ignored(trusted(), heard(Kind::Revoke, 3, 9, None)));
    assert!(ignored(trusted(), heard(Kind::Revoke, 3, 10, Some(NEXT))));
}

#[test]
fn a_request_is_taken_back_by_its_author() {
    let say = Some(Say::Revoke { generation: 4, answers: Some(OURS) });
    assert_eq!(step(requested(), Event::Revoke), (State::Stranger, say, Change::Withdrawn));
    let back = heard(Kind::Revoke, 1, 9, Some(THEIRS));
    assert_eq!(step(pending(), back), (State::Stranger, None, Change::Withdrawn));
    // The other takes its own request back, which crossed ours: ours stands.
    assert!(ignored(requested(), heard(Kind::Revoke, 9, 11, Some(NEXT))));
}

#[test]
fn a_recorded_request_is_not_heard_again() {
    let over = trusted().step(Event::Revoke).unwrap().relation;
    assert!(ignored(over, request(THEIRS, 4, 10)));
    let asked = over.step(request(NEXT, 1, 11)).unwrap();
    assert_eq!(asked.relation, at(State::Pending { request: NEXT }, 5, 11));
}

#[test]
fn an_accept_that_was_lost_is_said_again_to_the_last_request_alone() {
    let again = Some(Say::Accept { generation: 4, answers: THEIRS });
    assert_eq!(step(trusted(), request(THEIRS, 4, 10)), (trusted().state, again, Change::None));
    let granted = trusted().step(heard(Kind::Accept, 4, 12, Some(OURS))).unwrap();
    assert_eq!(granted.change, Change::Granted);
    assert!(ignored(granted.relation, request(THEIRS, 4, 10)));
    assert!(ignored(granted.relation, heard(Kind::Accept, 4, 12, Some(OURS))));
}

#[test]
fn who_has_accepted_since_may_have_taken_its_own_request_back() {
    let granted = trusted().step(heard(Kind::Accept, 4, 12, Some(OURS))).unwrap();
    assert_eq!(granted.relation, at(State::Trusted { request: None }, 4, 12));
    assert!(ignored(granted.relation, heard(Kind::Revoke, 3, 11, Some(THEIRS))));
    assert_eq!(step(granted.relation, heard(Kind::Revoke, 1, 13, None)).2, Change::Revoked { by_us: false });
}

#[test]
fn who_has_lost_its_trust_and_asks_again_is_accepted() {
    let again = trusted().step(request(NEXT, 1, 11)).unwrap();
    assert_eq!(again.relation, at(State::Trusted { request: Some(NEXT) }, 5, 11));
    assert_eq!(again.say, Some(Say::Accept { generation: 5, answers: NEXT }));
}

#[test]
fn a_ticket_approves_itself_once() {
    let vouched = Event::Vouched { id: NEXT, generation: 1, at: 11 };
    for relation in [Relation::default(), pending(), requested(), trusted()] {
        let step = relation.step(vouched).unwrap();
        assert_eq!(step.relation.state, State::Trusted { request: Some(NEXT) });
        assert_eq!(step.change, Change::Trusted);
        assert!(matches!(step.say, Some(Say::Accept { answers: NEXT, .. })));
    }
    // It knocked without the proof before.
    let late = Event::Vouched { id: THEIRS, generation: 4, at: 10 };
    assert_eq!(step(pending(), late).2, Change::Trusted);
    assert!(ignored(at(State::Stranger, 4, 11), vouched));
    assert!(ignored(at(State::Blocked, 4, 0), vouched));
}

#[test]
fn who_is_blocked_is_not_heard() {
    let blocked = trusted().step(Event::Block).unwrap();
    assert_eq!(
        (blocked.relation.state, blocked.say, blocked.change),
        (State::Blocked, None, Change::Blocked)
    );
    for kind in [Kind::Request, Kind::Accept, Kind::Reject, Kind::Revoke] {
        let step = blocked.relation.step(heard(kind, 9, 99, Some(OURS))).unwrap();
        assert_eq!(step, blocked.relation.stay(), "{kind:?}");
    }
    let unblocked = blocked.relation.step(Event::Unblock).unwrap();
    assert_eq!(unblocked.relation, at(State::Stranger, 4, 10));
}

#[test]
fn what_has_run_out_is_over() {
    assert_eq!(step(requested(), Event::Lapse), (State::Stranger, None, Change::Withdrawn));
    assert_eq!(step(pending(), Event::Lapse), (State::Stranger, None, Change::Withdrawn));
    let say = Some(Say::Revoke { generation: 4, answers: Some(THEIRS) });
    assert_eq!(step(trusted(), Event::Lapse), (State::Stranger, say, Change::Revoked { by_us: true }));
    assert!(ignored(Relation::default(), Event::Lapse));
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    let stranger = Relation::default();
    let blocked = at(State::Blocked, 4, 10);
    let ask = Event::Ask { request: OURS };
    let cases = [
        (trusted(), ask, Refused::AlreadyTrusted),
        (trusted(), Event::Approve, Refused::AlreadyTrusted),
        (requested(), Event::Approve, Refused::NothingPending),
        (trusted(), Event::Reject { tell: true }, Refused::NothingPending),
        (stranger, Event::Revoke, Refused::NothingToRevoke),
        (stranger, Event::Unblock, Refused::NotBlocked),
        (blocked, ask, Refused::Blocked),
        (blocked, Event::Approve, Refused::Blocked),
        (blocked, Event::Reject { tell: true }, Refused::Blocked),
        (blocked, Event::Revoke, Refused::Blocked),
    ];
    for (relation, event, why) in cases {
        assert_eq!(relation.step(event), Err(why), "{event:?}");
    }
}

#[test]
fn the_largest_generation_leaves_a_relation_that_works() {
    let most = MAX_GENERATION;
    let wild = Relation::default().step(request(THEIRS, u64::MAX, 5)).unwrap().relation;
    assert_eq!((wild.generation, wild.next_generation()), (most, most));

    let over = wild.step(Event::Approve).unwrap().relation.step(Event::Revoke).unwrap();
    assert_eq!(over.say, Some(Say::Revoke { generation: most, answers: Some(THEIRS) }));
    let asked = over.relation.step(Event::Ask { request: OURS }).unwrap();
    assert_eq!(asked.say, Some(Say::Request { generation: most }));
    let again = asked.relation.step(heard(Kind::Accept, most, 8, Some(OURS))).unwrap().relation;
    assert!(again.is_trusted());
    // A revoke from before is of the same generation, and still stale.
    assert!(ignored(again, heard(Kind::Revoke, most, 7, Some(THEIRS))));
    assert_eq!(step(again, heard(Kind::Revoke, most, 9, None)).2, Change::Revoked { by_us: false });
}
