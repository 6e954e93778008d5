//! An agent that makes use of being trusted without a pause.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use airway::api::{DialQuery, Kind, PingRequest, SendQuery, State, client::Client};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    task::JoinSet,
    time::{Interval, MissedTickBehavior, interval, timeout},
};

use crate::{
    agent::{Agent, now},
    process::until,
};

/// The port that alice keeps open.
const PORT: u16 = 5000;

/// How long bob tries each time.
const TRY: Option<u64> = Some(2_000);

/// How long he waits for the first byte of a stream.
const ANSWER: Duration = Duration::from_secs(2);

/// How often something is tried at most: the machine has others to serve.
const PACE: Duration = Duration::from_millis(10);

/// What bob was served with, and when he had asked for it, in Unix milliseconds.
type Served = Arc<Mutex<Vec<(Service, i64)>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Pong,
    Message,
    Stream,
}

/// Bob, busy. Dropping it ends that.
#[derive(Debug)]
pub(crate) struct Busy {
    served: Served,
    /// Streams of bob that alice's program has open.
    open: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Busy {
    /// Returns once bob was served with everything.
    pub(crate) async fn begin(alice: &Agent, bob: &Agent) -> Self {
        let (served, open) = (Served::default(), Arc::new(AtomicUsize::new(0)));
        let mut tasks = JoinSet::new();
        tasks.spawn(keep(alice.client(), open.clone()));
        tasks.spawn(ping(bob.client(), alice.address.clone(), served.clone()));
        tasks.spawn(send(bob.client(), alice.address.clone(), served.clone()));
        tasks.spawn(hold(bob.client(), alice.address.clone(), served.clone()));
        let busy = Self { served, open, _tasks: tasks };
        busy.goes_on(0).await;
        busy
    }

    /// Waits until bob was served with everything that he asked for after a time.
    pub(crate) async fn goes_on(&self, after: i64) {
        let all = [Service::Pong, Service::Message, Service::Stream];
        until("bob is served", async || {
            let served = self.since(after);
            all.iter().all(|service| served.contains(service))
        })
        .await;
    }

    /// Waits until none of bob's streams is open.
    pub(crate) async fn is_cut(&self) {
        until("bob's streams have ended", async || self.open.load(Ordering::SeqCst) == 0).await;
    }

    /// What bob was served with that he asked for after a time.
    pub(crate) fn since(&self, time: i64) -> Vec<Service> {
        let served = self.served.lock().unwrap();
        served.iter().filter(|(_, asked)| *asked > time).map(|(service, _)| *service).collect()
    }
}

fn pace() -> Interval {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pace
}

/// Takes all streams, says so with a byte, and reads what comes; for as many lives as alice has.
async fn keep(alice: Client, open: Arc<AtomicUsize>) {
    let (mut streams, mut pace) = (JoinSet::new(), pace());
    loop {
        pace.tick().await;
        if let Ok(mut offers) = alice.keep(PORT).await {
            while let Ok(Some(offered)) = offers.next().await {
                let Ok(mut stream) = alice.accept(offered.id).await else { continue };
                let open = open.clone();
                open.fetch_add(1, Ordering::SeqCst);
                streams.spawn(async move {
                    stream.write_all(b"!").await.ok();
                    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.ok();
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        }
    }
}

async fn ping(bob: Client, who: String, served: Served) {
    let mut pace = pace();
    loop {
        pace.tick().await;
        let asked = now();
        if bob.ping(&PingRequest { who: who.clone(), timeout_ms: TRY }).await.is_ok() {
            served.lock().unwrap().push((Service::Pong, asked));
        }
    }
}

async fn send(bob: Client, to: String, served: Served) {
    let mut pace = pace();
    loop {
        pace.tick().await;
        let asked = now();
        let query = SendQuery {
            to: to.clone(),
            kind: Kind::Text,
            reply_to: None,
            id: None,
            timeout_ms: TRY,
            expires_s: Some(0),
        };
        let sent = bob.send(&query, "still there?").await;
        if sent.is_ok_and(|sent| sent.state == State::Delivered) {
            served.lock().unwrap().push((Service::Message, asked));
        }
    }
}

/// Holds one stream open and writes to it, and opens another when it ends.
async fn hold(bob: Client, who: String, served: Served) {
    let mut pace = pace();
    loop {
        pace.tick().await;
        let asked = now();
        if let Ok(mut stream) = bob.dial(&who, PORT, &DialQuery { timeout_ms: TRY }).await
            && matches!(timeout(ANSWER, stream.read_u8()).await, Ok(Ok(_)))
        {
            served.lock().unwrap().push((Service::Stream, asked));
            while stream.write_all(b"?").await.is_ok() {
                pace.tick().await;
            }
        }
    }
}
