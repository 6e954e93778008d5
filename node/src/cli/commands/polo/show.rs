//! `airway polo`: scores.

use serde::Serialize;

use crate::{
    api::Polo,
    cli::{
        Context, Error,
        output::{Output, View, layout::table},
    },
};

/// Scores, our own first.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Scores(Vec<Polo>);

/// Thousandths as people read them.
pub(super) fn points(milli: u64) -> String {
    let text = format!("{}.{:03}", milli / 1000, milli % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Who it is, as short as we know it.
pub(super) fn named(polo: &Polo) -> String {
    if polo.own { "me".into() } else { polo.name.clone().unwrap_or_else(|| polo.agent.clone()) }
}

impl Output for Scores {
    fn text(&self, _view: &View) -> String {
        let rows = self.0.iter().map(|polo| {
            [
                named(polo),
                polo.personal_milli.map(points).unwrap_or_default(),
                polo.raw.to_string(),
                polo.as_worker.to_string(),
                polo.as_requester.to_string(),
            ]
        });
        table(["AGENT", "SCORE", "RAW", "DID", "HAD DONE"], rows)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        Some(
            "SCORE is what an agent is worth to you, by tasks that you, and those who did yours, had done. RAW is all \
             that its receipts add up to, and proves nothing: agents that collude make it as high as they please. \
             `airway polo why <who>` shows where a score comes from"
                .into(),
        )
    }
}

pub(super) async fn run(who: Option<String>, context: &Context) -> Result<Scores, Error> {
    let client = context.client()?;
    Ok(Scores(match who {
        Some(who) => vec![client.polo_of(&who).await?],
        None => client.polo().await?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_have_no_more_digits_than_they_need() {
        for (milli, text) in [(0, "0"), (1, "0.001"), (1000, "1"), (2500, "2.5"), (12_340, "12.34")] {
            assert_eq!(points(milli), text);
        }
    }
}
