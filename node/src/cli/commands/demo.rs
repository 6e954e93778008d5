//! `airway demo`: a first look, without anybody else.

use serde::Serialize;

use crate::{
    cli::{
        Context, Error,
        output::{Output, View, clean},
    },
    demo::{self, Report},
};

const EXAMPLES: &str = "\
Examples:
  airway demo
  airway demo --keep";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Keep the homes of the two agents, to look into them
    #[arg(long)]
    keep: bool,
}

/// One step, told on stderr while it happens.
#[derive(Debug, Serialize)]
struct Step<'a> {
    step: &'a str,
}

impl Output for Step<'_> {
    fn text(&self, _view: &View) -> String {
        clean::line(self.step)
    }
}

impl Output for Report {
    fn text(&self, _view: &View) -> String {
        let kept = self.homes.iter().map(|home| format!("\nkept {}", clean::line(home)));
        format!("done: {} steps{}", self.steps.len(), kept.collect::<String>())
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Report, Error> {
    let printer = context.printer;
    Ok(demo::run(args.keep, |step| printer.notice(&Step { step })).await?)
}
