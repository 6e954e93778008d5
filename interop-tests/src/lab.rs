//! A laboratory of networks: hosts, routers with NATs, and an internet between them, each a network namespace of Linux.
//!
//! ```text
//!  host ── router ──┐
//!  host ──┘         ├── internet (a bridge, 11.0.0.0/8) ── host
//!  host ── router ──┘
//! ```
//!
//! The nodes are those of this process: a node's sockets belong to the namespace that the thread which starts it has
//! entered. Nothing here has a name on the machine, and nothing of the machine's own network is touched: a namespace lives
//! as long as a process that waits for the end of a pipe from us, so that the kernel takes all of it away when a test ends,
//! however it does.

mod agent;
mod space;

use std::{
    io,
    net::Ipv4Addr,
    sync::atomic::{AtomicU8, Ordering},
};

pub use agent::Agent;
use airway::Overrides;
use space::Space;

/// The addresses of the internet: public ones, which nobody answers to in here but our hosts.
const INTERNET: u8 = 8;

/// The addresses behind a router.
const HOME: u8 = 24;

/// Where the router is in its home.
const GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);

/// Why there is no laboratory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A program is missing.
    #[error("the laboratory needs the program {program}: apt-get install {package}")]
    Missing {
        /// What was to be run.
        program: &'static str,
        /// What brings it on Debian.
        package: &'static str,
    },
    /// The system makes no namespaces for us.
    #[error(
        "the laboratory makes network namespaces, which takes root, or CAP_SYS_ADMIN and CAP_NET_ADMIN: {0}"
    )]
    Forbidden(String),
    /// A program failed.
    #[error("`{command}` failed: {says}")]
    Failed {
        /// The program with its arguments.
        command: String,
        /// What it says.
        says: String,
    },
    /// The system failed.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// What a router makes of connections from its home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nat {
    /// One port outside for each port inside, whoever is spoken to; whoever was spoken to may answer. Two of them can be
    /// punched.
    Easy,
    /// Another port for everybody who is spoken to: nobody can tell where to knock.
    Hard,
}

/// An internet, to put hosts and routers into.
#[derive(Debug)]
pub struct Lab {
    internet: Space,
    ports: AtomicU8,
}

impl Lab {
    /// An internet without anybody in it.
    ///
    /// # Errors
    /// If the machine lacks a program, or does not let us; the error says what to do.
    pub fn new() -> Result<Self, Error> {
        let internet = Space::new()?;
        internet.run("ip", "link add hub type bridge")?;
        internet.run("ip", "link set hub up")?;
        Ok(Self { internet, ports: AtomicU8::new(0) })
    }

    /// A host in the midst of the internet, at this address of `11.0.0.0/8`.
    ///
    /// # Errors
    /// If a program fails.
    pub fn host(&self, ip: Ipv4Addr) -> Result<Host, Error> {
        let space = Space::new()?;
        self.internet.link(self.next_port(), &space, "eth0")?;
        let host = Host { space, width: INTERNET, gateway: None };
        host.set_address(ip)?;
        Ok(host)
    }

    /// A router at this address, with an empty home behind it.
    ///
    /// # Errors
    /// If a program fails.
    pub fn router(&self, ip: Ipv4Addr, nat: Nat) -> Result<Router, Error> {
        let Host { space, .. } = self.host(ip)?;
        space.run("ip", "link add hub type bridge")?;
        space.run("ip", &format!("addr add {GATEWAY}/{HOME} dev hub"))?;
        space.run("ip", "link set hub up")?;
        space.run("sh", "echo 1 > /proc/sys/net/ipv4/ip_forward")?;
        let random = if nat == Nat::Hard { "random,fully-random" } else { "" };
        space.run("nft", "add table ip nat")?;
        space.run("nft", "add chain ip nat out { type nat hook postrouting priority 100 ; }")?;
        space.run("nft", &format!("add rule ip nat out oifname eth0 masquerade {random}"))?;
        // What comes unasked is met by silence. It also must not become a connection of the router's own, which would take
        // the port from whoever knocks from inside next.
        space.run("nft", "add table ip guard")?;
        space.run("nft", "add chain ip guard in { type filter hook input priority 0 ; }")?;
        space.run("nft", "add rule ip guard in iifname eth0 ct state new drop")?;
        Ok(Router { space, ports: AtomicU8::new(0) })
    }

    fn next_port(&self) -> u8 {
        self.ports.fetch_add(1, Ordering::Relaxed)
    }
}

/// A router with a NAT.
#[derive(Debug)]
pub struct Router {
    space: Space,
    ports: AtomicU8,
}

impl Router {
    /// A host in the router's home, at `192.168.1.last`.
    ///
    /// # Errors
    /// If a program fails.
    pub fn host(&self, last: u8) -> Result<Host, Error> {
        let space = Space::new()?;
        self.space.link(self.ports.fetch_add(1, Ordering::Relaxed), &space, "eth0")?;
        let host = Host { space, width: HOME, gateway: Some(GATEWAY) };
        host.set_address(Ipv4Addr::new(192, 168, 1, last))?;
        Ok(host)
    }
}

/// A machine, with one network interface.
#[derive(Debug)]
pub struct Host {
    space: Space,
    width: u8,
    gateway: Option<Ipv4Addr>,
}

impl Host {
    /// Gives the host this address and takes away the one that it had.
    ///
    /// # Errors
    /// If a program fails.
    pub fn set_address(&self, ip: Ipv4Addr) -> Result<(), Error> {
        self.space.run("ip", "addr flush dev eth0 scope global")?;
        self.space.run("ip", &format!("addr add {ip}/{} dev eth0", self.width))?;
        if let Some(gateway) = self.gateway {
            self.space.run("ip", &format!("route replace default via {gateway}"))?;
        }
        Ok(())
    }

    /// The words before those that start a program on this machine, which start it on the host.
    pub fn prefix(&self) -> Vec<String> {
        self.space.prefix()
    }

    /// Starts an agent on the host, which listens on QUIC and TCP at whatever address the host has.
    ///
    /// # Errors
    /// If the node does not start.
    pub async fn agent(&self, name: &str, settings: Overrides) -> io::Result<Agent> {
        Agent::start(self.space.entrance()?, name, settings).await
    }
}
