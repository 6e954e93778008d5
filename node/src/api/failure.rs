//! The one place where the errors of the node become `{ code, message, hint }`.

mod authority;
mod events;
mod network;
mod polo;
mod tasks;

use airway_protocols::{card, ticket, trust::Refused};

use super::{Code, Error};
use crate::{
    StartError,
    bench::BenchError,
    bundle, config,
    contacts::{ChangeError, Standing, WhoError},
    home,
    services::{DialError, FileError, ListenError, SendError},
    store::{self, GetError},
    trust::PairError,
};

impl From<home::Error> for Error {
    fn from(error: home::Error) -> Self {
        let code = if matches!(error, home::Error::InUse { .. }) { Code::AlreadyRunning } else { Code::Home };
        Self { code, message: error.to_string(), hint: error.hint() }
    }
}

impl From<config::Error> for Error {
    fn from(error: config::Error) -> Self {
        Self { code: Code::BadRequest, message: error.to_string(), hint: error.hint() }
    }
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            StartError::Store(error) => return error.into(),
            StartError::Home(error) => return error.into(),
            StartError::Config(error) => return error.into(),
            StartError::Identity(error) => (Code::Home, error.hint()),
            StartError::Import(error) => return error.into(),
            StartError::Join(error) => return Self { message, ..error.into() },
            StartError::TwoNetworks => (
                Code::Conflict,
                Some("take swarm_key out of the settings, or use another home with --home".into()),
            ),
            StartError::Net(_) | StartError::NoPort => (
                Code::Conflict,
                Some("choose other addresses with --listen, or end what uses the port".into()),
            ),
            StartError::Address(_) | StartError::Service(_) => (Code::Internal, None),
        };
        Self { code, message, hint }
    }
}

impl From<bundle::Error> for Error {
    fn from(error: bundle::Error) -> Self {
        use bundle::Error as Bundle;
        let message = error.to_string();
        let (code, hint) = match error {
            Bundle::Home(error) => return error.into(),
            Bundle::Config(error) => return error.into(),
            Bundle::Store(error) => return error.into(),
            Bundle::Authority(error) => return error.into(),
            Bundle::Identity(error) => {
                let hint = error.hint().unwrap_or_else(|| "an agent comes to be with: airway up".into());
                return Self::new(Code::Home, message).hint(hint);
            }
            Bundle::NotABundle => (Code::BadRequest, "name a file that airway identity export has written"),
            Bundle::Passphrase => (Code::BadRequest, "give the one that it was exported with"),
            Bundle::Damaged { .. } => (Code::BadRequest, "copy the file once more, or export it again"),
            Bundle::Work { .. } => (Code::BadRequest, "use a file that airway identity export has written"),
            Bundle::Newer { .. } => (Code::BadRequest, "upgrade airway, which is older here than there"),
            Bundle::Taken { .. } | Bundle::Used { .. } => {
                (Code::Conflict, "name an empty home with --home: two agents do not share one")
            }
            Bundle::Same { .. } => (Code::Conflict, "start it with: airway up"),
            Bundle::Interrupted { .. } => (
                Code::Home,
                "run airway identity import again; without it the next airway up makes a new agent",
            ),
            Bundle::Write { .. } => (Code::Home, "see whether the disk has room"),
            Bundle::Address(_) => (Code::Internal, "this key cannot be used"),
        };
        Self::new(code, message).hint(hint)
    }
}

impl From<WhoError> for Error {
    fn from(error: WhoError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            WhoError::Card(card) => return card.into(),
            WhoError::Address { .. } => (
                Code::BadRequest,
                "an address looks like 0:0000.EB19.D348, with #fingerprint behind it if you like",
            ),
            WhoError::Port { .. } => (Code::BadRequest, "leave out the last colon and what follows"),
            WhoError::NotTrusted { .. } => {
                (Code::NotTrusted, "get its contact card and run: airway trust <card>")
            }
            WhoError::Fingerprint { .. } => {
                (Code::NotTrusted, "somebody else may claim this address: ask its owner for the fingerprint")
            }
            WhoError::Unknown { .. } => (Code::NotFound, "see whom you trust with: airway trusted"),
            WhoError::Ambiguous { .. } => {
                (Code::Conflict, "name one of them by address, or give it a name of yours with: airway alias")
            }
        };
        Self::new(code, message).hint(hint)
    }
}

