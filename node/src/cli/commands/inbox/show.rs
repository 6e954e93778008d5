//! `airway inbox show`

use serde::Serialize;

use super::item;
use crate::{
    api::{InboxItem, Kind},
    cli::{
        Context, Error,
        output::{Output, View, clean, human, layout::Fields},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway inbox show 3
  airway inbox show 0199f2c4-31a7 --raw > image.png";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Number of the message in the inbox, its id, or a unique beginning of that
    id: String,
    /// Write the payload alone, byte for byte
    #[arg(long)]
    raw: bool,
}

/// One message, or its payload alone.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Message {
    message: InboxItem,
    #[serde(skip)]
    raw: Option<Vec<u8>>,
}

impl Output for Message {
    fn text(&self, view: &View) -> String {
        let message = &self.message;
        let time = |millis| format!("{} ({})", human::local(millis, view), human::ago(millis, view));
        let head = Fields::default()
            .add("id", &message.id)
            .add("from", &message.from)
            .add_some("name", message.name.as_ref())
            .add("sent", time(message.sent_at))
            .add("received", time(message.received_at))
            .add("type", format!("{}, {}", item::kind(message), human::size(message.size)))
            .add_some("answers", message.reply_to.as_ref());
        if let Some(file) = item::file(message) {
            let path = file.path.display().to_string();
            return head.add("file", file.name).add("path", path).add("blake3", file.blake3).text();
        }
        format!("{}\n\n{}", head.text(), item::body(message))
    }

    fn payload(&self) -> Option<&[u8]> {
        self.raw.as_deref()
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Message, Error> {
    let message = context.client()?.message(&args.id).await?;
    if args.raw && message.kind == Kind::File {
        let hint = format!("airway inbox save {} copies it", clean::line(&args.id));
        return Err(Error::usage("the message is a file", hint));
    }
    let raw = if args.raw {
        let payload = item::payload(&message);
        Some(payload.ok_or_else(|| Error::internal("the daemon's answer holds no payload"))?)
    } else {
        None
    };
    Ok(Message { message, raw })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_cannot_command_the_terminal() {
        let message = item::example(Kind::Text, "one\n\u{1b}]0;x\u{7}two\u{202e}".into());
        assert_eq!(item::body(&message), "one\n]0;xtwo");
        let message = item::example(Kind::Json, serde_json::json!({"a": "\u{9b}1m"}));
        assert_eq!(item::body(&message), "{\n  \"a\": \"1m\"\n}");
    }
}
