//! A task at its worker.

use airway_protocols::tasks::{
    Execution, HEAD_TIME, RESULT_RETRY,
    work::{Event, Work},
};

use super::*;

fn work(name: &'static str, start: Work, events: &[(u64, Event)]) -> Walk {
    let mut work = start;
    let step = |(now, event): &(u64, Event)| {
        let step = work.step(*event, *now);
        let refused = step.as_ref().err().map(ToString::to_string);
        work = step.ok().flatten().unwrap_or(work);
        Step { now: *now, event: json(event), refused, after: json(&work), due: work.due() }
    };
    let steps = events.iter().map(step).collect();
    Walk { name, start: json(&start), steps }
}

fn task(execution: Execution) -> Work {
    Work::new(execution, LIMIT, 1_000)
}

pub(in super::super) fn works() -> Vec<Walk> {
    [to_its_end(), without_a_result(), broken_off(), timed(), given_up()].into_iter().flatten().collect()
}

fn to_its_end() -> Vec<Walk> {
    use Event::*;

    let begun = [(2_000, Accept), (3_000, Stage), (4_000, Start { lease: Some(30_000) })];
    let way = |rest: &[(u64, Event)]| [&begun[..], rest].concat();
    let complete = |held| Complete { attempt: Some(1), held };
    vec![
        work(
            "to a success",
            task(Execution::AtLeastOnce),
            &way(&[
                (5_000, Taken { seq: 2 }),
                (14_000, Beat { attempt: Some(1) }),
                (24_000, Progress { attempt: Some(1), progress: Some(500) }),
                (34_000, Progress { attempt: None, progress: None }),
                (64_000, complete(false)),
                (64_500, complete(false)),
                (65_000, Cancel { reason: Reason::ByRequester }),
                (65_500, Taken { seq: 6 }),
                (66_000, Applied),
                (67_000, Applied),
                (68_000, TrustEnded),
            ]),
        ),
        work(
            "with a file as its result",
            task(Execution::AtMostOnce),
            &way(&[
                (5_000, Delivered),
                (64_000, complete(true)),
                (64_500, Applied),
                (65_000, Delivered),
                (65_500, Fileless),
                (66_000, Applied),
            ]),
        ),
        work(
            "with a file that is not delivered",
            task(Execution::AtLeastOnce),
            &way(&[
                (64_000, complete(true)),
                (65_000, Fileless),
                (66_000, Delivered),
                (67_000, Taken { seq: 4 }),
            ]),
        ),
    ]
}

fn without_a_result() -> Vec<Walk> {
    use Event::*;

    vec![
        work(
            "declined",
            task(Execution::AtLeastOnce),
            &[(2_000, Decline), (2_500, Decline), (3_000, Accept), (4_000, Taken { seq: 2 })],
        ),
        work(
            "to a failure",
            Work::accepted(Execution::AtLeastOnce, LIMIT, 1_000),
            &[
                (2_000, Decline),
                (3_000, Start { lease: None }),
                (4_000, Accept),
                (5_000, Fail { attempt: Some(1) }),
                (6_000, Complete { attempt: None, held: false }),
                (7_000, Applied),
            ],
        ),
    ]
}

fn broken_off() -> Vec<Walk> {
    use Event::*;

    let start = |lease| Start { lease };
    let first = Some(1);
    vec![
        work(
            "a lease that lapses, and the execution after it",
            task(Execution::AtLeastOnce),
            &[
                (2_000, Accept),
                (3_000, Stage),
                (4_000, start(Some(30_000))),
                (33_999, Tick),
                (34_000, Tick),
                (34_500, Stage),
                (35_500, start(Some(30_000))),
                (36_000, Beat { attempt: first }),
                (36_000, Progress { attempt: first, progress: Some(900) }),
                (36_000, Complete { attempt: first, held: false }),
                (36_000, Fail { attempt: first }),
                (36_000, Interrupted { attempt: first }),
                (60_000, Restarted),
                (80_000, Interrupted { attempt: Some(2) }),
                (80_000, Fail { attempt: None }),
            ],
        ),
        work(
            "executed once at most",
            task(Execution::AtMostOnce),
            &[
                (2_000, Accept),
                (3_000, start(Some(30_000))),
                (33_000, Tick),
                (34_000, Accept),
                (35_000, Applied),
            ],
        ),
        work(
            "executed once at most, and broken off",
            task(Execution::AtMostOnce),
            &[(2_000, Accept), (3_000, start(None)), (4_000, Interrupted { attempt: None })],
        ),
    ]
}

fn timed() -> Vec<Walk> {
    use Event::*;

    vec![
        work(
            "not accepted",
            task(Execution::AtLeastOnce),
            &[(60_999, Tick), (61_000, Tick), (62_000, Accept)],
        ),
        work(
            "too long at the head of the queue",
            task(Execution::AtLeastOnce),
            &[(2_000, Accept), (3_000, Stage), (3_000 + HEAD_TIME, Tick), (4_000 + HEAD_TIME, Applied)],
        ),
        work(
            "its limit",
            task(Execution::AtLeastOnce),
            &[
                (2_000, Accept),
                (3_000, Start { lease: None }),
                (1_000 + LIMIT, Tick),
                (2_000 + LIMIT, Taken { seq: 4 }),
            ],
        ),
        work(
            "a result that nobody takes",
            task(Execution::AtLeastOnce),
            &[
                (2_000, Accept),
                (3_000, Start { lease: None }),
                (4_000, Complete { attempt: None, held: false }),
                (1_000 + LIMIT, Tick),
                (4_000 + RESULT_RETRY, Tick),
            ],
        ),
    ]
}

fn given_up() -> Vec<Walk> {
    use Event::*;

    let running = [(2_000, Accept), (3_000, Start { lease: Some(60_000) })];
    let way = |rest: &[(u64, Event)]| [&running[..], rest].concat();
    let task = || task(Execution::AtLeastOnce);
    let cancel = Cancel { reason: Reason::ByRequester };
    let complete = |held| (4_000, Complete { attempt: None, held });
    vec![
        work(
            "called off",
            task(),
            &way(&[(4_000, cancel), (5_000, cancel), (6_000, Beat { attempt: Some(1) })]),
        ),
        work(
            "called off before it came",
            Work::tombstone(Reason::ByRequester, 1_000),
            &[(2_000, Accept), (3_000, cancel), (4_000, Stage), (5_000, Tick)],
        ),
        work("trust that ends", task(), &way(&[(4_000, TrustEnded)])),
        work(
            "trust that ends behind a result",
            task(),
            &way(&[complete(false), (5_000, TrustEnded), (6_000, Abandoned)]),
        ),
        work(
            "trust that ends while a file is on its way",
            task(),
            &way(&[complete(true), (5_000, TrustEnded)]),
        ),
        work("abandoned", task(), &way(&[(4_000, Abandoned), (5_000, Abandoned)])),
        work("abandoned behind a result", task(), &way(&[complete(false), (5_000, Abandoned)])),
    ]
}
