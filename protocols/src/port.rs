//! Ports: which protocol a stream to an agent speaks.

use std::{fmt, str::FromStr};

use libp2p::StreamProtocol;
use serde::{Deserialize, Serialize};

use crate::{data, decimal, echo, events, tasks, trust};

/// A port of an agent, 1 to 65535. Serialised as its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Port(u16);

/// Port 0 names no port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("port 0 does not exist")]
pub struct Zero;

/// Why a text is not a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParsePortError {
    /// It is not the decimal spelling of a 16-bit number.
    #[error(transparent)]
    Number(#[from] decimal::Error),
    /// It is 0.
    #[error(transparent)]
    Zero(#[from] Zero),
}

impl Port {
    /// Echoes bytes; what `ping` measures.
    pub const ECHO: Self = Self(7);
    /// Trust requests' answers and revocations.
    pub const TRUST: Self = Self(444);
    /// Text streams: an ordinary port by convention, open to any listener.
    pub const TEXT: Self = Self(1000);
    /// Typed messages to the inbox; [files](crate::files) go there by a protocol of their own.
    pub const DATA: Self = Self(1001);
    /// Events from the agent's own broker.
    pub const EVENTS: Self = Self(1002);
    /// Tasks.
    pub const TASKS: Self = Self(1003);

    /// The ports that [services](Self::service) hold.
    const SERVICES: [Self; 5] = [Self::ECHO, Self::TRUST, Self::DATA, Self::EVENTS, Self::TASKS];

    /// A port by its number.
    ///
    /// # Errors
    ///
    /// [`Zero`] for 0.
    pub const fn new(number: u16) -> Result<Self, Zero> {
        if number == 0 { Err(Zero) } else { Ok(Self(number)) }
    }

    /// The number, never 0.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The service that holds this port on every agent, or `None` for a port that users may listen on.
    #[must_use]
    pub const fn service(self) -> Option<&'static str> {
        match self {
            Self::ECHO => Some("echo"),
            Self::TRUST => Some("trust"),
            Self::DATA => Some("data"),
            Self::EVENTS => Some("events"),
            Self::TASKS => Some("tasks"),
            _ => None,
        }
    }

    /// Whether the port belongs to a [service](Self::service), so that users cannot listen on it.
    #[must_use]
    pub const fn is_reserved(self) -> bool {
        self.service().is_some()
    }

    /// The protocol that a stream to this port negotiates.
    #[must_use]
    pub fn protocol(self) -> StreamProtocol {
        match self {
            Self::ECHO => echo::PROTOCOL,
            Self::TRUST => trust::PROTOCOL,
            Self::DATA => data::PROTOCOL,
            Self::EVENTS => events::PROTOCOL,
            Self::TASKS => tasks::PROTOCOL,
            Self(number) => user_protocol(number),
        }
    }

    /// The port whose [`protocol`](Self::protocol) this is, or `None` for one that no port has.
    ///
    /// Strict: `/airway/port/7/1.0.0` is no port, since port 7 speaks another protocol.
    #[must_use]
    pub fn of_protocol(protocol: &StreamProtocol) -> Option<Self> {
        let service = |port: &Self| port.protocol() == *protocol;
        if let Some(port) = Self::SERVICES.iter().find(|port| service(port)) {
            return Some(*port);
        }
        let number = protocol.as_ref().strip_prefix(USER_PREFIX)?.strip_suffix(USER_SUFFIX)?;
        number.parse().ok().filter(|port: &Self| !port.is_reserved())
    }
}

/// What stands around the number in the protocol of a port that users may listen on.
const USER_PREFIX: &str = "/airway/port/";
const USER_SUFFIX: &str = "/1.0.0";

#[expect(
    clippy::expect_used,
    reason = "the only rule for a protocol id is the leading slash, which stands here"
)]
fn user_protocol(number: u16) -> StreamProtocol {
    StreamProtocol::try_from_owned(format!("{USER_PREFIX}{number}{USER_SUFFIX}"))
        .expect("begins with a slash")
}

impl TryFrom<u16> for Port {
    type Error = Zero;

    fn try_from(number: u16) -> Result<Self, Self::Error> {
        Self::new(number)
    }
}

impl From<Port> for u16 {
    fn from(port: Port) -> Self {
        port.0
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Port {
    type Err = ParsePortError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(decimal::parse(text)?)?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_port_has_its_own_protocol_and_text() {
        let mut protocols = HashSet::new();
        for number in 1..=u16::MAX {
            let port = Port::new(number).unwrap();
            assert_eq!(port.to_string().parse(), Ok(port));
            assert_eq!(Port::of_protocol(&port.protocol()), Some(port));
            assert!(protocols.insert(port.protocol()), "{port}");
        }
    }

    #[test]
    fn a_protocol_that_no_port_has_is_none() {
        let others = [
            "/airway/port/7/1.0.0",
            "/airway/port/1003/1.0.0",
            "/airway/port/0/1.0.0",
            "/airway/port/080/1.0.0",
            "/airway/port/65536/1.0.0",
            "/airway/port//1.0.0",
            "/airway/port/80/1.0.1",
            "/airway/port/80/1.0.0/",
            "/airway/port/80",
            "/airway/files/1.0.0",
            "/airway/perf/1.0.0",
            "/",
        ];
        for other in others {
            assert_eq!(Port::of_protocol(&StreamProtocol::new(other)), None, "{other}");
        }
    }

    #[test]
    fn text_streams_are_an_ordinary_port() {
        assert!(!Port::TEXT.is_reserved());
        assert_eq!(Port::TEXT.protocol().as_ref(), "/airway/port/1000/1.0.0");
    }

    #[test]
    fn services_hold_their_ports() {
        let reserved: Vec<_> = (1..=u16::MAX).filter(|n| Port(*n).is_reserved()).collect();
        assert_eq!(reserved, [7, 444, 1001, 1002, 1003]);
        assert_eq!(Port::TASKS.service(), Some("tasks"));
    }

    #[test]
    fn zero_is_refused_everywhere() {
        assert_eq!(Port::new(0), Err(Zero));
        assert_eq!("0".parse::<Port>(), Err(ParsePortError::Zero(Zero)));
        assert!(serde_json::from_str::<Port>("0").is_err());
        assert_eq!(serde_json::from_str::<Port>("80").unwrap().number(), 80);
    }

    #[test]
    fn odd_spellings_are_refused() {
        for text in ["", " 7", "7 ", "07", "+7", "-1", "65536", "0x7"] {
            assert!(matches!(text.parse::<Port>(), Err(ParsePortError::Number(_))), "{text:?}");
        }
    }
}
