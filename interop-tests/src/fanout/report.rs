//! The result, for people as tables and for programs as JSON.

use std::fmt;

use serde::Serialize;

use super::{AHEAD, PAYLOAD, Size, Tally};
use crate::bench::Machine;

/// What a run found. `Display` is the tables.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Where.
    pub machine: Machine,
    /// Rounds behind each figure.
    pub rounds: usize,
    /// Events a second where they are paced.
    pub rate: u32,
    /// By the number of readers.
    pub rows: Vec<Row>,
    /// What those who have stalled do to the others.
    pub stalls: Stalls,
}

/// The runs with so many readers.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Row {
    /// How many read.
    pub readers: usize,
    /// As fast as they do.
    pub unpaced: Vec<Tally>,
    /// At the rate of the report.
    pub paced: Vec<Tally>,
}

/// The runs with and without those who have stalled.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Stalls {
    /// How many read.
    pub readers: usize,
    /// How many have stalled.
    pub stalled: usize,
    /// Without them.
    pub alone: Vec<Tally>,
    /// Beside them.
    pub beside: Vec<Tally>,
}

impl Report {
    pub(super) fn new(size: Size) -> Self {
        let Size { rounds, rate, stalled, .. } = size;
        let rows = size.readers.iter().map(|readers| Row { readers: *readers, ..Row::default() }).collect();
        let stalls = Stalls { readers: size.most() - stalled, stalled, ..Stalls::default() };
        Self { machine: Machine::this(), rounds, rate, rows, stalls }
    }

    fn row(&mut self, readers: usize) -> impl Iterator<Item = &mut Row> {
        self.rows.iter_mut().filter(move |row| row.readers == readers)
    }

    pub(super) fn unpaced(&mut self, readers: usize, tally: Tally) {
        self.row(readers).for_each(|row| row.unpaced.push(tally));
    }

    pub(super) fn paced(&mut self, readers: usize, tally: Tally) {
        self.row(readers).for_each(|row| row.paced.push(tally));
    }

    pub(super) fn alone(&mut self, tally: Tally) {
        self.stalls.alone.push(tally);
    }

    pub(super) fn beside(&mut self, tally: Tally) {
        self.stalls.beside.push(tally);
    }
}

/// The median of one figure, and the worst of those that are counts.
fn middle(runs: &[Tally]) -> Tally {
    let median = |figure: fn(&Tally) -> f64| {
        let mut figures: Vec<_> = runs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let sum = |count: fn(&Tally) -> u64| runs.iter().map(count).sum();
    Tally {
        published: median(|run| run.published),
        delivered: median(|run| run.delivered),
        p50: median(|run| run.p50),
        p99: median(|run| run.p99),
        call: median(|run| run.call),
        lost: sum(|run| run.lost),
        astray: sum(|run| run.astray),
        gaps: sum(|run| run.gaps),
    }
}

impl Stalls {
    /// How fast the publisher is beside those who have stalled, as a share of how fast it is without them.
    pub fn ratio(&self) -> f64 {
        middle(&self.beside).published / middle(&self.alone).published
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine, rounds, rate, rows, stalls } = self;
        let (cores, processor) = (machine.cores, &machine.processor);
        writeln!(f, "One publisher and its contacts over QUIC on loopback, {cores} cores: {processor}.")?;
        writeln!(f, "Events of {PAYLOAD} B; medians of {rounds} rounds, losses of all of them.")?;
        writeln!(
            f,
            "Unpaced, the publisher is at most {AHEAD} events ahead of the slowest; paced it is {rate} events/s.\n"
        )?;
        writeln!(
            f,
            "| readers | delivered/s | unpaced p50, ms | p99, ms | paced p50, ms | p99, ms | lost | out of order |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        rows.iter().try_for_each(|row| writeln!(f, "{row}"))?;
        write!(f, "\n{stalls}")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (fast, slow) = (middle(&self.unpaced), middle(&self.paced));
        let [fast50, fast99, slow50, slow99] = [fast.p50, fast.p99, slow.p50, slow.p99].map(|us| us / 1e3);
        let (lost, astray) = (fast.lost + slow.lost, fast.astray + slow.astray);
        write!(f, "| {} | {:.0} |", self.readers, fast.delivered)?;
        write!(f, " {fast50:.1} | {fast99:.1} | {slow50:.2} | {slow99:.2} | {lost} | {astray} |")
    }
}

impl fmt::Display for Stalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { readers, stalled, .. } = self;
        writeln!(
            f,
            "| {readers} readers | published/s | delivered/s | publish p99, µs | lost | out of order |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        let beside = format!("beside {stalled} that have stalled");
        for (title, runs) in [("alone", &self.alone), (&beside, &self.beside)] {
            let Tally { published, delivered, call, lost, astray, .. } = middle(runs);
            writeln!(f, "| {title} | {published:.0} | {delivered:.0} | {call:.1} | {lost} | {astray} |")?;
        }
        writeln!(f, "\nThe publisher beside them is {:.2} times as fast as without them.", self.ratio())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_medians_and_losses_are_sums() {
        let run = |published, lost| Tally { published, lost, ..Tally::default() };
        let runs = [run(3.0, 1), run(1.0, 0), run(2.0, 4)];
        let all = middle(&runs);
        assert!((all.published - 2.0).abs() < f64::EPSILON);
        assert_eq!(all.lost, 5);
        let stalls = Stalls { alone: runs.to_vec(), beside: vec![run(1.0, 0)], ..Stalls::default() };
        assert!((stalls.ratio() - 0.5).abs() < f64::EPSILON);
    }
}
