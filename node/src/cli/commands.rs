//! The commands: one file each, with its arguments and what it does.

mod alias;
mod approve;
mod bench;
mod block;
mod card;
mod completions;
mod config;
mod contact;
mod demo;
mod dial;
mod doctor;
mod down;
mod find;
mod help;
mod identity;
mod inbox;
mod invite;
mod join;
mod listen;
mod me;
mod message;
mod network;
mod outbox;
mod pair;
mod peers;
mod pending;
mod ping;
mod pins;
mod polo;
mod publish;
mod reject;
mod reply;
mod request;
mod scope;
mod send;
mod send_file;
mod service;
mod status;
mod subscribe;
mod task;
mod topics;
mod trust;
mod trusted;
mod unblock;
mod untrust;
mod up;
mod worker;

use clap::Subcommand;

use super::{context::Context, error::Error, output::Output};

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the daemon of this agent
    Up(up::Args),
    /// Stop the daemon and wait until it is gone
    Down(down::Args),
    /// Show whether all is well
    Status(status::Args),
    /// Look for what is wrong, and say what to do about it
    Doctor(doctor::Args),
    /// Print a systemd unit that runs the daemon of this agent
    Service(service::Args),
    /// Show who this agent is, or change what others find of it
    Me(me::Args),
    /// Take this agent to another home
    Identity(identity::Args),
    /// Print the contact card to hand out
    Card(card::Args),
    /// Trust an agent, and be trusted, by a ticket that one makes and the other uses
    Pair(pair::Args),
    /// Ask an agent for trust: the holder of a contact card, or one that is found in the network
    Trust(trust::Args),
    /// List the agents that have asked for trust, and wait
    Pending(pending::Args),
    /// Trust an agent that has asked
    Approve(approve::Args),
    /// Turn down an agent that has asked
    Reject(reject::Args),
    /// Stop trusting an agent, or take a request back
    Untrust(untrust::Args),
    /// Hear nothing of an agent any more
    Block(block::Args),
    /// Hear of a blocked agent again
    Unblock(unblock::Args),
    /// List the agents that are trusted, or what happened with them
    Trusted(trusted::Args),
    /// Change what a trusted agent may do
    Scope(scope::Args),
    /// List which agent each address belongs to
    Pins(pins::Args),
    /// Give a trusted agent a name of your own
    Alias(alias::Args),
    /// Show, found, leave and run the private network that this agent is in
    Network(network::Args),
    /// Let others into the network
    Invite(invite::Args),
    /// Join a network by an invite
    Join(join::Args),
    /// Look for an agent by name or address, or for all that can do something
    Find(find::Args),
    /// List the agents that are connected
    Peers(peers::Args),
    /// Measure round trips to an agent
    Ping(ping::Args),
    /// Measure latency, throughput and new streams to an agent
    Bench(bench::Args),
    /// Send a message
    Send(send::Args),
    /// Send a file
    SendFile(send_file::Args),
    /// Answer a message
    Reply(reply::Args),
    /// See what is on its way, and take it back
    Outbox(outbox::Args),
    /// Read and clear received messages
    Inbox(inbox::Args),
    /// Publish an event
    Publish(publish::Args),
    /// Print events as they are published
    Subscribe(subscribe::Args),
    /// List the topics of which events are kept
    Topics(topics::Args),
    /// Give other agents tasks, and do theirs
    Task(task::Args),
    /// Have a command do the tasks of others
    Worker(worker::Args),
    /// See what agents are worth, by the receipts of their tasks
    Polo(polo::Args),
    /// Accept a stream on a port and join it to stdin and stdout
    Listen(listen::Args),
    /// Open a stream to a port of an agent and join it to stdin and stdout
    Dial(dial::Args),
    /// Show the effective settings
    Config(config::Args),
    /// Let agents meet on this machine, as a first look
    Demo(demo::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Show help, as JSON for programs
    Help(help::Args),
}

