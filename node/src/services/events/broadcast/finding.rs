//! What a member finds about a broadcast before it forwards it.
//!
//! | finding | the broadcast | who has brought it |
//! |---|---|---|
//! | passed | is delivered and forwarded | |
//! | forged, expelled, lapsed, misdated | is dropped | loses score, and so does everybody else who brings it: no honest member does |
//! | flood | is dropped | loses score, nobody else: from others the same may have been in order |
//! | excess, duplicate, early, late, leaving, ending, elsewhere | is dropped | nothing: an honest member may not know yet, or no more |

use std::time::Duration;

use airway_protocols::{certificate::Invalid, network::CLOCK_SKEW};

use crate::net::Verdict;

/// A broadcast older than this is not news any more, in milliseconds. Gossipsub knows for as long what it has had.
pub(super) const MAX_AGE: u64 = 2 * 60 * 1000;

/// How far a broadcast's time may lie ahead of ours, in milliseconds.
pub(super) const MAX_AHEAD: u64 = 30 * 1000;

/// How long an honest member may not know what we know: a list of those expelled is everywhere within seconds.
pub(super) const GRACE: Duration = Duration::from_secs(60);

/// See the module. A closed set: the names label counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Finding {
    /// It is what it should be.
    Passed,
    /// No broadcast of a member of this network.
    Forged,
    /// The author, or who let it in, was expelled a while ago.
    Expelled,
    /// It was made after its author's membership had ended.
    Lapsed,
    /// Its time is further off than clocks of members are.
    Misdated,
    /// Whoever has brought it brings more than an honest member would.
    Flood,
    /// The author says more than an author may.
    Excess,
    /// It, or another under the same number, was had before.
    Duplicate,
    /// It is of a time to come.
    Early,
    /// It is too old.
    Late,
    /// The author was expelled a moment ago.
    Leaving,
    /// The author's membership is about to end by some clocks, or has not begun by ours.
    Ending,
    /// We are in no network, or not any more.
    Elsewhere,
}

impl Finding {
    /// What gossipsub is told.
    pub(super) const fn verdict(self) -> Verdict {
        match self {
            Self::Passed => Verdict::Accept,
            Self::Forged | Self::Expelled | Self::Lapsed | Self::Misdated => Verdict::Reject,
            Self::Flood => Verdict::Flood,
            Self::Excess
            | Self::Duplicate
            | Self::Early
            | Self::Late
            | Self::Leaving
            | Self::Ending
            | Self::Elsewhere => Verdict::Ignore,
        }
    }

    /// Whether an honest neighbour may bring it now and then.
    pub(super) fn is_excusable(self) -> bool {
        self.verdict() == Verdict::Ignore
    }

    /// Its name among the counters.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Forged => "forged",
            Self::Expelled => "expelled",
            Self::Lapsed => "lapsed",
            Self::Misdated => "misdated",
            Self::Flood => "flood",
            Self::Excess => "excess",
            Self::Duplicate => "duplicate",
            Self::Early => "early",
            Self::Late => "late",
            Self::Leaving => "leaving",
            Self::Ending => "ending",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// What is known of a broadcast whose signatures fit; times in Unix milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    /// By the author's clock.
    pub(super) at: u64,
    pub(super) now: u64,
    /// Whether the author's certificate makes it a member now, and until when it does.
    pub(super) stands: Result<(), Invalid>,
    pub(super) expires: u64,
    /// For how long we have known that the author, or who let it in, was expelled; zero if nobody was.
    pub(super) expelled_for: Duration,
}

