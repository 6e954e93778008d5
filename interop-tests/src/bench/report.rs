//! The result, for people as tables and for programs as JSON.

use std::{fmt, fs};

use serde::Serialize;

use super::{
    Runtime, Size,
    figures::{Lost, Row, Summary, Table},
};

/// Width of the column of contestants.
const WHO: usize = 31;

/// Width of the column of figures.
const FIGURES: usize = 30;

/// Where the figures come from.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Cores that the process may use.
    pub cores: usize,
    /// What the processor calls itself, if the system says.
    pub processor: String,
}

impl Machine {
    pub(crate) fn this() -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let processor = model.map_or("an unnamed processor", |(_, name)| name.trim()).to_owned();
        Self { cores, processor }
    }
}

/// What a run found. `Display` is the tables.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Where.
    pub machine: Machine,
    /// Rounds behind each figure but memory, which is read once.
    pub rounds: usize,
    /// Connections behind the figure for memory.
    pub connections: usize,
    /// What the measuring tasks ran on.
    pub runtime: Runtime,
    /// The figures.
    pub figures: Vec<Table>,
}

impl Report {
    pub(super) fn new(size: Size, runtime: Runtime, figures: Vec<Table>) -> Self {
        let Size { rounds, connections, .. } = size;
        Self { machine: Machine::this(), rounds, connections, runtime, figures }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine: Machine { cores, processor }, rounds, connections, runtime, figures } = self;
        writeln!(
            f,
            "Loopback, client and server in two processes, runtime {runtime:?}, {cores} cores: {processor}."
        )?;
        writeln!(
            f,
            "Median [min..max] of {rounds} interleaved rounds; memory at {connections} connections."
        )?;
        writeln!(
            f,
            "Ratios are to plain libp2p over QUIC and to tuned quinn: above 1 is better, whichever way the unit counts."
        )?;
        figures.iter().try_for_each(|table| write!(f, "\n{table}"))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = format!("{}, {}", self.figure.label(), self.unit);
        writeln!(f, "{title:<width$}  to plain  to quinn  goal", width = WHO + FIGURES + 2)?;
        self.rows.iter().try_for_each(|row| writeln!(f, "  {row}"))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, summary) = (self.contestant.label(), self.summary.to_string());
        let [plain, quinn] = [self.to_plain, self.to_tuned_quinn]
            .map(|ratio| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}")));
        write!(f, "{who:<WHO$} {summary:<FIGURES$} {plain:>8} {quinn:>9}")?;
        if let (Some(goal), Some(met)) = (self.goal, self.is_met()) {
            write!(f, "   {goal:.1} {}", if met { "met" } else { "missed" })?;
        }
        match self.lost {
            Some(lost) if lost.lost > 0 => write!(f, "  lost {lost}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, min, max } = self;
        // More digits than these differ from run to run.
        let digits = if *median < 10.0 { 2 } else { usize::from(*median < 100.0) };
        write!(f, "{median:.digits$} [{min:.digits$}..{max:.digits$}]")
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.lost, self.attempted)
    }
}
