//! A daemon in a network, that dies where it is told to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use airway::api::{CreateRequest, Error, InviteRequest, JoinRequest, LeaveQuery, client::Client};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    crash::Place,
    process::{Daemon, PATIENCE, airway},
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Mortal {
    /// Taken only while it is exchanged for the next.
    daemon: Option<Daemon>,
    socket: PathBuf,
    /// What it is told by.
    orders: PathBuf,
}

impl Mortal {
    pub(crate) async fn new(name: &str) -> Self {
        let dir = TempDir::with_prefix("airway-").unwrap();
        let (home, orders) = (dir.path().join("home"), dir.path().join("die-at"));
        let daemon = Daemon::start(name, dir, mortal(&home, &orders), |_| home.clone()).await;
        let socket = daemon.socket();
        Self { daemon: Some(daemon), socket, orders }
    }

    fn client(&self) -> Client {
        Client::new(&self.socket)
    }

    /// Tells it where to die.
    pub(crate) fn order(&self, place: Place) {
        fs::write(&self.orders, format!("{place:?}")).unwrap();
    }

    /// Waits until it has died where it was told to.
    pub(crate) async fn ends(&mut self, what: &str) {
        assert!(self.daemon.as_mut().unwrap().ends_within(PATIENCE).await, "it does not die: {what}");
    }

    /// Starts it again, without an order.
    pub(crate) async fn rise(&mut self) {
        let former = self.daemon.take().unwrap();
        fs::remove_file(&self.orders).ok();
        let command = mortal(&former.home, &self.orders);
        self.daemon = Some(former.restart_by(command).await);
    }

    /// Both.
    pub(crate) async fn rises(&mut self, what: &str) {
        self.ends(what).await;
        self.rise().await;
    }

    pub(crate) async fn create(&self) -> Result<(), Error> {
        let request = CreateRequest { name: "lab".into(), trust_members: false, number: None };
        self.client().create_network(&request).await.map(drop)
    }

    /// An invite for one.
    pub(crate) async fn invite(&self) -> String {
        self.client().invite(&InviteRequest::default()).await.unwrap().invite
    }

    /// What is under way does not end with whoever has begun it.
    pub(crate) fn join(&self, invite: &str) -> impl Future<Output = Result<(), Error>> + use<> {
        let (client, invite) = (self.client(), invite.to_owned());
        async move {
            let request = JoinRequest { invite, name: None, timeout_ms: Some(50_000) };
            client.join(&request).await.map(drop)
        }
    }

    pub(crate) fn leave(&self) -> impl Future<Output = Result<(), Error>> + use<> {
        let client = self.client();
        async move { client.leave_network(&LeaveQuery::default()).await.map(drop) }
    }

    /// The id of the network that it is in.
    pub(crate) async fn network(&self) -> Option<String> {
        self.client().network().await.unwrap().network.map(|network| network.id)
    }

    /// Who is known there by which name, and how it stands.
    pub(crate) async fn members(&self) -> Vec<String> {
        let members = self.client().members().await.unwrap();
        let told = members.iter().map(|member| {
            let state = format!("{:?}", member.membership).to_lowercase();
            format!("{} {state}", member.name.as_deref().unwrap_or("nobody"))
        });
        let mut told: Vec<_> = told.collect();
        told.sort_unstable();
        told
    }

    /// What it has found to be wrong, in all its lives.
    pub(crate) fn errors(&self) -> Vec<String> {
        let log = self.daemon.as_ref().unwrap().log();
        log.lines().filter(|line| line.contains(" ERROR ")).map(str::to_owned).collect()
    }
}

/// The command of a daemon that looks for orders.
fn mortal(home: &Path, orders: &Path) -> Command {
    let mut command = airway(home);
    command.env("AIRWAY_CRASH_AT", orders);
    command
}
