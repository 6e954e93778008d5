//! What goes wrong about events.

use airway_protocols::events::{Denied, Invalid};

use crate::{
    PublishError, SubscribeError,
    api::{Code, Error},
};

/// What to do where there is no network.
const NO_NETWORK: &str =
    "join one with: airway join <invite>; outside of networks publish at your own broker, for contacts";

impl From<PublishError> for Error {
    fn from(error: PublishError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            PublishError::Dial(error) => return error.into(),
            PublishError::Invalid(invalid) => (Code::BadRequest, rule(invalid)),
            PublishError::Denied { why: Denied::NotAllowed, .. } => (
                Code::NotTrusted,
                "its owner has to let this agent publish that topic: airway scope <who> --publish <pattern>",
            ),
            PublishError::Denied { why: Denied::Full, .. } => {
                (Code::Quota, "publish under fewer topics, and put what differs into the event")
            }
            PublishError::Denied { why: Denied::Invalid, .. } => (Code::BadRequest, VERSION),
            PublishError::NoNetwork => (Code::Conflict, NO_NETWORK),
            PublishError::NoMember(_) => (Code::NotTrusted, NO_MEMBER),
            PublishError::TooMany => (
                Code::Busy,
                "publish less to all: 50 a second, or at your own broker, where there is no such limit",
            ),
            PublishError::NobodyReached => (
                Code::Unreachable,
                "give it more time with --timeout, or see who is there: airway network members",
            ),
        };
        Self::new(code, message).hint(hint)
    }
}

impl From<SubscribeError> for Error {
    fn from(error: SubscribeError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            SubscribeError::Dial(error) => return error.into(),
            SubscribeError::Invalid(invalid) => (Code::BadRequest, rule(invalid)),
            SubscribeError::Denied { why: Denied::NotAllowed, .. } => (
                Code::NotTrusted,
                "its owner has to let this agent subscribe: airway scope <who> --subscribe <pattern>",
            ),
            SubscribeError::Denied { why: Denied::Full, .. } => {
                (Code::Busy, "end another subscription to this agent: one takes up to 32 patterns")
            }
            SubscribeError::Denied { why: Denied::Invalid, .. } => (Code::BadRequest, VERSION),
            SubscribeError::Untrusted { .. } => {
                (Code::NotTrusted, "see what happened with: airway trusted --log")
            }
            SubscribeError::NoNetwork => (Code::Conflict, NO_NETWORK),
            SubscribeError::NoMember(_) => (Code::NotTrusted, NO_MEMBER),
            SubscribeError::Left => (Code::Conflict, NO_NETWORK),
            SubscribeError::Closed => (Code::NotRunning, "start the daemon again"),
        };
        Self::new(code, message).hint(hint)
    }
}

/// What to do about a membership that is over.
const NO_MEMBER: &str = "ask for a new invite; see: airway network";

/// What may be the matter with an agent that does not understand.
const VERSION: &str = "its agent may be of another version";

/// What to do about a rule that was broken.
fn rule(invalid: Invalid) -> &'static str {
    match invalid {
        Invalid::Patterns { .. } => "give 1 to 32 patterns, as in 'builds/**'; * alone is every topic",
        Invalid::Payload { .. } => "an event has at most 60 KiB: send what is larger as a message or a file",
        _ => "see airway help publish, airway help subscribe",
    }
}
