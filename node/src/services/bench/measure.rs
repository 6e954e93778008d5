//! The measurements, one after another, beside the network.

use std::{
    fmt, io,
    time::{Duration, Instant},
};

use airway_protocols::{
    echo,
    perf::{self, Request},
    port::Port,
    streams::Stream,
};
use futures::{AsyncWriteExt as _, StreamExt as _, future, stream};
use tokio::time::{sleep, timeout};

use super::{DialError, Latency, Phase, Plan, Progress, Report, Streams, Transfer, figures::per_second};
use crate::{contacts::Contact, services::reach::Reach};

/// Most round trips that are measured: enough for a p99 with some behind it.
const PINGS: u64 = 1000;

/// Bytes that a round trip carries.
const PING: [u8; 64] = [0x5a; 64];

/// Most streams that are opened for each of the two figures.
const STREAMS: u64 = 500;

/// Least time between two reports of progress.
const PACE: Duration = Duration::from_millis(100);

/// How long a contact that is busy is asked again.
const GRACE: Duration = Duration::from_secs(1);

/// Who hears of the progress.
type Tell = Box<dyn FnMut(Progress) + Send>;

/// Runs a plan that is within the limits.
pub(crate) async fn run(reach: Reach, to: Contact, plan: Plan, tell: Tell) -> Result<Report, DialError> {
    let mut pace = Pace { tell, last: None };
    let bench = Bench { reach, to, plan };
    // Says at once whether the contact is there and trusts us, whatever is measured.
    let stream = bench.reach.dial(&bench.to, Port::ECHO, bench.plan.wait).await?;
    let connection = bench.reach.net.connection(stream.connection());
    let latency = if bench.has(Phase::Latency) { bench.latency(stream, &mut pace).await? } else { None };
    let (up, down) = bench.transfers(&mut pace).await?;
    let streams = if bench.has(Phase::Streams) { Some(bench.streams(&mut pace).await?) } else { None };
    Ok(Report { connection, latency, up, down, streams })
}

/// Reports progress, but not all of it.
struct Pace {
    tell: Tell,
    last: Option<Instant>,
}

