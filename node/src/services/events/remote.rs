//! A subscription to the broker of a contact.

use std::time::Duration;

use airway_protocols::{
    events::{self, Event, Pattern, Patterns, Since, Subscribe, Told, told},
    port::Port,
    streams::Stream,
};
use futures::{io::BufReader, stream::unfold};
use rand::Rng as _;
use tokio::time::{Instant, sleep, timeout};

use super::{
    super::reach::{DialError, Reach},
    error::SubscribeError,
    publish::broken,
    subscription::{Delivery, Subscription},
};
use crate::{contacts::Contact, metrics::Counted};

/// Wait before the first attempt to go on after a loss; doubled after each one that comes to nothing.
const FIRST_RETRY: Duration = Duration::from_millis(50);

/// The longest wait. A connection of the contact ends any wait.
const LONGEST: Duration = Duration::from_secs(60);

/// How long one attempt to go on may take, dialling included.
const ATTEMPT: Duration = Duration::from_secs(20);

/// A stream that lasted for so long was no failure: the first attempt after it waits for nothing.
const STEADY: Duration = Duration::from_secs(10);

/// A contact that just starts up serves nobody yet, which looks like the end of the trust: what it says counts when it says so
/// again after this long.
const SURE: Duration = Duration::from_secs(1);

/// How often it is looked, between attempts, whether the contact is one still.
const LOOK: Duration = Duration::from_secs(1);

/// Bytes that are read at once.
const BUFFER: usize = 16 * 1024;

