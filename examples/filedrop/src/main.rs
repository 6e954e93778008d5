//! A file drop: what is put into a directory here arrives in a directory there.
//!
//! ```text
//! cargo run -p airway-example-filedrop -- --home bob-home receive in        # prints a ticket, for the other
//! cargo run -p airway-example-filedrop -- --home alice-home send out --to 'airway-pair:CiQ…'
//! ```
//!
//! The ticket is good for one sender, who may do nothing but send.
//!
//! Either side may be away, and may end at any time: what waits lies in the outbox, what has come in the inbox, and a
//! file that broke off goes on where it was. Nothing that is there already is overwritten.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod receive;
mod send;

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use airway::{
    Contact, Node, Overrides, TICKET_LIFE, Terms,
    protocols::{
        port::Port,
        ticket::{self, Ticket},
        trust::{Ports, Scopes},
    },
};
use clap::{Parser, Subcommand};

/// How long the maker of a ticket may take to answer.
const WAIT: Duration = Duration::from_secs(30);

/// What may go wrong here ends the program; run again, it goes on where it was.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Send what is put into a directory, or receive it
#[derive(Debug, Parser)]
struct Args {
    /// Where this agent's files lie
    #[arg(long)]
    home: PathBuf,
    /// The multiaddr to listen on; port 0 is picked once and remembered
    #[arg(long, default_value = "/ip4/127.0.0.1/udp/0/quic-v1")]
    listen: String,
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Debug, Subcommand)]
enum Mode {
    /// Put every file that comes in into this directory
    Receive { dir: PathBuf },
    /// Send every file in this directory; what has arrived is moved to `sent` in it
    Send {
        dir: PathBuf,
        /// The ticket of the other; afterwards its name or address do as well
        #[arg(long)]
        to: String,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let flags = Overrides { listen: Some(vec![args.listen]), ..Overrides::default() };
    let node = Node::start(&args.home, flags).await?;
    let ended = tokio::select! {
        ended = run(&node, args.mode) => ended,
        pressed = tokio::signal::ctrl_c() => Ok(pressed?),
    };
    node.shut_down().await;
    ended
}

/// Goes on until something fails.
async fn run(node: &Node, mode: Mode) -> Result<()> {
    match mode {
        Mode::Receive { dir } => {
            println!("a ticket, for somebody who may send:\n\n{}\n", invite(node).await?);
            receive::all(node, &dir).await
        }
        Mode::Send { dir, to } => send::all(node, &meet(node, &to).await?, &dir).await,
    }
}

/// A ticket whose user may send, and nothing else.
async fn invite(node: &Node) -> Result<Ticket> {
    let scopes = Scopes { ports: Ports::Only([Port::DATA].into()), ..Scopes::nothing() };
    let terms = Terms { scopes: Some(scopes), ..Terms::default() };
    Ok(node.ticket(terms, TICKET_LIFE, false).await?)
}

/// The maker of a ticket, who is trusted from then on; or somebody who is already.
async fn meet(node: &Node, who: &str) -> Result<Contact> {
    match who.parse() {
        Ok(ticket) => Ok(node.pair(&ticket, Terms::default(), WAIT).await?),
        Err(ticket::Error::NotATicket) => Ok(node.find(who)?),
        Err(error) => Err(error.into()),
    }
}

/// Gives a file a name in `dir` besides the one that it has; returns the new one. If that is taken, `2-`, `3-` … stand
/// before it.
fn link(file: &Path, dir: &Path, name: &str) -> io::Result<PathBuf> {
    let mut path = dir.join(name);
    for number in 2_u64.. {
        // Unlike a rename, a link replaces nothing.
        match fs::hard_link(file, &path) {
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => {}
            done => return done.map(|()| path),
        }
        path = dir.join(format!("{number}-{name}"));
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests;