impl Pace {
    fn tell(&mut self, phase: Phase, done: u64, total: u64) {
        if done == total || self.last.is_none_or(|last| last.elapsed() >= PACE) {
            self.last = Some(Instant::now());
            (self.tell)(Progress { phase, done, total });
        }
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("last", &self.last).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Bench {
    reach: Reach,
    to: Contact,
    plan: Plan,
}

impl Bench {
    fn has(&self, phase: Phase) -> bool {
        self.plan.phases.contains(&phase)
    }

    async fn latency(&self, mut stream: Stream, pace: &mut Pace) -> Result<Option<Latency>, DialError> {
        let started = Instant::now();
        let mut trips = Vec::new();
        for done in 1..=PINGS {
            let sent = Instant::now();
            self.answered(echo::ping(&mut stream, &PING)).await?.map_err(|error| self.broken(error))?;
            trips.push(sent.elapsed());
            pace.tell(Phase::Latency, done, PINGS);
            if started.elapsed() >= self.plan.time {
                break;
            }
        }
        // Closed as far as the contact takes note.
        let _ = self.answered(stream.close()).await?;
        Ok(Latency::of(trips))
    }

    /// A run for each direction. In one for both, a stream whose upper half was closed early could not be cut off in the
    /// lower one: yamux resets no stream that is closed already, and the contact would wait until it is idle.
    async fn transfers(&self, pace: &mut Pace) -> Result<(Option<Transfer>, Option<Transfer>), DialError> {
        let up = if self.has(Phase::Up) { Some(self.up(pace).await?) } else { None };
        let down = if self.has(Phase::Down) { Some(self.down(pace).await?) } else { None };
        Ok((up, down))
    }

    /// A stream for a run. A run of ours that was cut off is noticed by the contact a little later.
    async fn place(&self) -> Result<Stream, DialError> {
        let asked = Instant::now();
        loop {
            match self.reach.dial(&self.to, perf::PROTOCOL, self.plan.wait).await {
                Err(DialError::Busy { .. }) if asked.elapsed() < GRACE => sleep(PACE).await,
                taken_or_not => return taken_or_not,
            }
        }
    }

    async fn up(&self, pace: &mut Pace) -> Result<Transfer, DialError> {
        let request = Request { send: self.plan.size, receive: 0 };
        let stream = &mut self.place().await?;
        let started = Instant::now();
        let send = async {
            perf::ask(stream, &request).await?;
            let report = |done| pace.tell(Phase::Up, done, request.send);
            Ok(perf::fill(stream, request.send, report).await?)
        };
        match timeout(self.plan.time, send).await {
            Ok(sent) => sent.map_err(|error: perf::Error| self.broken(error))?,
            // The contact counts what there is.
            Err(_) => self.answered(stream.close()).await?.map_err(|error| self.broken(error))?,
        }
        let received = self.answered(perf::answer(stream, &request)).await?;
        let received = received.map_err(|error| self.broken(error))?;
        Ok(Transfer::new(received, started.elapsed()))
    }

    async fn down(&self, pace: &mut Pace) -> Result<Transfer, DialError> {
        let request = Request { send: 0, receive: self.plan.size };
        let stream = &mut self.place().await?;
        perf::ask(stream, &request).await.map_err(|error| self.broken(error))?;
        self.answered(perf::answer(stream, &request)).await?.map_err(|error| self.broken(error))?;
        let started = Instant::now();
        let mut received = 0;
        let report = |done| {
            received = done;
            pace.tell(Phase::Down, done, request.receive);
        };
        if let Ok(ended) = timeout(self.plan.time, perf::discard(stream, request.receive, report)).await {
            let bytes = ended.map_err(|error| self.broken(error))?;
            if bytes < request.receive {
                return Err(self.broken(io::Error::from(io::ErrorKind::UnexpectedEof)));
            }
        }
        Ok(Transfer::new(received, started.elapsed()))
    }

    async fn streams(&self, pace: &mut Pace) -> Result<Streams, DialError> {
        let one_at_a_time = self.stream_rate(1, 0, pace).await?;
        let at_once = self.stream_rate(Streams::AT_ONCE, STREAMS, pace).await?;
        Ok(Streams { one_at_a_time, at_once })
    }

    /// Streams a second with so many under way; `before` were opened for the other figure.
    async fn stream_rate(&self, at_once: usize, before: u64, pace: &mut Pace) -> Result<f64, DialError> {
        let started = Instant::now();
        let in_time = |_: &u64| future::ready(started.elapsed() < self.plan.time);
        let numbers = stream::iter(0..STREAMS).take_while(in_time);
        let mut streams = numbers.map(|_| self.stream()).buffer_unordered(at_once);
        let mut done = 0;
        while let Some(opened) = streams.next().await {
            opened?;
            done += 1;
            pace.tell(Phase::Streams, before + done, 2 * STREAMS);
        }
        Ok(per_second(done, started.elapsed()))
    }

    /// A stream to port 7, one byte there and back.
    async fn stream(&self) -> Result<(), DialError> {
        let mut stream = self.reach.open_within(&self.to, Port::ECHO, self.plan.wait).await?;
        self.answered(echo::ping(&mut stream, &PING[..1])).await?.map_err(|error| self.broken(error))?;
        let _ = self.answered(stream.close()).await?;
        Ok(())
    }

    /// Waits for the contact no longer than the plan says.
    async fn answered<T>(&self, answer: impl Future<Output = T>) -> Result<T, DialError> {
        let answered = timeout(self.plan.wait, answer).await;
        answered.map_err(|_| DialError::Timeout { who: self.to.label() })
    }

    fn broken(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DialError {
        DialError::broken(&self.to, io::Error::other(error))
    }
}
