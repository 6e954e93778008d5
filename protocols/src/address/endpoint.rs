//! What people copy: an address, whom it belongs to, and which port of it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Address, ParseAddressError};
use crate::{
    agent::{AgentId, Fingerprint, ParseFingerprintError},
    port::{ParsePortError, Port},
};

/// An address with an optional fingerprint and port: `0:0000.EB19.D348#foc5k3hjvu2rpbac:7`.
///
/// Serialised as this text in every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// The label.
    pub address: Address,
    /// The agent that it has to be; without one, whoever is pinned to the address.
    pub fingerprint: Option<Fingerprint>,
    /// The port; without one, what the reader of the text takes for granted.
    pub port: Option<Port>,
}

/// What is wrong with the text of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseEndpointError {
    /// The address is wrong.
    #[error(transparent)]
    Address(#[from] ParseAddressError),
    /// The fingerprint behind `#` is wrong.
    #[error("the fingerprint after # is wrong: {0}")]
    Fingerprint(ParseFingerprintError),
    /// The port behind the last colon is wrong.
    #[error("the port after the last colon is wrong: {0}")]
    Port(ParsePortError),
    /// The fingerprint stands behind the port.
    #[error("the fingerprint goes before the port: address#fingerprint:port")]
    Order,
}

impl Endpoint {
    /// An agent's address with its fingerprint, and no port: the form to hand out.
    #[must_use]
    pub fn full(address: Address, agent: &AgentId) -> Self {
        Self { address, fingerprint: Some(agent.fingerprint()), port: None }
    }
}

impl From<Address> for Endpoint {
    fn from(address: Address) -> Self {
        Self { address, fingerprint: None, port: None }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)?;
        if let Some(fingerprint) = self.fingerprint {
            write!(f, "#{fingerprint}")?;
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        Ok(())
    }
}

impl FromStr for Endpoint {
    type Err = ParseEndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The colon inside the address is the first one; the second, if any, begins the port.
        let second = text.match_indices(':').nth(1).map(|(at, _)| at);
        let (rest, port) = match second {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let (address, fingerprint) = match rest.split_once('#') {
            Some((address, fingerprint)) => (address, Some(fingerprint)),
            None => (rest, None),
        };
        if fingerprint.is_none() && port.is_some_and(|port| port.contains('#')) {
            return Err(ParseEndpointError::Order);
        }
        Ok(Self {
            address: address.parse()?,
            fingerprint: fingerprint.map(str::parse).transpose().map_err(ParseEndpointError::Fingerprint)?,
            port: port.map(str::parse).transpose().map_err(ParseEndpointError::Port)?,
        })
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Endpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{decimal, port};

    fn endpoints() -> impl Strategy<Value = Endpoint> {
        let fingerprint = prop::option::of(any::<[u8; 32]>());
        let port = prop::option::of(1..=u16::MAX);
        (any::<[u8; 6]>(), fingerprint, port).prop_map(|(address, agent, port)| Endpoint {
            address: Address::from_bytes(address),
            fingerprint: agent.map(|bytes| AgentId::from_bytes(bytes).fingerprint()),
            port: port.map(|number| Port::new(number).unwrap()),
        })
    }

    proptest! {
        #[test]
        fn text_round_trips(endpoint in endpoints()) {
            prop_assert_eq!(endpoint.to_string().parse(), Ok(endpoint));
            let json = serde_json::to_string(&endpoint).unwrap();
            prop_assert_eq!(serde_json::from_str::<Endpoint>(&json).unwrap(), endpoint);
        }

        #[test]
        fn any_text_parses_or_fails(text in "[0-9a-fA-F:.# ]{0,40}|\\PC{0,40}") {
            let _ = text.parse::<Endpoint>();
        }

        #[test]
        fn a_changed_character_never_gives_the_same_endpoint(
            endpoint in endpoints(), at: prop::sample::Index, new in "[0-9A-Za-z:.# +-]",
        ) {
            let text = endpoint.to_string();
            let at = at.index(text.len());
            let mut changed = text.clone();
            changed.replace_range(at..=at, &new);
            prop_assume!(!changed.eq_ignore_ascii_case(&text));

            prop_assert_ne!(changed.parse(), Ok(endpoint));
        }
    }

    #[test]
    fn each_mistake_has_its_own_error() {
        use ParseEndpointError as E;

        let cases = [
            ("7", E::Address(ParseAddressError::Colon)),
            ("0:0000.EB19.D348#", E::Fingerprint(ParseFingerprintError::Length { found: 0 })),
            ("0:0000.EB19.D348#foc5:7", E::Fingerprint(ParseFingerprintError::Length { found: 4 })),
            ("0:0000.EB19.D348:", E::Port(ParsePortError::Number(decimal::Error::Empty))),
            ("0:0000.EB19.D348:0", E::Port(ParsePortError::Zero(port::Zero))),
            ("0:0000.EB19.D348:7:8", E::Port(ParsePortError::Number(decimal::Error::Character(':')))),
            ("0:0000.EB19.D348:7#foc5k3hjvu2rpbac", E::Order),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<Endpoint>(), Err(why), "{text:?}");
        }
    }

    #[test]
    fn the_full_form_names_the_agent() {
        let agent = AgentId::from_bytes([9; 32]);
        let full = Endpoint::full(Address::from_bytes([0, 0, 0xEB, 0x19, 0xD3, 0x48]), &agent);
        assert!(full.fingerprint.is_some_and(|fingerprint| fingerprint.matches(&agent)));
        assert_eq!(full.to_string(), format!("0:0000.EB19.D348#{}", agent.fingerprint()));
    }
}
