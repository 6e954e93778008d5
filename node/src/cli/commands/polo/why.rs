//! `airway polo why`: where a score comes from.

use serde::Serialize;

use super::show::{named, points};
use crate::{
    api::PoloWhy,
    cli::{
        Context, Error,
        output::{Output, View, clean},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway polo why bob";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Alias, name, address or card of the agent
    who: String,
}

/// A score in words.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Explained(PoloWhy);

impl Output for Explained {
    fn text(&self, _view: &View) -> String {
        let PoloWhy { polo, paths, pairs } = &self.0;
        let who = clean::line(&named(polo));
        let mut lines = vec![match polo.personal_milli {
            None => format!("{who}: nobody has a score with itself"),
            Some(0) => format!("{who} is worth nothing to you yet"),
            Some(milli) => format!("{who} is worth {} to you:", points(milli)),
        }];
        for path in paths {
            let way = path.agents.iter().map(|agent| clean::line(agent)).collect::<Vec<_>>().join(" -> ");
            lines.push(format!("  {} by way of {way}", points(path.milli)));
        }
        if !pairs.is_empty() {
            lines.push("behind that are:".into());
        }
        for pair in pairs {
            let (requester, worker) = (clean::line(&pair.requester), clean::line(&pair.worker));
            let receipts = if pair.receipts == 1 { "receipt" } else { "receipts" };
            let (count, reward) = (pair.receipts, pair.reward);
            lines.push(format!("  {count} {receipts} of {requester} for {worker}, of {reward} together"));
        }
        lines.push(format!(
            "all receipts about {who} that are here: {}, which add up to {} (raw; it decides nothing)",
            polo.receipts, polo.raw
        ));
        lines.join("\n")
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Explained, Error> {
    Ok(Explained(context.client()?.polo_why(&args.who).await?))
}
