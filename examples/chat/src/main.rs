//! A chat between two agents: what is typed goes out as a message, what comes in is printed.
//!
//! ```text
//! cargo run -p airway-example-chat -- --home alice-home                                # prints a ticket, and waits
//! cargo run -p airway-example-chat -- --home bob-home --ticket 'airway-pair:CiQ…'      # in another terminal
//! ```
//!
//! The ticket is for the first time: whom they talk to is remembered.
//!
//! Messages are durable: what was acknowledged is shown by the next start if this one ends too early, and what the other
//! is not there for waits until they are.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::{error::Error, path::PathBuf, time::Duration};

use airway::{
    Contact, Node, Outgoing, Overrides, Sent, TICKET_LIFE, Terms,
    store::{Clear, Filter},
};
use clap::Parser;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin, stdin};

/// How long the maker of a ticket may take to answer.
const WAIT: Duration = Duration::from_secs(30);

/// Chat with another agent
#[derive(Debug, Parser)]
struct Args {
    /// Where this agent's files lie
    #[arg(long)]
    home: PathBuf,
    /// The multiaddr to listen on; port 0 is picked once and remembered
    #[arg(long, default_value = "/ip4/127.0.0.1/udp/0/quic-v1")]
    listen: String,
    /// The ticket of the other; without one, and nobody known yet, one is made
    #[arg(long)]
    ticket: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let flags = Overrides { listen: Some(vec![args.listen]), ..Overrides::default() };
    let node = Node::start(&args.home, flags).await?;
    let mut typed = BufReader::new(stdin()).lines();
    let other = meet(&node, args.ticket).await?;
    println!("talking to {}; end with Ctrl-D", other.endpoint());
    let talked = talk(&node, &other, &mut typed).await;
    node.shut_down().await;
    talked
}

/// The other: whose ticket this is, or who is known already, or whoever uses a ticket of ours.
async fn meet(node: &Node, ticket: Option<String>) -> Result<Contact, Box<dyn Error>> {
    if let Some(ticket) = ticket {
        return Ok(node.pair(&ticket.parse()?, Terms::default(), WAIT).await?);
    }
    if let Some(known) = node.contacts().into_iter().next() {
        return Ok(known);
    }
    let ticket = node.ticket(Terms::default(), TICKET_LIFE, false).await?;
    println!("a ticket, for the other alone:\n\n{ticket}\n");
    let other = node.used(&ticket.id()).await?;
    Ok(node.contact(&other).ok_or("the other has left again")?)
}

/// Sends what is typed and prints what comes in, until there is no more to send.
async fn talk(
    node: &Node,
    other: &Contact,
    typed: &mut Lines<BufReader<Stdin>>,
) -> Result<(), Box<dyn Error>> {
    let mut newest = node.newest();
    loop {
        newest.mark_unchanged();
        show(node, other).await?;
        tokio::select! {
            line = typed.next_line() => match line? {
                Some(line) => match node.send(other, Outgoing::text(line)).await {
                    Ok(Sent::Delivered { .. }) => {}
                    Ok(Sent::Waiting { obstacle, .. }) => println!("waits until they are back: {obstacle}"),
                    Err(error) => println!("not sent: {error}"),
                },
                None => return Ok(()),
            },
            changed = newest.changed() => changed?,
        }
    }
}

/// Prints and clears what has come in from the other.
async fn show(node: &Node, other: &Contact) -> Result<(), Box<dyn Error>> {
    let filter = Filter { agent: Some(*other.agent.as_bytes()), ..Filter::default() };
    let messages = node.inbox(filter).await?;
    for message in &messages {
        let text = String::from_utf8_lossy(&message.payload);
        // What others write shall not steer our terminal.
        println!("> {}", text.replace(char::is_control, " "));
    }
    node.clear(Clear::Messages(messages.iter().map(|message| message.seq).collect())).await?;
    Ok(())
}
