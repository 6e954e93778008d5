//! What a peer can be asked to do.

use std::{path::PathBuf, time::Duration};

use airway::{
    Node,
    protocols::{port::Port, tasks::TaskId},
};
use serde::Deserialize;

use super::{
    Answer, data, done,
    events::{self, Subscriptions},
    mesh, polo, port, reach, tasks, trust,
};

/// A request, but for its id. `who` is an address with its fingerprint, the name of a contact, or one of the network.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Order {
    Card,
    Ticket,
    Pair {
        ticket: String,
    },
    Knock {
        card: String,
        text: String,
    },
    Requests,
    Approve {
        who: String,
    },
    Reject {
        who: String,
    },
    Contacts,
    Untrust {
        who: String,
    },
    Ping {
        who: String,
    },
    Path {
        who: String,
    },
    Echo {
        who: String,
        bytes: usize,
    },
    Disconnect {
        who: String,
    },
    Serve {
        port: u16,
    },
    Call {
        who: String,
        port: u16,
        bytes: u64,
    },
    Send {
        who: String,
        text: String,
    },
    Inbox,
    SendFile {
        who: String,
        path: PathBuf,
    },
    Files,
    Perf {
        who: String,
        #[serde(default)]
        upload: u64,
        #[serde(default)]
        download: u64,
    },
    Trips {
        who: String,
        bytes: usize,
        count: usize,
    },
    NetworkCreate {
        name: String,
        #[serde(default)]
        trust_members: bool,
    },
    Invite(mesh::Invite),
    Join {
        invite: String,
    },
    Members,
    Expel {
        who: String,
    },
    Find {
        who: String,
    },
    FindTag {
        tag: String,
    },
    Set(mesh::Profile),
    Publish(events::Publish),
    Subscribe(events::Listen),
    Events {
        subscription: usize,
        #[serde(default)]
        skip: usize,
    },
    Scope(events::Limits),
    Gossip,
    TaskSubmit(tasks::Submit),
    TaskShow {
        task: TaskId,
    },
    TaskNext {
        wait_ms: u64,
        #[serde(default)]
        accept: bool,
    },
    TaskAccept {
        task: TaskId,
    },
    TaskDecline {
        task: TaskId,
        reason: Option<String>,
    },
    TaskProgress {
        task: TaskId,
        progress: Option<u16>,
        text: Option<String>,
    },
    TaskComplete(tasks::Done),
    TaskFail {
        task: TaskId,
        reason: String,
    },
    TaskCancel {
        task: TaskId,
    },
    PoloExport {
        path: PathBuf,
        who: Option<String>,
    },
    PoloVerify {
        paths: Vec<PathBuf>,
    },
    Status,
    #[serde(other)]
    Unknown,
}

impl Order {
    pub(super) async fn carry_out(self, node: &Node, subscriptions: &Subscriptions) -> Answer {
        match self {
            Self::Card => trust::card(node),
            Self::Ticket => trust::ticket(node).await,
            Self::Pair { ticket } => trust::pair(node, &ticket).await,
            Self::Knock { card, text } => trust::knock(node, &card, text).await,
            Self::Requests => trust::requests(node).await,
            Self::Approve { who } => trust::approve(node, &who).await,
            Self::Reject { who } => trust::reject(node, &who).await,
            Self::Contacts => trust::contacts(node).await,
            Self::Untrust { who } => trust::untrust(node, &who).await,
            Self::Ping { who } => reach::ping(node, &who).await,
            Self::Path { who } => reach::path(node, &who),
            Self::Echo { who, bytes } => reach::echo(node, &who, bytes).await,
            Self::Disconnect { who } => reach::disconnect(node, &who).await,
            Self::Serve { port } => port::serve(node, Port::new(port)?),
            Self::Call { who, port, bytes } => port::call(node, &who, Port::new(port)?, bytes).await,
            Self::Send { who, text } => data::send(node, &who, text).await,
            Self::Inbox => data::inbox(node).await,
            Self::SendFile { who, path } => data::send_file(node, &who, &path).await,
            Self::Files => data::files(node).await,
            Self::Perf { who, upload, download } => reach::perf(node, &who, upload, download).await,
            Self::Trips { who, bytes, count } => reach::trips(node, &who, bytes, count).await,
            Self::NetworkCreate { name, trust_members } => mesh::create(node, &name, trust_members).await,
            Self::Invite(invite) => mesh::invite(node, invite).await,
            Self::Join { invite } => mesh::join(node, &invite).await,
            Self::Members => mesh::members(node).await,
            Self::Expel { who } => node.expel(&who).await.map_err(Into::into).and_then(|_| done()),
            Self::Find { who } => mesh::find(node, &who).await,
            Self::FindTag { tag } => mesh::find_tag(node, &tag).await,
            Self::Set(profile) => mesh::set(node, profile).await,
            Self::Publish(publish) => events::publish(node, publish).await,
            Self::Subscribe(listen) => events::subscribe(node, subscriptions, listen).await,
            Self::Events { subscription, skip } => events::events(subscriptions, subscription, skip),
            Self::Gossip => events::gossip(node).await,
            Self::Scope(limits) => events::scope(node, limits).await,
            Self::TaskSubmit(submit) => tasks::submit(node, submit).await,
            Self::TaskShow { task } => tasks::show(node, task).await,
            Self::TaskNext { wait_ms, accept } => {
                tasks::next(node, Duration::from_millis(wait_ms), accept).await
            }
            Self::TaskAccept { task } => tasks::accept(node, task).await,
            Self::TaskDecline { task, reason } => tasks::decline(node, task, reason).await,
            Self::TaskProgress { task, progress, text } => tasks::progress(node, task, progress, text).await,
            Self::TaskComplete(done) => tasks::complete(node, done).await,
            Self::TaskFail { task, reason } => tasks::fail(node, task, reason).await,
            Self::TaskCancel { task } => tasks::cancel(node, task).await,
            Self::PoloExport { path, who } => polo::export(node, &path, who).await,
            Self::PoloVerify { paths } => polo::verify(&paths),
            Self::Status => reach::status(node),
            Self::Unknown => Err("unknown verb".into()),
        }
    }
}
