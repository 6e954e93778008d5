//! Figures: what the rounds gave, in the middle and at the ends.

use std::{iter::Sum, time::Duration};

use serde::Serialize;

use super::{Contestant, Figure, contest::Measured, contestant::Better};

/// The rounds of one contestant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Summary {
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Summary {
    fn of(mut sorted: Vec<f64>) -> Option<Self> {
        sorted.sort_unstable_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median =
            if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 };
        Some(Self { median, min, max })
    }
}

/// Requests that got no or a wrong answer, among all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// Without the right answer.
    pub lost: u64,
    /// All that were made.
    pub attempted: u64,
}

impl Sum for Lost {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            lost: sum.lost + one.lost,
            attempted: sum.attempted + one.attempted,
        })
    }
}

/// All that was measured so far.
#[derive(Debug, Default)]
pub(super) struct Scores {
    values: Vec<(Contestant, Figure, f64)>,
    lost: Vec<(Contestant, Figure, Lost)>,
}

impl Scores {
    /// Takes in one round of a contestant.
    pub(super) fn add(&mut self, contestant: Contestant, measured: Measured) {
        self.values.extend(measured.values.into_iter().map(|(figure, value)| (contestant, figure, value)));
        self.lost.extend(measured.lost.map(|(figure, lost)| (contestant, figure, lost)));
    }

    /// The table of one figure, with the contestants in the order given; those without a value are left out.
    pub(super) fn table(&self, figure: Figure, contestants: &[Contestant]) -> Table {
        let medians = |of| self.summary(figure, of).map(|summary| summary.median);
        let (plain, tuned) = (medians(Contestant::Plain), medians(Contestant::QuinnTuned));
        let rows = contestants.iter().filter_map(|contestant| {
            let summary = self.summary(figure, *contestant)?;
            let ratio = |other: Option<f64>| match figure.better() {
                Better::Higher => other.map(|other| summary.median / other),
                Better::Lower => other.map(|other| other / summary.median),
            };
            Some(Row {
                contestant: *contestant,
                summary,
                to_plain: ratio(plain),
                to_tuned_quinn: ratio(tuned),
                goal: contestant.has_goals().then(|| figure.goal()),
                lost: self.lost(figure, *contestant),
            })
        });
        Table { figure, unit: figure.unit(), rows: rows.collect() }
    }

    fn summary(&self, figure: Figure, contestant: Contestant) -> Option<Summary> {
        let rounds = self.values.iter().filter(|(who, what, _)| (*who, *what) == (contestant, figure));
        Summary::of(rounds.map(|(.., value)| *value).collect())
    }

    fn lost(&self, figure: Figure, contestant: Contestant) -> Option<Lost> {
        let mut rounds =
            self.lost.iter().filter(|(who, what, _)| (*who, *what) == (contestant, figure)).peekable();
        rounds.peek()?;
        Some(rounds.map(|(.., lost)| *lost).sum())
    }
}

/// One figure of all contestants.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// What was measured.
    pub figure: Figure,
    /// In which unit.
    pub unit: &'static str,
    /// Of whom.
    pub rows: Vec<Row>,
}

/// One figure of one contestant. Of the ratios, more is better, whichever way the unit counts.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Who.
    pub contestant: Contestant,
    /// Over all rounds.
    #[serde(flatten)]
    pub summary: Summary,
    /// How many times better than plain libp2p over QUIC, by the medians.
    pub to_plain: Option<f64>,
    /// How many times better than tuned quinn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_tuned_quinn: Option<f64>,
    /// What `to_plain` is to reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<f64>,
    /// Requests that were lost, where requests were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<Lost>,
}

impl Row {
    /// Whether the goal is reached and nothing was lost; nothing if there is no goal.
    pub fn is_met(&self) -> Option<bool> {
        let (ratio, goal) = (self.to_plain?, self.goal?);
        Some(ratio >= goal && self.lost.is_none_or(|lost| lost.lost == 0))
    }
}

/// The value below which `rank` of a hundred lie; nothing if there are none.
pub(crate) fn percentile(sorted: &[Duration], rank: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * rank / 100).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