impl From<card::Error> for Error {
    fn from(error: card::Error) -> Self {
        let hint = match error {
            card::Error::NotACard => "copy the whole output of: airway card",
            card::Error::Altered | card::Error::TooLong => {
                "a piece was lost or added in copying: copy the whole output of airway card"
            }
            _ => "ask for a new card: airway card",
        };
        Self::new(Code::BadRequest, error.to_string()).hint(hint)
    }
}

impl From<ChangeError> for Error {
    fn from(error: ChangeError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            ChangeError::Who(error) => return error.into(),
            ChangeError::Store(error) => return error.into(),
            ChangeError::Own => {
                (Code::BadRequest, "you need the card of the other agent: run airway card there")
            }
            ChangeError::BadAlias { .. } => {
                (Code::BadRequest, "use lower-case letters, digits and inner hyphens")
            }
            ChangeError::AliasTaken { .. } => (Code::Conflict, "choose another, or change that one first"),
            ChangeError::AddressTaken { .. } | ChangeError::Held { .. } => (
                Code::Conflict,
                "addresses can be forged: ask both owners for their fingerprints, then see: airway pins",
            ),
            ChangeError::Refused { reason, .. } => return Self::refused(message, &reason),
            ChangeError::Standing { standing, .. } => (Code::Conflict, next(standing)),
            ChangeError::TooMany => (Code::Quota, "take one back with: airway untrust <who>"),
            ChangeError::Full => (Code::Quota, "approve or reject some: airway pending"),
            ChangeError::Ticket => (Code::NotTrusted, "ask for a new one"),
            ChangeError::TooManyTickets => (Code::Quota, "wait until some of them expire"),
            ChangeError::TooLong { .. } => (Code::BadRequest, "say it shorter"),
            ChangeError::Statement(_) => {
                (Code::BadRequest, "see airway trust --help for what can be granted")
            }
            ChangeError::Card(error) => return error.into(),
            ChangeError::NoFingerprint { .. } => (
                Code::BadRequest,
                "give it whole, as the owner of the right agent reads it out: <address>#<fingerprint>",
            ),
            ChangeError::NoPin => (Code::NotFound, "see who claims what with: airway pins"),
        };
        Self::new(code, message).hint(hint)
    }
}

impl Error {
    fn refused(message: String, reason: &Refused) -> Self {
        let (code, hint) = match reason {
            Refused::Blocked => (Code::Conflict, "airway unblock <who> first"),
            Refused::AlreadyTrusted => (Code::Conflict, "see whom you trust with: airway trusted"),
            _ => (Code::Conflict, "see how you stand with: airway pending --all"),
        };
        Self::new(code, message).hint(hint)
    }
}

/// What to do about somebody who stands so with us.
fn next(standing: Standing) -> &'static str {
    match standing {
        Standing::Stranger => "ask it with: airway trust <card>",
        Standing::Requested => "wait for its owner, or take the request back with: airway untrust <who>",
        Standing::Pending => "airway approve <who>, or airway reject <who>",
        Standing::Trusted => "see whom you trust with: airway trusted",
        Standing::Blocked => "airway unblock <who> first",
    }
}

impl From<PairError> for Error {
    fn from(error: PairError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            PairError::Change(error) => return error.into(),
            PairError::NoAnswer { .. } => (
                Code::Timeout,
                "it is tried on until the ticket expires; see airway trusted, or ask for a new ticket",
            ),
            PairError::Rejected { .. } | PairError::Unused => {
                (Code::NotTrusted, "make a new one with: airway pair")
            }
        };
        Self::new(code, message).hint(hint)
    }
}

impl From<ticket::Error> for Error {
    fn from(error: ticket::Error) -> Self {
        let hint = match error {
            ticket::Error::Card => "ask its holder for trust with: airway trust <card>",
            ticket::Error::NotATicket | ticket::Error::Altered | ticket::Error::TooLong => {
                "copy the whole output of: airway pair"
            }
            _ => "ask for a new ticket: airway pair",
        };
        Self::new(Code::BadRequest, error.to_string()).hint(hint)
    }
}

