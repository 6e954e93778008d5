//! `airway task progress`

use super::item::Done;
use crate::{
    api::ProgressRequest,
    cli::{Context, Error},
};

const EXAMPLES: &str = "\
Examples:
  airway task progress 0199f2c1-7a 40% 'half of the log is read'
  airway task progress 0199f2c1-7a

Without a number it says only that the task goes on, which keeps a lease.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Id of the task, or a unique beginning of that
    id: String,
    /// How much of it is done, as in 40 or 40%
    #[arg(value_name = "PERCENT", value_parser = thousandths)]
    progress: Option<u16>,
    /// What there is to say about it, for the requester
    text: Option<String>,
    /// Do so only if this attempt is the last: the number that it was taken with
    #[arg(long)]
    attempt: Option<u32>,
}

/// A percentage with at most one digit behind the point, in thousandths.
pub(in crate::cli::commands) fn thousandths(text: &str) -> Result<u16, String> {
    let refused = || format!("{text:?} is no percentage: give 0 to 100, as in 40 or 12.5%");
    let number = text.trim_end_matches('%');
    let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(tenth) || tenth.len() > 1 {
        return Err(refused());
    }
    let (whole, tenth): (u16, u16) =
        (whole.parse().map_err(|_| refused())?, tenth.parse().map_err(|_| refused())?);
    whole.checked_mul(10).map(|tens| tens + tenth).filter(|&value| value <= 1000).ok_or_else(refused)
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Done, Error> {
    let request = ProgressRequest { attempt: args.attempt, progress: args.progress, text: args.text };
    Ok(Done(context.client()?.task_progress(&args.id, &request).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_thousandths() {
        for (text, value) in [("0", 0), ("40", 400), ("40%", 400), ("12.5%", 125), ("100%", 1000)] {
            assert_eq!(thousandths(text), Ok(value), "{text}");
        }
        for text in ["", "%", "-1", "+1", "101", "100.1", "1.25", "1.", ".5", "65535", "99999", "half"] {
            assert!(thousandths(text).is_err(), "{text}");
        }
    }
}
