//! A chat between two agents: what is typed goes out as a message, what comes in is printed.
//!
//! ```text
//! cargo run -p airway-example-chat -- --home alice-home           # prints a card, asks for the other's
//! cargo run -p airway-example-chat -- --home bob-home             # in another terminal
//! ```
//!
//! Messages are durable: what was acknowledged is shown by the next start if this one ends too early, and what the other
//! is not there for waits until they are.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::{error::Error, io::Write as _, path::PathBuf};

use airway::{
    Contact, Node, Outgoing, Overrides, Sent,
    store::{Clear, Filter},
};
use clap::Parser;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin, stdin};

/// Chat with another agent
#[derive(Debug, Parser)]
struct Args {
    /// Where this agent's files lie
    #[arg(long)]
    home: PathBuf,
    /// The multiaddr to listen on; port 0 is picked once and remembered
    #[arg(long, default_value = "/ip4/127.0.0.1/udp/0/quic-v1")]
    listen: String,
    /// The card of the other; asked for if absent
    #[arg(long)]
    card: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let flags = Overrides { listen: Some(vec![args.listen]), ..Overrides::default() };
    let node = Node::start(&args.home, flags).await?;
    let mut typed = BufReader::new(stdin()).lines();
    let other = meet(&node, args.card, &mut typed).await?;
    println!("talking to {}; end with Ctrl-D", other.endpoint());
    let talked = talk(&node, &other, &mut typed).await;
    node.shut_down().await;
    talked
}

/// Trusts the other's card, given or pasted.
async fn meet(
    node: &Node,
    card: Option<String>,
    typed: &mut Lines<BufReader<Stdin>>,
) -> Result<Contact, Box<dyn Error>> {
    println!("my card, to be given to the other:\n\n{}\n", node.card()?);
    let card = match card {
        Some(card) => card,
        None => {
            print!("the other's card: ");
            std::io::stdout().flush()?;
            typed.next_line().await?.ok_or("no card was given")?
        }
    };
    Ok(node.trust(&card.parse()?, None).await?)
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