impl From<DialError> for Error {
    fn from(error: DialError) -> Self {
        let message = error.to_string();
        let (code, hint) = match &error {
            DialError::Unreachable { reason, .. } => {
                tracing::debug!(%reason, "unreachable");
                let hint = "check that its agent is up; if it has moved, ask for a new card and trust that";
                (Code::Unreachable, hint)
            }
            DialError::NotTrusted { .. } => (
                Code::NotTrusted,
                "it may have lost its contacts: run airway untrust <who>, then airway trust <card>",
            ),
            DialError::Unconfirmed { .. } => {
                (Code::Unreachable, "wait until its agent is up; it is told then")
            }
            DialError::PortClosed { .. } => (
                Code::PortClosed,
                "start what listens there, or see whether the port is granted, with: airway trusted",
            ),
            DialError::Unsupported { .. } => {
                (Code::PortClosed, "its agent is of an older version: ask its owner to update it")
            }
            DialError::Busy { .. } => (Code::Busy, "try again in a moment"),
            DialError::Timeout { .. } => (Code::Timeout, "give it more time with --timeout"),
            DialError::Broken { .. } => (Code::Unreachable, "try again; see both ends with airway peers"),
        };
        Self::new(code, message).hint(hint)
    }
}

impl From<BenchError> for Error {
    fn from(error: BenchError) -> Self {
        let message = error.to_string();
        match error {
            BenchError::Dial(error) => error.into(),
            BenchError::Size(_) => Self::new(Code::BadRequest, message).hint("choose another --size"),
            BenchError::Time => Self::new(Code::BadRequest, message).hint("choose another --time"),
        }
    }
}

impl From<SendError> for Error {
    fn from(error: SendError) -> Self {
        use airway_protocols::data::Answer;
        let message = error.to_string();
        match error {
            SendError::Dial(error) => error.into(),
            SendError::Invalid(_) => Self::new(Code::BadRequest, message).hint(
                "a message has at most 1 MiB; text is UTF-8, json is one JSON value, binary is anything",
            ),
            SendError::Full => Self::new(Code::Quota, message)
                .hint("see what waits there with: airway outbox; take back what is not needed with: airway outbox cancel"),
            SendError::Conflict => Self::new(Code::Conflict, message).hint("leave --id out, or use a new one"),
            SendError::Expired => Self::new(Code::Timeout, message).hint("send it again"),
            SendError::Cancelled => Self::new(Code::Conflict, message).hint("send it again if that was a mistake"),
            SendError::File(error) => (&*error).into(),
            SendError::Store(error) => error.into(),
            SendError::Rejected { answer, .. } => {
                let (code, hint) = match answer {
                    Answer::Quota => (Code::Quota, "its owner can make room with: airway inbox clear --read"),
                    Answer::Conflict => (Code::Conflict, "leave --id out, or use a new one"),
                    Answer::Failed => (Code::Quota, "its disk may be full; send again with the same --id"),
                    _ => (Code::BadRequest, "its agent may be of another version"),
                };
                Self::new(code, message).hint(hint)
            }
        }
    }
}

impl From<&FileError> for Error {
    fn from(error: &FileError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            FileError::Dial(error) => return error.clone().into(),
            FileError::Rejected { who, answer } => {
                return SendError::Rejected { who: who.clone(), answer: *answer }.into();
            }
            FileError::Unreadable { .. } => (Code::NotFound, "check the path and its permissions"),
            FileError::NotAFile { .. } => (Code::BadRequest, "pack a directory into one file first"),
            FileError::Changed { .. } => (Code::Conflict, "send it again once nobody writes to it"),
            FileError::Thread(_) => (Code::Internal, "see the log of the daemon"),
        };
        Self::new(code, message).hint(hint)
    }
}

impl From<ListenError> for Error {
    fn from(error: ListenError) -> Self {
        let hint = match error {
            ListenError::Reserved { .. } => "use another port: any but 7, 444 and 1001 to 1003",
            ListenError::InUse(_) => "end the other listener, or use another port",
            ListenError::TooMany => "end another listener first",
        };
        Self::new(Code::Conflict, error.to_string()).hint(hint)
    }
}

impl From<GetError> for Error {
    fn from(error: GetError) -> Self {
        let message = error.to_string();
        match error {
            GetError::Store(error) => error.into(),
            GetError::NotFound { place, .. } => {
                Self::new(Code::NotFound, message).hint(format!("see what there is with: airway {place}"))
            }
            GetError::Ambiguous { .. } => Self::new(Code::Conflict, message).hint("give more of the id"),
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        let code = match error {
            store::Error::Full => Code::Quota,
            store::Error::Closed => Code::NotRunning,
            store::Error::Busy => Code::Busy,
            _ => Code::Home,
        };
        let answer = Self::new(code, error.to_string());
        match error.hint() {
            Some(hint) => answer.hint(hint),
            None => answer,
        }
    }
}
