//! What people type and copy. Every value has one spelling, but for case where that is said.

use std::{
    fmt::{Debug, Display},
    str::{self, FromStr},
};

use airway_protocols::{
    address::{Address, Endpoint},
    agent::{AgentId, Fingerprint},
    card,
    data::MessageId,
    name::{self, Name},
    port::Port,
};
use serde::{Serialize, de::DeserializeOwned};

/// Parses the input if it is text; returns the value with its spelling in the input.
pub(crate) fn parse<T>(bytes: &[u8]) -> Option<(T, &str)>
where
    T: FromStr<Err: Display> + Display + Debug + PartialEq,
{
    let text = str::from_utf8(bytes).ok()?;
    match text.parse::<T>() {
        Ok(value) => {
            assert_eq!(value.to_string().parse::<T>().ok().as_ref(), Some(&value), "lost in writing");
            Some((value, text))
        }
        Err(error) => {
            assert!(!error.to_string().is_empty(), "refused without a word");
            None
        }
    }
}

/// Its JSON is its text, and read by the same rules.
pub(crate) fn check_json<T: Serialize + DeserializeOwned + Display + Debug + PartialEq>(value: &T) {
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(json, format!("\"{value}\""));
    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value);
}

/// `0:0000.EB19.D348`, in either case.
pub fn address(bytes: &[u8]) {
    let Some((address, text)) = parse::<Address>(bytes) else { return };
    assert_eq!(address.to_string(), text.to_ascii_uppercase());
    assert_eq!(Address::from_bytes(address.to_bytes()), address);
    check_json(&address);
}

/// `0:0000.EB19.D348#foc5k3hjvu2rpbac:7`, in either case.
pub fn endpoint(bytes: &[u8]) {
    let Some((endpoint, text)) = parse::<Endpoint>(bytes) else { return };
    assert!(endpoint.to_string().eq_ignore_ascii_case(text));
    assert_eq!(endpoint.fingerprint.is_some(), text.contains('#'));
    assert_eq!(endpoint.port.is_some(), text.matches(':').count() == 2);
    check_json(&endpoint);
}

/// `7`.
pub fn port(bytes: &[u8]) {
    let Some((port, text)) = parse::<Port>(bytes) else { return };
    assert_eq!(port.to_string(), text);
    assert_ne!(port.number(), 0);
    assert_eq!(port.is_reserved(), port.service().is_some());
    assert!(port.protocol().as_ref().starts_with("/airway/"));
    assert_eq!(serde_json::from_str::<Port>(text).unwrap(), port);
}

/// `ada`.
pub fn name(bytes: &[u8]) {
    let Some((name, text)) = parse::<Name>(bytes) else { return };
    assert_eq!(name.as_str(), text);
    assert!((1..=name::MAX_LENGTH).contains(&text.len()));
    assert!(text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')));
    assert!(!text.starts_with('-') && !text.ends_with('-'));
    assert!(!text.starts_with(card::PREFIX) && text.parse::<Endpoint>().is_err(), "two things in one text");
    check_json(&name);
}

/// `foc5k3hjvu2rpbac`, in either case.
pub fn fingerprint(bytes: &[u8]) {
    let Some((fingerprint, text)) = parse::<Fingerprint>(bytes) else { return };
    assert_eq!(fingerprint.to_string(), text.to_ascii_lowercase());
    check_json(&fingerprint);
}

/// 52 characters of base32, in either case.
pub fn agent_id(bytes: &[u8]) {
    let Some((agent, text)) = parse::<AgentId>(bytes) else { return };
    assert_eq!(agent.to_string(), text.to_ascii_lowercase());
    assert_eq!(AgentId::from_bytes(*agent.as_bytes()), agent);
    assert!(agent.fingerprint().matches(&agent));
    assert!(agent.to_string().starts_with(&agent.fingerprint().to_string()));
    check_json(&agent);
}

/// A UUID of version 7 with hyphens, in either case.
pub fn message_id(bytes: &[u8]) {
    let Some((id, text)) = parse::<MessageId>(bytes) else { return };
    assert_eq!(id.to_string(), text.to_ascii_lowercase());
    assert_eq!(id.as_bytes()[6] >> 4, 7, "another version");
    assert_eq!(id.as_bytes()[8] >> 6, 0b10, "another variant");
    assert_eq!(MessageId::from_bytes(*id.as_bytes()), Ok(id));
    check_json(&id);
}
