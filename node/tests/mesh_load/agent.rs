//! An agent in one of the processes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::sync::Arc;

use crate::{
    process::Process,
    wire::{Me, Member, Network, Order, Reply, Settings},
};

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) process: Arc<Process>,
    number: usize,
    pub(crate) settings: Settings,
    pub(crate) me: Me,
}

/// An agent that was found, or was not.
#[derive(Debug)]
pub(crate) struct Look {
    /// Milliseconds.
    pub(crate) took: f64,
    /// Requests that it took, or why nobody was found.
    pub(crate) found: Result<u32, String>,
}

impl Agent {
    /// Starts a node.
    pub(crate) async fn start(process: &Arc<Process>, number: usize, settings: Settings) -> Self {
        match process.ask(number, Order::Start(settings.clone())).await.reply {
            Ok(Reply::Me(me)) => Self { process: process.clone(), number, settings, me },
            other => panic!("{} does not start: {other:?}", settings.name),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    async fn ask(&self, order: Order) -> Result<Reply, String> {
        self.process.ask(self.number, order).await.reply
    }

    pub(crate) async fn stop(&self) {
        self.ask(Order::Stop).await.unwrap();
    }

    pub(crate) async fn found(&mut self) {
        self.me = expect_me(self.ask(Order::Found).await.unwrap());
    }

    pub(crate) async fn invite(&self, inviter: bool) -> String {
        match self.ask(Order::Invite { inviter }).await {
            Ok(Reply::Invite(invite)) => invite,
            other => panic!("{} makes no invite: {other:?}", self.name()),
        }
    }

    /// Joins a network; returns how many milliseconds that took.
    pub(crate) async fn join(&mut self, invite: &str) -> Result<f64, String> {
        let answer = self.process.ask(self.number, Order::Join { invite: invite.into() }).await;
        self.me = expect_me(answer.reply?);
        Ok(answer.took)
    }

    /// Looks for an agent by a name or an address of it.
    pub(crate) async fn look_for(&self, other: &Self, who: &str) -> Look {
        let answer = self.process.ask(self.number, Order::LookUp { who: who.into() }).await;
        let found = match answer.reply {
            Ok(Reply::Found { agent, requests }) if agent == other.me.agent => Ok(requests),
            Ok(other) => Err(format!("{who:?} is {other:?}")),
            Err(error) => Err(error),
        };
        Look { took: answer.took, found }
    }

    pub(crate) async fn network(&self) -> Network {
        match self.ask(Order::Network).await {
            Ok(Reply::Network(network)) => network,
            other => panic!("{} is in no network: {other:?}", self.name()),
        }
    }

    pub(crate) async fn members(&self) -> Vec<Member> {
        match self.ask(Order::Members).await {
            Ok(Reply::Members(members)) => members,
            other => panic!("{} knows no members: {other:?}", self.name()),
        }
    }

    pub(crate) async fn expel(&self, other: &Self) {
        self.ask(Order::Expel { who: other.me.address.clone() }).await.unwrap();
    }
}

fn expect_me(reply: Reply) -> Me {
    match reply {
        Reply::Me(me) => me,
        other => panic!("it does not say who it is: {other:?}"),
    }
}
