//! The variable parts of paths.

use airway_protocols::port::Port;
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::{Code, Error};

/// An agent.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Who {
    /// Alias, name, address or card.
    pub(super) who: String,
}

/// A port of an agent.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Remote {
    /// Alias, name, address or card.
    pub(super) who: String,
    /// A port: 1 to 65535.
    #[param(value_type = u16, minimum = 1)]
    pub(super) port: String,
}

/// A port of ours.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Local {
    /// A port: 1000, or any other that is not reserved.
    #[param(value_type = u16, minimum = 1)]
    pub(super) port: String,
}

/// A received message.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Id {
    /// An id, a unique beginning of one, or a sequence number.
    pub(super) id: String,
}

/// A task.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct TaskPath {
    /// An id, or a unique beginning of one.
    pub(super) id: String,
}

/// A stream that was announced.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Number {
    /// The id that came with it.
    #[param(value_type = u64)]
    pub(super) id: String,
}

/// A ticket of ours.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct TicketPath {
    /// The id that came with it.
    pub(super) id: String,
}

/// An invite of ours.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct InvitePath {
    /// The id that came with it.
    pub(super) id: String,
}

/// The port that a text names.
pub(super) fn port(text: &str) -> Result<Port, Error> {
    text.parse().map_err(|error| {
        Error::new(Code::BadRequest, format!("{text:?} is not a port: {error}"))
            .hint("a port is a number from 1 to 65535")
    })
}
