//! What the driver and every peer agree on: the flags that a peer starts with, and the first line that it prints. The rest,
//! verb by verb, stands in the README.

use std::{fmt, path::PathBuf};

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

/// What a peer listens on and dials by; nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum Transport {
    /// QUIC, which brings its own security.
    Quic,
    /// TCP secured by TLS, where the peer can choose.
    TcpTls,
    /// TCP secured by Noise, where the peer can choose.
    TcpNoise,
}

impl Transport {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Quic, Self::TcpTls, Self::TcpNoise];

    /// As a flag.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quic => "quic",
            Self::TcpTls => "tcp-tls",
            Self::TcpNoise => "tcp-noise",
        }
    }

    /// What `path` calls the transport.
    pub const fn transport(self) -> &'static str {
        match self {
            Self::Quic => "quic",
            Self::TcpTls | Self::TcpNoise => "tcp",
        }
    }

    /// What `path` calls the security.
    pub const fn security(self) -> &'static str {
        match self {
            Self::Quic => "quic",
            Self::TcpTls => "tls",
            Self::TcpNoise => "noise",
        }
    }

    /// Where to listen for it, on a port that the peer picks.
    pub fn listen(self, ip: &str) -> String {
        match self {
            Self::Quic => format!("/ip4/{ip}/udp/0/quic-v1"),
            Self::TcpTls | Self::TcpNoise => format!("/ip4/{ip}/tcp/0"),
        }
    }
}

/// As a flag.
impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The flags of a peer.
#[derive(Debug, Clone, Args)]
pub struct Flags {
    /// What it calls itself
    #[arg(long)]
    pub name: String,
    /// What it listens on and dials by
    #[arg(long, value_enum)]
    pub transport: Transport,
    /// The IP address to listen on
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pub listen: String,
    /// Where its files lie; without, nothing outlives it
    #[arg(long, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// The network to join at the start
    #[arg(long)]
    pub invite: Option<String>,
    /// A relay to be reached through; may be given several times
    #[arg(long, value_name = "CARD")]
    pub relay: Vec<String>,
    /// Be a relay for others
    #[arg(long)]
    pub relay_server: bool,
}

impl Flags {
    /// The flags of a peer on loopback.
    pub fn new(name: &str, transport: Transport) -> Self {
        Self {
            name: name.into(),
            transport,
            listen: "127.0.0.1".into(),
            home: None,
            invite: None,
            relay: Vec::new(),
            relay_server: false,
        }
    }

    /// As they stand on a command line.
    pub fn to_args(&self) -> Vec<String> {
        let mut args = vec![
            format!("--name={}", self.name),
            format!("--transport={}", self.transport),
            format!("--listen={}", self.listen),
        ];
        args.extend(self.home.as_ref().map(|home| format!("--home={}", home.display())));
        args.extend(self.invite.as_ref().map(|invite| format!("--invite={invite}")));
        args.extend(self.relay.iter().map(|relay| format!("--relay={relay}")));
        args.extend(self.relay_server.then(|| "--relay-server".to_owned()));
        args
    }
}

/// The first line of a peer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Begin {
    /// It runs.
    Ready(Ready),
    /// It does not, and ends with 1.
    Failed {
        /// Why, for people.
        error: String,
    },
}

/// Who a peer is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ready {
    /// The id of libp2p.
    pub peer: String,
    /// Address and fingerprint; another one as soon as it joins a network.
    pub endpoint: String,
    /// The contact card.
    pub card: String,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        flags: Flags,
    }

    #[test]
    fn flags_are_read_as_they_are_written() {
        for transport in Transport::ALL {
            let flags = Flags {
                home: Some("/some where".into()),
                invite: Some("airway-net:x".into()),
                relay: vec!["airway:a".into(), "airway:b".into()],
                relay_server: true,
                ..Flags::new("-alice", transport)
            };
            let args = ["peer".to_owned()].into_iter().chain(flags.to_args());
            let read = Program::try_parse_from(args).unwrap().flags;
            assert_eq!(format!("{read:?}"), format!("{flags:?}"));
        }
    }
}
