//! `airway demo`: a first look, without anybody else.

use crate::{
    cli::{
        Context, Error,
        output::{Output, View, clean, human},
    },
    demo::{self, Report, Step},
};

const EXAMPLES: &str = "\
Examples:
  airway demo
  airway demo --keep";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Keep the homes of the agents, to look into them
    #[arg(long)]
    keep: bool,
}

impl Output for Step {
    fn text(&self, _view: &View) -> String {
        let took = format!("{:.1} ms", self.took_us as f64 / 1000.0);
        let (done, outcome) = (human::good("✓"), clean::line(&self.outcome));
        format!("{done} {:<31} {outcome} {}", self.what, human::dim(&format!("({took})")))
    }
}

impl Output for Report {
    fn text(&self, _view: &View) -> String {
        let kept =
            self.homes.iter().map(|home| format!("\nkept {}", clean::line(&home.display().to_string())));
        format!("done: {} steps{}", self.steps.len(), kept.collect::<String>())
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Report, Error> {
    let printer = context.printer;
    Ok(demo::run(args.keep, |step| printer.notice(step)).await?)
}