/// Subscribes at the broker of a contact, and returns when that is live.
pub(crate) async fn subscribe(
    reach: Reach,
    to: &Contact,
    what: Subscribe,
    wait: Duration,
    counted: Counted,
) -> Result<Subscription, SubscribeError> {
    what.validate()?;
    let Subscribe { patterns, since } = what;
    let wanted = patterns.iter().collect();
    let (none, live) = (Duration::ZERO, Instant::now());
    let mut way = Way { reach, to: to.clone(), patterns, wanted, since, wait: none, live };
    let live = timeout(wait, way.begin_first()).await;
    let line = live.map_err(|_| DialError::Timeout { who: to.label() })??;
    let position = if let Since::After(position) = way.since { Some(position) } else { None };
    let deliveries = unfold(Some((way, Some(line))), |remote| async move {
        let (mut way, mut line) = remote?;
        match next(&mut way, &mut line).await {
            Ok(delivery) => Some((Ok(delivery), Some((way, line)))),
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(Subscription::new(deliveries, position, counted))
}

/// A stream that is subscribed on.
type Line = BufReader<Stream>;

/// The next event or gap, over as many streams as that takes.
async fn next(way: &mut Way, line: &mut Option<Line>) -> Result<Delivery, SubscribeError> {
    loop {
        let open = match line {
            Some(open) => open,
            None => line.insert(way.resume().await?),
        };
        let said = told(open).await;
        // What came in before a cut, and would be delivered after it, is not.
        let said = if open.get_ref().is_cut() { Ok(None) } else { said };
        match said {
            Ok(Some(Told::Event(event))) if way.is_due(&event) => {
                return Ok(way.delivered(Delivery::Event(event)));
            }
            Ok(Some(Told::Gap(gap))) => return Ok(way.delivered(Delivery::Gap(gap))),
            Ok(Some(Told::Denied(why))) => {
                return Err(SubscribeError::Denied { who: way.to.label(), why });
            }
            Ok(Some(Told::Event(_) | Told::Subscribed(_))) => {
                tracing::debug!(peer = %way.to.peer, "a broker tells what was not asked for");
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(peer = %way.to.peer, %error, "a subscription is interrupted"),
        }
        *line = None;
    }
}

/// The way to the broker, and how far we are.
#[derive(Debug)]
struct Way {
    reach: Reach,
    to: Contact,
    patterns: Vec<Pattern>,
    wanted: Patterns,
    /// Where the next stream begins.
    since: Since,
    /// How long to wait before the next attempt.
    wait: Duration,
    /// Since when the last stream was subscribed on.
    live: Instant,
}

impl Way {
    /// Notes what is delivered.
    fn delivered(&mut self, delivery: Delivery) -> Delivery {
        if let Some(position) = delivery.position() {
            self.since = Since::After(position);
        }
        self.wait = Duration::ZERO;
        delivery
    }

    /// Whether an event is one that was asked for, behind all that was delivered.
    fn is_due(&self, event: &Event) -> bool {
        let follows = match self.since {
            Since::After(last) => event.position.epoch == last.epoch && event.position.seq > last.seq,
            Since::Now | Since::Start | Since::Time(_) => true,
        };
        follows && self.wanted.matches(&event.topic)
    }

    /// The same where nothing was before. A connection may be about to end, as after a change of scopes: asking once more
    /// loses nothing.
    async fn begin_first(&mut self) -> Result<Line, SubscribeError> {
        match self.begin().await {
            Err(SubscribeError::Dial(DialError::Broken { .. })) => self.begin().await,
            begun => begun,
        }
    }

    /// Opens a stream and subscribes where we are.
    async fn begin(&mut self) -> Result<Line, SubscribeError> {
        let mut stream = self.reach.open(&self.to, Port::EVENTS).await?;
        let what = Subscribe { patterns: self.patterns.clone(), since: self.since };
        let newest = match events::subscribe(&mut stream, &what).await {
            Ok(newest) => newest,
            Err(error) => return Err(self.explain(error).await),
        };
        if self.since == Since::Now {
            self.since = Since::After(newest);
        }
        self.reach.contacts.used(self.to.agent);
        self.live = Instant::now();
        Ok(BufReader::with_capacity(BUFFER, stream))
    }

    async fn explain(&self, error: events::Error) -> SubscribeError {
        match error {
            events::Error::Denied(why) => SubscribeError::Denied { who: self.to.label(), why },
            events::Error::Invalid(invalid) => invalid.into(),
            error => self.reach.failed(&self.to, Port::EVENTS, broken(error)).await.into(),
        }
    }

    /// Subscribes again, as often as it takes.
    async fn resume(&mut self) -> Result<Line, SubscribeError> {
        let is_steady = self.live.elapsed() > STEADY;
        self.wait = if is_steady { Duration::ZERO } else { self.wait.max(FIRST_RETRY) };
        let mut since = Instant::now();
        let mut is_refused = false;
        loop {
            self.pause(since).await?;
            self.wait = (self.wait * 2).clamp(FIRST_RETRY, LONGEST);
            self.to = self.contact()?;
            let begun = Instant::now();
            let attempt = timeout(ATTEMPT, self.begin()).await;
            let attempt = attempt.unwrap_or_else(|_| Err(DialError::Timeout { who: self.to.label() }.into()));
            let error = match attempt {
                Ok(line) => return Ok(line),
                Err(error) => error,
            };
            // Where the trust has ended meanwhile, that is why.
            self.contact()?;
            let again = is_refused;
            is_refused = error.is_final();
            if is_refused {
                if again || !matches!(error, SubscribeError::Dial(_)) {
                    return Err(error);
                }
                self.wait = SURE;
            }
            tracing::debug!(peer = %self.to.peer, %error, "a subscription is not resumed yet");
            // A connection that came while the contact was still sought is as good as one that comes now. In all other
            // cases the attempt may have made it itself.
            let is_away = matches!(error, SubscribeError::Dial(DialError::Unreachable { .. }));
            since = if is_away { begun } else { Instant::now() };
        }
    }

    /// Who the contact is by now.
    fn contact(&self) -> Result<Contact, SubscribeError> {
        let who = || self.to.label();
        self.reach.contacts.get(&self.to.agent).ok_or_else(|| SubscribeError::Untrusted { who: who() })
    }

    /// Waits until the next attempt is due.
    async fn pause(&self, since: Instant) -> Result<(), SubscribeError> {
        let wait = self.wait.mul_f64(rand::rng().random_range(0.75..1.25));
        let untrusted = async {
            loop {
                if let Err(error) = self.contact() {
                    return error;
                }
                sleep(LOOK).await;
            }
        };
        tokio::select! {
            biased;
            () = self.reach.net.ended() => Err(SubscribeError::Closed),
            error = untrusted => Err(error),
            () = self.reach.net.arrival(&self.to.peer, since.into_std()) => Ok(()),
            () = sleep(wait) => Ok(()),
        }
    }
}
