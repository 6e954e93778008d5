//! The memory of another process.

use std::{collections::VecDeque, fs, io, time::Duration};

use tokio::time::{interval, timeout};

/// Between two readings.
const EVERY: Duration = Duration::from_millis(200);

/// So many readings in a row have to agree.
const AGREE: usize = 6;

/// By how much they may differ.
const WITHIN: f64 = 0.01;

/// A process whose memory still moves by then does not settle.
const PATIENCE: Duration = Duration::from_secs(120);

/// The memory of a process in bytes, once it no longer moves.
pub(super) async fn steady(process: u32) -> io::Result<f64> {
    let settling = async {
        let mut recent = VecDeque::with_capacity(AGREE);
        let mut readings = interval(EVERY);
        loop {
            readings.tick().await;
            let now = read(process)?;
            recent.push_back(now);
            if recent.len() < AGREE {
                continue;
            }
            let (least, most) = recent
                .iter()
                .fold((now, now), |(least, most), one| (f64::min(least, *one), f64::max(most, *one)));
            if most - least <= WITHIN * most {
                return Ok(now);
            }
            recent.pop_front();
        }
    };
    timeout(PATIENCE, settling).await?
}

/// The proportional share: of pages that several processes have, like those of the program itself, only a part.
fn read(process: u32) -> io::Result<f64> {
    let all = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let line = all.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kib.map(|kib| kib * 1024.0).ok_or_else(|| io::Error::other("the system does not say what a process uses"))
}
