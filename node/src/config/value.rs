//! What counts as a good value of each setting.

use std::{borrow::Cow, net::IpAddr};

use airway_protocols::name::Name;
use ipnet::IpNet;
use libp2p::{Multiaddr, multiaddr::Protocol};
use tracing_subscriber::EnvFilter;

/// Longest list of addresses: others dial what is announced, each address a try.
const ADDRESSES: usize = 16;

/// Longest list of networks: each is looked at for every connection that comes in.
const NETWORKS: usize = 64;

/// The end of a QUIC address.
pub(super) const QUIC: Protocol<'static> = Protocol::QuicV1;

/// The UDP part of an address.
pub(super) fn udp(port: u16) -> Protocol<'static> {
    Protocol::Udp(port)
}

/// The TCP part of an address.
pub(super) fn tcp(port: u16) -> Protocol<'static> {
    Protocol::Tcp(port)
}

/// A value that will not do.
#[derive(Debug)]
pub(super) struct Bad {
    /// The value, as text.
    pub(super) value: String,
    /// What is expected in its place.
    pub(super) expected: Cow<'static, str>,
}

impl Bad {
    pub(super) fn new(value: impl ToString, expected: impl Into<Cow<'static, str>>) -> Self {
        Self { value: value.to_string(), expected: expected.into() }
    }
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: one object for each line.
    Json,
}

impl LogFormat {
    /// The value as it is written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

pub(super) fn name(name: String) -> Result<String, Bad> {
    match name.parse::<Name>() {
        Ok(_) => Ok(name),
        Err(rule) => Err(Bad::new(name, format!("a name such as reviewer-2: {rule}"))),
    }
}

pub(super) fn listen(addresses: Vec<String>) -> Result<Vec<Multiaddr>, Bad> {
    const EXPECTED: &str = "an address such as /ip4/0.0.0.0/udp/4001/quic-v1 or /ip4/0.0.0.0/tcp/4001";
    parse_all(addresses, EXPECTED, |host, _port| matches!(host, Protocol::Ip4(_) | Protocol::Ip6(_)))
}

pub(super) fn announce(addresses: Vec<String>) -> Result<Vec<Multiaddr>, Bad> {
    const EXPECTED: &str = "an address that others can dial, such as /ip4/192.0.2.1/udp/4001/quic-v1 \
                            or /dns4/agent.example.org/tcp/4001";
    parse_all(addresses, EXPECTED, |host, port| {
        let dialable = match host {
            Protocol::Ip4(ip) => !ip.is_unspecified(),
            Protocol::Ip6(ip) => !ip.is_unspecified(),
            Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_) => true,
            _ => false,
        };
        dialable && port != 0
    })
}

/// Parses addresses of the form host, port, transport, for the transports that a node has.
fn parse_all(
    addresses: Vec<String>,
    expected: &'static str,
    accepts: impl Fn(&Protocol<'_>, u16) -> bool,
) -> Result<Vec<Multiaddr>, Bad> {
    if addresses.len() > ADDRESSES {
        return Err(Bad::new(format!("{} addresses", addresses.len()), format!("at most {ADDRESSES}")));
    }
    let parse = |text: String| {
        let address = text.parse::<Multiaddr>().ok().filter(|address| {
            let parts: Vec<_> = address.iter().collect();
            match parts.as_slice() {
                [host, Protocol::Udp(port), Protocol::QuicV1] | [host, Protocol::Tcp(port)] => {
                    accepts(host, *port)
                }
                _ => false,
            }
        });
        address.ok_or_else(|| Bad::new(text, expected))
    };
    addresses.into_iter().map(parse).collect()
}

pub(super) fn networks(networks: Vec<String>) -> Result<Vec<IpNet>, Bad> {
    const EXPECTED: &str = "a network such as 192.0.2.0/24, or an IP address";
    if networks.len() > NETWORKS {
        return Err(Bad::new(format!("{} networks", networks.len()), format!("at most {NETWORKS}")));
    }
    let parse = |text: String| {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map_err(|_| Bad::new(text, EXPECTED))
    };
    networks.into_iter().map(parse).collect()
}

pub(super) fn filter(filter: String) -> Result<String, Bad> {
    match EnvFilter::try_new(&filter) {
        Ok(_) => Ok(filter),
        Err(_) => Err(Bad::new(filter, "directives such as info, or warn,airway=debug")),
    }
}

pub(super) fn format(format: String) -> Result<LogFormat, Bad> {
    one_of(format, [LogFormat::Text, LogFormat::Json], LogFormat::as_str)
}

/// Reads a value of which there are a few.
pub(super) fn one_of<T: Copy, const N: usize>(
    text: String,
    all: [T; N],
    name: impl Fn(T) -> &'static str,
) -> Result<T, Bad> {
    let known = all.into_iter().find(|known| name(*known) == text);
    known.ok_or_else(|| {
        let [others @ .., last] = &all.map(name)[..] else { return Bad::new(text, "nothing") };
        Bad::new(text, format!("{} or {last}", others.join(", ")))
    })
}

pub(super) fn bytes(bytes: u64) -> Result<u64, Bad> {
    if bytes == 0 { Err(Bad::new(bytes, "at least 1 byte")) } else { Ok(bytes) }
}

pub(super) fn count(count: u64) -> Result<u32, Bad> {
    count_up_to(count, u32::MAX)
}

pub(super) fn count_up_to(count: u64, most: u32) -> Result<u32, Bad> {
    let small = u32::try_from(count).ok().filter(|count| (1..=most).contains(count));
    small.ok_or_else(|| Bad::new(count, format!("1 to {most}")))
}
