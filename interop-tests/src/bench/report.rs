//! The result, for people as a table and for programs as JSON.

use std::fmt;

use serde::Serialize;

use super::{
    Place, Runtime,
    figures::{Lost, Row, Summary},
};

/// Width of the column that says what was measured.
const WHAT: usize = 42;

/// Width of a column of figures.
const FIGURES: usize = 26;

/// What a run found. `Display` is the table.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Rounds behind each figure.
    pub rounds: usize,
    /// What the measuring tasks ran on.
    pub runtime: Runtime,
    /// The measurements.
    pub rows: Vec<Row>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        writeln!(f, "QUIC on loopback, two processes, {cores} cores, runtime {:?};", self.runtime)?;
        writeln!(f, "median [min..max] of {} rounds; above a ratio of 1 Airway is better", self.rounds)?;
        writeln!(f)?;
        let (airway, plain) = ("Airway", "plain libp2p");
        writeln!(f, "{:WHAT$} {:>5}  {airway:FIGURES$}{plain:FIGURES$}ratio  goal", "", "")?;
        self.rows.iter().try_for_each(|row| row.fmt(f))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, unit, place, ratio, goal, .. } = self;
        let what = match place {
            Place::Program => what,
            Place::Network => "  beside the network",
        };
        let [airway, plain] = [self.airway, self.plain].map(|summary| summary.to_string());
        let met = if self.is_met() { "met" } else { "missed" };
        writeln!(
            f,
            "{what:WHAT$} {unit:>5}  {airway:FIGURES$}{plain:FIGURES$}{ratio:>5.2} {goal:>5.1} {met}"
        )?;
        let (Some(airway), Some(plain)) = (self.airway_lost, self.plain_lost) else { return Ok(()) };
        let [airway, plain] = [airway, plain].map(|lost| lost.to_string());
        writeln!(f, "{:WHAT$} {:>5}  {airway:FIGURES$}{plain}", "    lost", "")
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, min, max } = self;
        // More digits than these differ from run to run.
        let digits = usize::from(*median < 100.0);
        write!(f, "{median:.digits$} [{min:.digits$}..{max:.digits$}]")
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.lost, self.attempted)
    }
}
