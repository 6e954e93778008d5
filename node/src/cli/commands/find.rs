//! `airway find`: who has this name or address, or can do this.

use serde::Serialize;

use crate::{
    api::{FindQuery, Found, Layer},
    cli::{
        Context, Error,
        output::{
            Output, View, clean, human,
            layout::{Fields, table},
        },
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway find ocr-1
  airway find 4242:1092.EB19.D348
  airway find ocr-1 --card
  airway find --tag ocr

Nothing that an agent says of itself proves who it is: compare fingerprints before you trust it.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Alias, name, address or card of the agent
    #[arg(required_unless_present = "tag")]
    who: Option<String>,
    /// List the agents that say they can do this instead
    #[arg(long, conflicts_with_all = ["who", "card"])]
    tag: Option<String>,
    /// Print the contact card alone
    #[arg(long)]
    card: bool,
    #[command(flatten)]
    wait: Wait,
}

/// What was found.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Outcome {
    /// The one that was looked for.
    One(Box<Found>),
    /// The card of the one that was looked for.
    Card(Box<Found>),
    /// All that have a tag.
    All(Vec<Found>),
}

impl Output for Outcome {
    fn text(&self, view: &View) -> String {
        match self {
            Self::One(found) => fields(found, view).text(),
            Self::Card(found) => clean::line(found.card.as_deref().unwrap_or_default()),
            Self::All(found) => {
                table(["NAME", "ADDRESS", "TAGS", "KNOWN BY", "TRUSTED"], found.iter().map(row))
            }
        }
    }

    fn remark(&self, _view: &View) -> Option<String> {
        match self {
            Self::One(found) if found.layer == Layer::Claim && !found.trusted => Some(
                "anybody could say the same: ask its owner for the fingerprint before you trust it".into(),
            ),
            Self::All(found) if found.is_empty() => {
                Some("nobody has said so, as far as the network knows".into())
            }
            Self::One(_) | Self::Card(_) | Self::All(_) => None,
        }
    }
}

/// All that is to be said of one.
fn fields(found: &Found, view: &View) -> Fields {
    Fields::default()
        .add("address", &found.address)
        .add_some("name", found.name.as_ref())
        .add_some("tags", (!found.tags.is_empty()).then(|| found.tags.join(", ")))
        .add("known by", known_by(found.layer))
        .add("trusted", yes(found.trusted))
        .add_all("multiaddrs", &found.multiaddrs)
        .add_some("said", found.issued.map(|issued| human::ago(issued, view)))
}

fn row(found: &Found) -> [String; 5] {
    [
        found.name.clone().unwrap_or_default(),
        found.address.clone(),
        found.tags.join(", "),
        known_by(found.layer).into(),
        yes(found.trusted).into(),
    ]
}

fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

/// Whose word it is.
fn known_by(layer: Layer) -> &'static str {
    match layer {
        Layer::Alias => "your alias",
        Layer::Contact => "what it was called when you came to trust it",
        Layer::Network => "the network's authority",
        Layer::Claim => "its own word",
        Layer::Card => "its card",
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let is_tag = args.tag.is_some();
    let query = FindQuery { who: args.who, tag: args.tag, timeout_ms: args.wait.millis() };
    let mut found = context.client()?.find(&query).await?;
    if is_tag {
        return Ok(Outcome::All(found));
    }
    let one = found.pop().ok_or_else(|| Error::internal("the daemon has not said whom it found"))?;
    if !args.card {
        return Ok(Outcome::One(Box::new(one)));
    }
    if one.card.is_none() {
        let message = format!("{} is known here, but not by a card", one.address);
        return Err(crate::api::Error::new(crate::api::Code::NotFound, message)
            .hint("its owner prints one with: airway card")
            .into());
    }
    Ok(Outcome::Card(Box::new(one)))
}
