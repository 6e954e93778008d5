//! The result, for people as a table and for programs as JSON.

use std::fmt;

use serde::Serialize;

use super::{AT_ONCE, Size, Tally, commits::Rate};
use crate::bench::Machine;

/// What a run found. `Display` is the table.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Where.
    pub machine: Machine,
    /// Rounds behind each figure.
    pub rounds: usize,
    /// Tasks of each run.
    pub tasks: usize,
    /// What a store commits alone, before each run.
    pub commits: Vec<Rate>,
    /// By how many take part.
    pub rows: Vec<Row>,
}

/// The runs of one crowd.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Row {
    /// Those who submit.
    pub requesters: usize,
    /// Those who execute.
    pub workers: usize,
    /// One for each round.
    pub runs: Vec<Tally>,
}

impl Report {
    pub(super) fn new(size: Size) -> Self {
        let Size { rounds, crowds, tasks, .. } = size;
        let row = |(requesters, workers): &(usize, usize)| Row {
            requesters: *requesters,
            workers: *workers,
            runs: Vec::new(),
        };
        let rows = crowds.iter().map(row).collect();
        Self { machine: Machine::this(), rounds, tasks, commits: Vec::new(), rows }
    }

    pub(super) fn commits(&mut self, rate: Rate) {
        self.commits.push(rate);
    }

    pub(super) fn run(&mut self, row: usize, tally: Tally) {
        self.rows[row].runs.push(tally);
    }

    /// The medians of the yardstick.
    fn yardstick(&self) -> Rate {
        Rate {
            single: median(self.commits.iter().map(|rate| rate.single)),
            shared: median(self.commits.iter().map(|rate| rate.shared)),
        }
    }
}

impl Row {
    /// The median of each figure, and all losses.
    fn middle(&self) -> Tally {
        let figure = |figure: fn(&Tally) -> f64| median(self.runs.iter().map(figure));
        Tally {
            rate: figure(|run| run.rate),
            durable: figure(|run| run.durable),
            accepted50: figure(|run| run.accepted50),
            accepted99: figure(|run| run.accepted99),
            result50: figure(|run| run.result50),
            result99: figure(|run| run.result99),
            lost: self.runs.iter().map(|run| run.lost).sum(),
        }
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine, rounds, tasks, rows, .. } = self;
        let (cores, processor) = (machine.cores, &machine.processor);
        let Rate { single, shared } = self.yardstick();
        writeln!(
            f,
            "Tasks over QUIC on loopback, {cores} cores: {processor}. Medians of {rounds} rounds of {tasks}"
        )?;
        writeln!(f, "tasks, {AT_ONCE} of each requester under way; losses of all of them.")?;
        writeln!(
            f,
            "A store alone commits {single:.0} changes/s one by one, and {shared:.0}/s of {AT_ONCE} at once.\n"
        )?;
        writeln!(
            f,
            "| requesters, workers | tasks/s | to single commits | on our disk p50, ms | accepted p50, ms | p99, ms | result p50, ms | p99, ms | lost |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|")?;
        for row in rows {
            let Tally { rate, durable, accepted50, accepted99, result50, result99, lost } = row.middle();
            let ratio = rate / single;
            write!(f, "| {}, {} | {rate:.0} | {ratio:.2} |", row.requesters, row.workers)?;
            write!(f, " {durable:.1} | {accepted50:.1} | {accepted99:.1} |")?;
            writeln!(f, " {result50:.1} | {result99:.1} | {lost} |")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_medians_and_losses_are_sums() {
        let run = |rate, lost| Tally { rate, lost, ..Tally::default() };
        let row = Row { requesters: 1, workers: 1, runs: vec![run(3.0, 1), run(1.0, 0), run(2.0, 4)] };
        let middle = row.middle();
        assert!((middle.rate - 2.0).abs() < f64::EPSILON);
        assert_eq!(middle.lost, 5);
        let mut report = Report::new(Size::QUICK);
        report.commits(Rate { single: 4.0, shared: 8.0 });
        report.rows = vec![row];
        assert!(report.to_string().contains("| 1, 1 | 2 | 0.50 |"), "{report}");
    }
}