impl Facts {
    /// Whether the author may say something now, and has said it now. What no clock and no delay excuses comes first.
    ///
    /// # Errors
    /// The finding that it is not so.
    pub(super) fn judge(&self) -> Result<(), Finding> {
        let Self { at, now, stands, expires, expelled_for } = *self;
        let grace = GRACE.as_millis() as u64;
        if matches!(stands, Err(Invalid::Expelled)) && expelled_for > GRACE {
            return Err(Finding::Expelled);
        }
        // By the author's own clock: all members find the same.
        if at >= expires.saturating_add(CLOCK_SKEW + grace) {
            return Err(Finding::Lapsed);
        }
        let (age, ahead) = (now.saturating_sub(at), at.saturating_sub(now));
        if age > MAX_AGE + CLOCK_SKEW || ahead > MAX_AHEAD + CLOCK_SKEW {
            return Err(Finding::Misdated);
        }
        match stands {
            Err(Invalid::Expelled) => Err(Finding::Leaving),
            Err(_) => Err(Finding::Ending),
            Ok(()) if age > MAX_AGE => Err(Finding::Late),
            Ok(()) if ahead > MAX_AHEAD => Err(Finding::Early),
            Ok(()) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;
    const HOUR: u64 = 3_600_000;

    fn facts() -> Facts {
        Facts { at: NOW, now: NOW, stands: Ok(()), expires: NOW + HOUR, expelled_for: Duration::ZERO }
    }

    #[test]
    fn each_fact_has_its_finding() {
        let expelled = |seconds| Facts {
            stands: Err(Invalid::Expelled),
            expelled_for: Duration::from_secs(seconds),
            ..facts()
        };
        let expired = |ago: u64| Facts { stands: Err(Invalid::Expired), expires: NOW - ago, ..facts() };
        let aged = |ms| Facts { at: NOW - ms, ..facts() };
        let early = |ms| Facts { at: NOW + ms, ..facts() };
        let table = [
            (facts(), Ok(())),
            (aged(MAX_AGE), Ok(())),
            (aged(MAX_AGE + 1), Err(Finding::Late)),
            (aged(MAX_AGE + CLOCK_SKEW), Err(Finding::Late)),
            (aged(MAX_AGE + CLOCK_SKEW + 1), Err(Finding::Misdated)),
            (early(MAX_AHEAD), Ok(())),
            (early(MAX_AHEAD + 1), Err(Finding::Early)),
            (early(MAX_AHEAD + CLOCK_SKEW), Err(Finding::Early)),
            (early(MAX_AHEAD + CLOCK_SKEW + 1), Err(Finding::Misdated)),
            (expelled(60), Err(Finding::Leaving)),
            (expelled(61), Err(Finding::Expelled)),
            // What was said before is not taken from somebody who was expelled, either.
            (Facts { at: NOW - HOUR, ..expelled(61) }, Err(Finding::Expelled)),
            (expired(CLOCK_SKEW), Err(Finding::Ending)),
            (expired(CLOCK_SKEW + 59_999), Err(Finding::Ending)),
            (expired(CLOCK_SKEW + 60_000), Err(Finding::Lapsed)),
            (Facts { stands: Err(Invalid::NotYet), ..facts() }, Err(Finding::Ending)),
            (Facts { at: 0, ..facts() }, Err(Finding::Misdated)),
            (Facts { at: u64::MAX, ..facts() }, Err(Finding::Lapsed)),
            (Facts { at: u64::MAX - 1, expires: u64::MAX, ..facts() }, Err(Finding::Misdated)),
        ];
        for (facts, finding) in table {
            assert_eq!(facts.judge(), finding, "{facts:?}");
        }
    }

    #[test]
    fn only_what_no_honest_member_forwards_costs_everybody_who_does() {
        use Finding::{
            Duplicate, Early, Elsewhere, Ending, Excess, Expelled, Flood, Forged, Lapsed, Late, Leaving,
            Misdated, Passed,
        };

        let rejected = [Forged, Expelled, Lapsed, Misdated];
        let ignored = [Excess, Duplicate, Early, Late, Leaving, Ending, Elsewhere];
        assert!(rejected.iter().all(|finding| finding.verdict() == Verdict::Reject));
        assert!(ignored.iter().all(|finding| finding.verdict() == Verdict::Ignore));
        assert_eq!((Passed.verdict(), Flood.verdict()), (Verdict::Accept, Verdict::Flood));
        let all: Vec<_> = rejected.into_iter().chain(ignored).chain([Passed, Flood]).collect();
        let labels: std::collections::BTreeSet<_> = all.iter().map(|finding| finding.label()).collect();
        assert_eq!(labels.len(), all.len());
    }
}
