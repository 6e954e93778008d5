//! What goes wrong about networks and about being found.

use airway_protocols::{invite, join::Refusal};

use crate::{
    api::{Code, Error},
    mesh::{LookupError, MeshError},
    store::InviteStoreError,
};

impl From<MeshError> for Error {
    fn from(error: MeshError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            MeshError::Store(error) => return error.into(),
            MeshError::Invites(error) => return error.into(),
            MeshError::Authority(error) => return error.into(),
            MeshError::Card(error) => return error.into(),
            MeshError::Invite(error) => return error.into(),
            MeshError::Refused { refusal, .. } => (refused(refusal), refused_hint(refusal)),
            MeshError::NotInNetwork => (
                Code::Conflict,
                "found one with: airway network create <name>, or use an invite with: airway join <invite>",
            ),
            MeshError::AlreadyInNetwork { .. } => {
                (Code::Conflict, "airway network leave first, or take another home with --home")
            }
            MeshError::SwarmKey => (
                Code::Conflict,
                "take swarm_key out of the settings and start again, or take another home with --home",
            ),
            MeshError::NotInviter | MeshError::Roles => {
                (Code::Conflict, "ask the network's founder for an invite: airway invite --role inviter")
            }
            MeshError::NotAuthority => (
                Code::Conflict,
                "do it where the network was created, or bring the key here with: airway network import",
            ),
            MeshError::OtherAuthority { .. } => {
                (Code::BadRequest, "name the file of this network's authority")
            }
            MeshError::HoldsAuthority { .. } => (
                Code::Conflict,
                "keep the key with: airway network export, then run: airway network leave --abandon",
            ),
            MeshError::Over(_) => (Code::NotTrusted, "ask for a new invite; see: airway network"),
            MeshError::Expired => (Code::NotTrusted, "ask for a new one: airway invite"),
            MeshError::Unreachable { .. } => (
                Code::Unreachable,
                "check that whoever made the invite is up and can be reached, and try again",
            ),
            MeshError::Answer { .. } => (Code::Unreachable, "its agent may be of another version; try again"),
            MeshError::Name { .. } => (Code::BadRequest, "use lower-case letters, digits and inner hyphens"),
            MeshError::Number(_) => (Code::BadRequest, "choose one from 1 to 65534, or leave it out"),
            MeshError::Time { .. } => (Code::BadRequest, "choose another time"),
            MeshError::Tags(_) => (Code::BadRequest, "give 3 at most"),
            MeshError::NoSuchMember { .. } => (Code::NotFound, "see who is one with: airway network members"),
            MeshError::Ambiguous { .. } => {
                (Code::Conflict, "name one of them whole: <address>#<fingerprint>")
            }
            MeshError::Own => (Code::BadRequest, "to leave the network run: airway network leave"),
            MeshError::Full => (Code::Quota, "found a new network, and let in those who are to stay"),
            MeshError::Certificate(_)
            | MeshError::Genesis(_)
            | MeshError::Claim(_)
            | MeshError::Revocations(_) => (Code::Internal, "see the log of the daemon"),
        };
        Self::new(code, message).hint(hint)
    }
}

/// What the refusal of an inviter is to whoever asked it.
fn refused(refusal: Refusal) -> Code {
    match refusal {
        Refusal::NameTaken | Refusal::AddressTaken => Code::Conflict,
        Refusal::Failed => Code::Busy,
        Refusal::Expired
        | Refusal::Exhausted
        | Refusal::Withdrawn
        | Refusal::Expelled
        | Refusal::NotInviter => Code::NotTrusted,
    }
}

fn refused_hint(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Expired | Refusal::Exhausted | Refusal::Withdrawn => "ask for a new one: airway invite",
        Refusal::NameTaken => "choose another: airway join --name <name>, or airway me set name <name>",
        Refusal::AddressTaken => "this agent cannot be in that network: take another home with --home",
        Refusal::Expelled => "whoever runs the network does not take it back: take another home with --home",
        Refusal::NotInviter => "ask another member for an invite, or whoever founded the network",
        Refusal::Failed => "try again in a moment",
    }
}

impl From<LookupError> for Error {
    fn from(error: LookupError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            LookupError::Who(error) => return error.into(),
            LookupError::Change(error) => return error.into(),
            LookupError::Store(error) => return error.into(),
            LookupError::NotFound { .. } => (
                Code::NotFound,
                "it may be away, or not want to be found: ask its owner for its card, from airway card",
            ),
            LookupError::Elsewhere { .. } => (
                Code::NotFound,
                "ask its owner for its card, from airway card, or for an invite, from airway invite",
            ),
            LookupError::Stranger { .. } => (
                Code::NotTrusted,
                "compare the fingerprint with its owner's, and ask it with: airway trust <who>",
            ),
            LookupError::Ambiguous { .. } => (
                Code::Conflict,
                "ask the owner for the fingerprint, and name one of them whole: <address>#<fingerprint>",
            ),
            LookupError::NoDht { .. } => (
                Code::NotFound,
                "see whom you trust with: airway trusted; to ask others, start with: airway up --dht client --bootstrap <card>",
            ),
            LookupError::NoServer => (
                Code::Unreachable,
                "try again in a moment; on the backbone, name a server with: airway up --bootstrap <card>",
            ),
        };
        Self::new(code, message).hint(hint)
    }
}

impl From<invite::Error> for Error {
    fn from(error: invite::Error) -> Self {
        let hint = match error {
            invite::Error::Card => "ask its holder for trust with: airway trust <card>",
            invite::Error::Ticket => "use it with: airway pair <ticket>",
            invite::Error::NotAnInvite | invite::Error::Altered | invite::Error::TooLong => {
                "copy the whole output of: airway invite"
            }
            invite::Error::Version(_) => "upgrade airway, which is older here than there",
            _ => "ask for a new one: airway invite",
        };
        Self::new(Code::BadRequest, error.to_string()).hint(hint)
    }
}

impl From<InviteStoreError> for Error {
    fn from(error: InviteStoreError) -> Self {
        let message = error.to_string();
        match error {
            InviteStoreError::Store(error) => error.into(),
            InviteStoreError::TooMany => Self::new(Code::Quota, message).hint(
                "take those back that nobody will use: airway invite list, airway invite withdraw <id>",
            ),
        }
    }
}