impl Command {
    /// Whether it is the daemon that runs in this process.
    pub(super) fn is_daemon(&self) -> bool {
        matches!(self, Self::Up(args) if !args.detach) || matches!(self, Self::Demo(_))
    }

    /// Runs the command and prints its value.
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        match self {
            Self::Up(args) if args.detach => finish(context, up::detach::run(args, context).await),
            Self::Up(args) => finish(context, up::run(args, context).await),
            Self::Down(args) => finish(context, down::run(args, context).await),
            Self::Status(args) => finish(context, status::run(args, context).await),
            Self::Doctor(args) => doctor::run(args, context).await,
            Self::Service(args) => finish(context, service::run(args, context)),
            Self::Me(args) => args.run(context).await,
            Self::Identity(args) => args.run(context).await,
            Self::Card(args) => finish(context, card::run(args, context).await),
            Self::Pair(args) => args.run(context).await,
            Self::Trust(args) => finish(context, trust::run(args, context).await),
            Self::Pending(args) => args.run(context).await,
            Self::Approve(args) => finish(context, approve::run(args, context).await),
            Self::Reject(args) => finish(context, reject::run(args, context).await),
            Self::Untrust(args) => finish(context, untrust::run(args, context).await),
            Self::Block(args) => finish(context, block::run(args, context).await),
            Self::Unblock(args) => finish(context, unblock::run(args, context).await),
            Self::Trusted(args) => args.run(context).await,
            Self::Scope(args) => finish(context, scope::run(args, context).await),
            Self::Pins(args) => args.run(context).await,
            Self::Alias(args) => finish(context, alias::run(args, context).await),
            Self::Network(args) => args.run(context).await,
            Self::Invite(args) => args.run(context).await,
            Self::Join(args) => finish(context, join::run(args, context).await),
            Self::Find(args) => finish(context, find::run(args, context).await),
            Self::Peers(args) => finish(context, peers::run(args, context).await),
            Self::Ping(args) => finish(context, ping::run(args, context).await),
            Self::Bench(args) => finish(context, bench::run(args, context).await),
            Self::Send(args) => finish(context, send::run(args, context).await),
            Self::SendFile(args) => finish(context, send_file::run(args, context).await),
            Self::Outbox(args) => args.run(context).await,
            Self::Reply(args) => finish(context, reply::run(args, context).await),
            Self::Inbox(args) => args.run(context).await,
            Self::Publish(args) => finish(context, publish::run(args, context).await),
            Self::Subscribe(args) => finish(context, subscribe::run(args, context).await),
            Self::Topics(args) => finish(context, topics::run(args, context).await),
            Self::Task(args) => args.run(context).await,
            Self::Worker(args) => finish(context, worker::run(args, context).await),
            Self::Polo(args) => args.run(context).await,
            Self::Listen(args) => finish(context, listen::run(args, context).await),
            Self::Dial(args) => finish(context, dial::run(args, context).await),
            Self::Config(args) => args.run(context),
            Self::Demo(args) => finish(context, demo::run(args, context).await),
            Self::Completions(args) => finish(context, Ok(completions::run(&args))),
            Self::Help(args) => finish(context, help::run(&args)),
        }
    }
}

/// Prints the value that a command returned.
fn finish<T: Output>(context: &Context, value: Result<T, Error>) -> Result<(), Error> {
    context.printer.finish(&value?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::cli::Cli;

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        for command in Cli::command().get_subcommands() {
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let name = command.get_name();
            let count = examples.lines().filter(|line| line.starts_with(&format!("  airway {name}"))).count();
            assert!(examples.starts_with("Examples:\n"), "{name}: {examples}");
            assert!((1..=4).contains(&count), "{name}: {examples}");
        }
    }

    #[test]
    fn every_command_says_what_it_does() {
        for command in Cli::command().get_subcommands() {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(!about.is_empty() && !about.ends_with('.'), "{}: {about}", command.get_name());
        }
    }
}
