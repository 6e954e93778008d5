//! Agents in Rust and in Go, in every pairing: what a round trip takes, and how fast bytes go.
//!
//! All pairings run side by side and take turns, one of them measuring at a time, round after round; the medians of the
//! rounds are shown, with their ratios to Go alone. So whatever the machine does meanwhile meets all alike.

use std::{error::Error, fmt, fs, io::Write as _, path::PathBuf, time::Duration};

use rand::RngCore as _;
use serde_json::{Value, json};

use crate::{
    contract::{Flags, Transport},
    driver::{Language, Peer},
};

/// Bytes of a round trip.
const TRIP: u64 = 64;

/// Bytes in a MiB.
const MIB: u64 = 1024 * 1024;

/// However loaded the machine is, what takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(300);

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Rounds, of which the medians are shown.
    pub rounds: usize,
    /// MiB of a run and of a file.
    pub mib: u64,
    /// Round trips of one round.
    pub trips: usize,
}

/// What was measured.
#[derive(Debug, Clone)]
pub struct Table {
    transport: Transport,
    size: Size,
    rows: Vec<Row>,
}

/// The medians of one pairing.
#[derive(Debug, Clone)]
struct Row {
    languages: [Language; 2],
    /// µs of a round trip; MiB/s of a run to the other, one from it, and a file to it.
    figures: [f64; 4],
}

/// Two agents that trust each other; the first one measures.
#[derive(Debug)]
struct Pair {
    languages: [Language; 2],
    one: Peer,
    other: Peer,
    file: PathBuf,
    rounds: Vec<[f64; 4]>,
}

/// Starts a pair of agents for every pairing and measures them in turn.
///
/// # Errors
/// If a peer does not start, or does not do what is measured.
pub async fn measure(transport: Transport, size: Size) -> Result<Table, Box<dyn Error>> {
    use Language::{Go, Rust};

    let mut pairs = Vec::new();
    for languages in [[Rust, Rust], [Rust, Go], [Go, Rust], [Go, Go]] {
        pairs.push(Pair::new(languages, transport, size.mib).await?);
    }
    for _ in 0..size.rounds {
        for pair in &mut pairs {
            let figures = pair.round(size).await?;
            pair.rounds.push(figures);
        }
    }
    let rows = pairs.iter().map(|pair| Row { languages: pair.languages, figures: pair.medians() }).collect();
    Ok(Table { transport, size, rows })
}

impl Pair {
    async fn new(languages: [Language; 2], transport: Transport, mib: u64) -> Result<Self, Box<dyn Error>> {
        let [one, other] = languages;
        let one = Peer::start(one, Flags::new("one", transport)).await?;
        let other = Peer::start(other, Flags::new("other", transport)).await?;
        let ticket = other.ask("ticket", json!({})).await?["ticket"].take();
        one.ask("pair", json!({ "ticket": ticket })).await?;
        let file = one.dir().join("file");
        let mut bytes = vec![0; usize::try_from(MIB)?];
        let mut sink = fs::File::create(&file)?;
        for _ in 0..mib {
            rand::rng().fill_bytes(&mut bytes);
            sink.write_all(&bytes)?;
        }
        Ok(Self { languages, one, other, file, rounds: Vec::new() })
    }

    async fn round(&self, size: Size) -> Result<[f64; 4], Box<dyn Error>> {
        let bytes = size.mib * MIB;
        let trips = self.ask("trips", json!({ "bytes": TRIP, "count": size.trips })).await?;
        let up = self.ask("perf", json!({ "upload": bytes, "download": 0 })).await?;
        let down = self.ask("perf", json!({ "upload": 0, "download": bytes })).await?;
        let file = self.ask("send_file", json!({ "path": self.file })).await?;
        let rate = |answer: &Value| Ok::<_, Box<dyn Error>>(rate(size.mib, number(answer, "micros")?));
        Ok([number(&trips, "p50_nanos")? / 1e3, rate(&up)?, rate(&down)?, rate(&file)?])
    }

    async fn ask(&self, verb: &str, mut args: Value) -> Result<Value, Box<dyn Error>> {
        args["who"] = self.other.ready().endpoint.as_str().into();
        Ok(self.one.ask_within(PATIENCE, verb, args).await?)
    }

    fn medians(&self) -> [f64; 4] {
        std::array::from_fn(|column| median(self.rounds.iter().map(|round| round[column]).collect()))
    }
}

fn number(answer: &Value, key: &str) -> Result<f64, Box<dyn Error>> {
    answer[key].as_f64().ok_or_else(|| format!("no {key} in {answer}").into())
}

#[expect(clippy::cast_precision_loss, reason = "a handful of MiB")]
fn rate(mib: u64, micros: f64) -> f64 {
    mib as f64 * 1e6 / micros.max(1.0)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Size { rounds, mib, trips } = self.size;
        writeln!(
            f,
            "Medians of {rounds} interleaved rounds over {}, and their ratios to Go alone;",
            self.transport.as_str()
        )?;
        writeln!(
            f,
            "{trips} round trips of {TRIP} B, {mib} MiB of bytes each way and of a file to the other.\n"
        )?;
        writeln!(f, "| | round trip p50, µs | to the other, MiB/s | from it, MiB/s | a file, MiB/s |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        let base = self.rows.iter().find(|row| row.languages == [Language::Go; 2]);
        for row in &self.rows {
            write!(f, "| {} to {} |", row.languages[0], row.languages[1])?;
            for (column, figure) in row.figures.iter().enumerate() {
                let ratio = base.map_or(f64::NAN, |base| figure / base.figures[column]);
                write!(f, " {figure:.0} ({ratio:.2}) |")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_shows_ratios_to_go_alone() {
        let row = |languages, figures| Row { languages, figures };
        let rows = vec![
            row([Language::Rust, Language::Go], [50.0, 300.0, 200.0, 100.0]),
            row([Language::Go; 2], [100.0, 200.0, 200.0, 200.0]),
        ];
        let size = Size { rounds: 3, mib: 1, trips: 5 };
        let table = Table { transport: Transport::Quic, size, rows }.to_string();
        assert!(
            table.contains("| rust to go | 50 (0.50) | 300 (1.50) | 200 (1.00) | 100 (0.50) |"),
            "{table}"
        );
    }

    #[test]
    fn the_median_of_an_odd_number_is_one_of_them() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }
}
