//! Figures: what the rounds gave, in the middle and at the ends.

use std::{iter::Sum, time::Duration};

use serde::Serialize;

use super::Place;

/// Which way a unit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    Higher,
    Lower,
}

/// The rounds of one stack.
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
    fn of(mut sorted: Vec<f64>) -> Self {
        sorted.sort_unstable_by(f64::total_cmp);
        let [Some(min), Some(max)] = [sorted.first(), sorted.last()] else { return Self::default() };
        let middle = sorted.len() / 2;
        let median =
            if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 };
        Self { median, min: *min, max: *max }
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

/// One round of a measurement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round<T> {
    pub(super) program: T,
    pub(super) network: T,
    pub(super) plain: T,
}

/// One measurement, while it is made.
#[derive(Debug)]
pub(super) struct Series {
    what: String,
    unit: &'static str,
    better: Better,
    goal: f64,
    rounds: Vec<Round<f64>>,
    lost: Vec<Round<Lost>>,
}

impl Series {
    /// A measurement and the ratio that it is to reach.
    pub(super) fn new(what: String, unit: &'static str, better: Better, goal: f64) -> Self {
        Self { what, unit, better, goal, rounds: Vec::new(), lost: Vec::new() }
    }

    pub(super) fn push(&mut self, round: Round<f64>) {
        self.rounds.push(round);
    }

    pub(super) fn count(&mut self, lost: Round<Lost>) {
        self.lost.push(lost);
    }

    /// A row for each place of Airway's task.
    pub(super) fn finish(self) -> [Row; 2] {
        [
            self.row(Place::Program, |round| round.program, |lost| lost.program),
            self.row(Place::Network, |round| round.network, |lost| lost.network),
        ]
    }

    fn row(&self, place: Place, airway: fn(&Round<f64>) -> f64, lost: fn(&Round<Lost>) -> Lost) -> Row {
        let summary = |of: fn(&Round<f64>) -> f64| Summary::of(self.rounds.iter().map(of).collect());
        let total =
            |of: fn(&Round<Lost>) -> Lost| (!self.lost.is_empty()).then(|| self.lost.iter().map(of).sum());
        let (airway, plain) = (summary(airway), summary(|round| round.plain));
        let ratio = match self.better {
            Better::Higher => airway.median / plain.median,
            Better::Lower => plain.median / airway.median,
        };
        Row {
            what: self.what.clone(),
            unit: self.unit,
            place,
            airway,
            plain,
            ratio,
            goal: self.goal,
            airway_lost: total(lost),
            plain_lost: total(|lost| lost.plain),
        }
    }
}

/// One measurement of both stacks.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// In which unit.
    pub unit: &'static str,
    /// Where Airway's measuring task ran.
    pub place: Place,
    /// Airway.
    pub airway: Summary,
    /// Plain libp2p.
    pub plain: Summary,
    /// Of the medians; above 1 Airway is better, whichever way the unit counts.
    pub ratio: f64,
    /// The ratio to reach.
    pub goal: f64,
    /// Requests that Airway lost, where requests were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub airway_lost: Option<Lost>,
    /// Requests that plain libp2p lost, where requests were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plain_lost: Option<Lost>,
}

impl Row {
    /// Whether the ratio reaches the goal, and Airway lost nothing.
    pub fn is_met(&self) -> bool {
        self.ratio >= self.goal && self.airway_lost.is_none_or(|lost| lost.lost == 0)
    }
}

/// The value below which `rank` of a hundred lie; nothing if there are none.
pub(super) fn percentile(sorted: &[Duration], rank: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * rank / 100).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_above_one_is_better_whichever_way_the_unit_counts() {
        for (better, airway, plain) in [(Better::Lower, 10.0, 30.0), (Better::Higher, 30.0, 10.0)] {
            let mut series = Series::new("it".into(), "u", better, 2.0);
            series.push(Round { program: plain, network: airway, plain });
            let [program, network] = series.finish();
            assert_eq!((program.ratio, program.is_met()), (1.0, false));
            assert_eq!((network.ratio, network.is_met()), (3.0, true));
        }
    }

    #[test]
    fn medians_are_not_moved_by_the_ends() {
        let odd = Summary::of(vec![9.0, 1.0, 2.0]);
        assert_eq!(odd, Summary { median: 2.0, min: 1.0, max: 9.0 });
        assert_eq!(Summary::of(vec![1.0, 2.0, 4.0, 9.0]).median, 3.0);
    }

    #[test]
    fn a_single_lost_request_misses_the_goal() {
        let mut series = Series::new("it".into(), "/s", Better::Higher, 1.0);
        series.push(Round { program: 2.0, network: 2.0, plain: 1.0 });
        let [none, one] = [0, 1].map(|lost| Lost { lost, attempted: 9 });
        series.count(Round { program: one, network: none, plain: one });
        assert_eq!(series.finish().map(|row| row.is_met()), [false, true]);
    }

    #[test]
    fn percentiles_of_a_hundred_and_one_are_their_ranks() {
        let sorted: Vec<_> = (0..=100).map(Duration::from_micros).collect();
        assert_eq!(percentile(&sorted, 99), Duration::from_micros(99));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
