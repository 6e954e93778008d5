//! From an empty directory to a running agent.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use airway_protocols::{address::DeriveError, revocations::Revocations, streams::AlreadyRegistered};
use libp2p::Multiaddr;
use tokio::sync::mpsc;

use super::{Inner, Node, infra, network, port};
use crate::{
    alarms::{Alarm, Alarms},
    bundle, clock,
    config::{self, Accept, Config, Overrides, env},
    contacts::Contacts,
    home::{self, Home},
    identity::{self, Identity},
    me::Me,
    mesh::{self, Mesh, Standing},
    metrics::Metrics,
    net::{self, Event, Net, Shared},
    own::Own,
    polo::Polo,
    services::{
        self,
        data::Inbox,
        events::{Broadcasts, Events},
        files::{self, Files},
        outbox::Outbox,
        ports::Ports,
        reach::Reach,
        tasks::{
            self, Accepts, Tasks,
            copies::Copies,
            courier::{self, Courier},
        },
    },
    store::{self, Store},
    trust::{self, Trust},
};

/// How often ids of messages are looked at that may be forgotten, and files that may be deleted.
const PRUNING: Duration = Duration::from_secs(3600);

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] home::Error),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// The key cannot be used.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An import into the home was interrupted, and has been undone.
    #[error(transparent)]
    Import(#[from] bundle::Error),
    /// The network cannot be used.
    #[error(transparent)]
    Net(#[from] net::StartError),
    /// The key gives no address; has not been seen yet.
    #[error(transparent)]
    Address(#[from] DeriveError),
    /// A service runs already; cannot happen in a swarm of our own.
    #[error(transparent)]
    Service(#[from] AlreadyRegistered),
    /// The home belongs to a private network, and the settings name a swarm key.
    #[error("this home belongs to a private network, and the settings name a swarm key")]
    TwoNetworks,
    /// The invite in the settings leads into no network.
    #[error("the invite in the settings leads nowhere: {0}")]
    Join(#[source] mesh::MeshError),
    /// No port is free for UDP and TCP at once.
    #[error("no free port to listen on")]
    NoPort,
}

impl Node {
    /// Starts the agent of a home, which is created if it is not there.
    ///
    /// # Errors
    /// If the home, its key, configuration or database cannot be used, another process uses it, or nothing can
    /// be listened on.
    pub async fn start(home: impl AsRef<Path>, overrides: Overrides) -> Result<Self, StartError> {
        let home = Home::open(home)?;
        let config = Config::load(&home.config(), env::system, overrides)?;
        Self::start_with(home, config).await
    }

    /// The same with the home opened and the settings read.
    pub(crate) async fn start_with(home: Home, config: Config) -> Result<Self, StartError> {
        let lock = home.lock()?;
        bundle::recover(&home)?;
        let identity = Identity::load_or_create(&home.identity())?;
        let store = Store::open(&home.database())?;
        let (me, belongs) = who_and_where(&identity, &store, &config).await?;
        let shared = Shared::default();
        let contacts = Contacts::load(store.clone(), shared.clone(), me.agent).await?;
        let mut warnings: Vec<String> = home.warning().into_iter().collect();
        let listen = settle_port(&store, &config, &mut warnings).await?;

        let network = infra::network(&config, listen, shared);
        let (metrics, recorder) = Metrics::new(store.commits().clone());
        let files = Files::new(home.files());
        let logs = Events::new(me.agent, store.next_event_epoch().await?, metrics.clone());
        // From here on contacts come: until the services are there, it looks to them as if they were not trusted.
        let (net, events, heard) = Net::start(identity.keypair(), network, recorder).await?;
        services::start(&net, receiver(&files, &contacts, &store, &config, &metrics), logs.clone())?;
        let own = Own::new(identity, me, config.announce.clone(), net.listening_changes());
        let mesh = enter(&own, &store, &net, &home, &config, belongs).await?;
        let broadcasts = Broadcasts::start(mesh.clone(), logs.clone(), metrics.clone(), heard);
        let reach = Reach { net: net.clone(), contacts: contacts.clone(), mesh: mesh.clone() };
        let outbox =
            Outbox::start(reach.clone(), store.clone(), metrics.clone(), config.limits.outbox_bytes).await?;
        let (polo, tasks) = start_tasks(&own, &store, &reach, &outbox, &home, &config, &metrics).await?;
        let alarms = Alarms::default();
        let parts = trust::Parts {
            own: own.clone(),
            store: store.clone(),
            contacts: contacts.clone(),
            net: net.clone(),
            outbox: outbox.clone(),
            tasks: tasks.clone(),
            alarms: alarms.clone(),
        };
        let trust = Trust::start(parts).await?;
        let node = Self(Arc::new(Inner {
            ports: Ports::new(net.clone(), contacts.clone(), metrics.clone()),
            home,
            config,
            own,
            store,
            net,
            contacts,
            mesh,
            reach,
            outbox,
            broadcasts,
            events: logs,
            polo,
            tasks,
            trust,
            metrics,
            files,
            warnings,
            alarms,
            started: Instant::now(),
            lock,
        }));
        node.settle_in(events).await;
        node.join_by_settings().await
    }

    /// Joins the network of the invite in the settings, if there is one; a node that cannot does not run.
    async fn join_by_settings(self) -> Result<Self, StartError> {
        if let Err(error) = self.0.mesh.join_by_settings().await {
            self.shut_down().await;
            return Err(StartError::Join(error));
        }
        Ok(self)
    }

    /// Follows what the network reports, and looks for those whom we spoke with last.
    async fn settle_in(&self, events: mpsc::Receiver<Event>) {
        let Inner { net, contacts, store, files, config, .. } = &*self.0;
        tokio::spawn(follow(events, contacts.clone(), self.0.mesh.clone(), self.0.alarms.clone()));
        tokio::spawn(prune(store.clone(), files.clone()));
        tokio::spawn(network::end_trust_of_expelled(self.0.mesh.clone(), self.0.trust.clone()));
        self.note_places();
        self.tell_news();
        self.advertise().await;

        let mut recent = contacts.list();
        recent.sort_by_key(|contact| std::cmp::Reverse(contact.last_used.max(Some(contact.trusted_at))));
        for contact in recent.iter().take(config.limits.kept_connections as usize) {
            net.keep(contact.peer).await;
        }
    }
}

/// Who the agent is, and the private network that it belongs to.
async fn who_and_where(
    identity: &Identity,
    store: &Store,
    config: &Config,
) -> Result<(Me, Option<(Standing, Revocations)>), StartError> {
    let profile = store.profile().await?;
    let tags = profile.tags.iter().filter_map(|tag| tag.parse().ok()).collect();
    let me = Me::new(identity, config.name.clone().or(profile.name), tags)?;
    let membership = store.membership().await?;
    let belongs = membership.map(|row| mesh::read(&row, identity)).transpose()?;
    if belongs.is_some() && config.swarm_key.is_some() {
        return Err(StartError::TwoNetworks);
    }
    Ok((me, belongs))
}

/// Enters the network that the home belongs to.
async fn enter(
    own: &Own,
    store: &Store,
    net: &Net,
    home: &Home,
    config: &Config,
    belongs: Option<(Standing, Revocations)>,
) -> Result<Mesh, AlreadyRegistered> {
    let (own, store, net) = (own.clone(), store.clone(), net.clone());
    Mesh::start(mesh::Parts { own, store, net, home: home.clone(), config: config.clone() }, belongs).await
}

/// What takes in messages and files.
fn receiver(
    files: &Files,
    contacts: &Contacts,
    store: &Store,
    config: &Config,
    metrics: &Metrics,
) -> files::Receiver {
    let inbox = Inbox { store: store.clone(), quota: config.limits.inbox_bytes, metrics: metrics.clone() };
    let quota = config.limits.files_bytes;
    files::Receiver { files: files.clone(), contacts: contacts.clone(), inbox, quota }
}

/// Reads the receipts, goes on with the tasks that there are, and hears what others say about them.
async fn start_tasks(
    own: &Own,
    store: &Store,
    reach: &Reach,
    outbox: &Outbox,
    home: &Home,
    config: &Config,
    metrics: &Metrics,
) -> Result<(Polo, Tasks), StartError> {
    let polo = Polo::start(own.clone(), store.clone(), reach.contacts.clone(), config).await?;
    let copies = Copies::new(home.tasks(), config.limits.files_bytes);
    let parts = tasks::Parts {
        own: own.clone(),
        store: store.clone(),
        reach: reach.clone(),
        copies: copies.clone(),
        metrics: metrics.clone(),
        polo: polo.clone(),
        accepts: Accepts::new(config.tasks.accept == Accept::Auto),
        quota: config.limits.tasks_bytes,
    };
    let tasks = Tasks::start(parts).await?;
    services::listen_for_tasks(&reach.net, tasks.clone())?;
    let (store, reach, outbox) = (store.clone(), reach.clone(), outbox.clone());
    Courier::start(courier::Parts { tasks: tasks.clone(), store, reach, outbox, copies }).await?;
    Ok((polo, tasks))
}

/// Puts the remembered port, or a new one, in the place of port 0.
async fn settle_port(
    store: &Store,
    config: &Config,
    warnings: &mut Vec<String>,
) -> Result<Vec<Multiaddr>, StartError> {
    let listen = &config.listen;
    if !port::is_open(listen) {
        return Ok(listen.clone());
    }
    let remembered = store.listen_port().await?;
    if let Some(port) = remembered.filter(|port| port::is_free(listen, *port)) {
        return Ok(port::fill(listen, port));
    }
    let port = port::pick(listen).ok_or(StartError::NoPort)?;
    match remembered {
        // The usual port is not given up: it is likely to be free again at the next start.
        Some(usual) => warnings.push(format!(
            "port {usual} is in use by another program: listening on {port}; cards handed out name {usual}"
        )),
        None => store.set_listen_port(port).await?,
    }
    Ok(port::fill(listen, port))
}

/// Takes in what the network reports, until it ends.
async fn follow(mut events: mpsc::Receiver<Event>, contacts: Contacts, mesh: Mesh, alarms: Alarms) {
    while let Some(event) = events.recv().await {
        match event {
            Event::Addresses(peer, addresses) => contacts.learn(peer, addresses).await,
            Event::Wanted(peer) => mesh.wanted(peer),
            Event::OwnCopy(address) => {
                if alarms.raise(Alarm::OwnCopy, Some(address.to_string())) {
                    tracing::error!(%address, "another process runs with the key of this agent");
                }
            }
            Event::Copies(peer) => {
                let Some(contact) = contacts.by_peer(&peer) else { continue };
                if alarms.raise(Alarm::ContactCopies(contact.agent), None) {
                    tracing::error!(contact = %contact.endpoint(), "two processes run with the key of a contact");
                }
            }
        }
    }
}

/// Forgets old ids of messages and deletes what is left of files now and then, until the store closes.
async fn prune(store: Store, files: Files) {
    let mut tick = tokio::time::interval(PRUNING);
    loop {
        tick.tick().await;
        match store.inbox_prune(clock::unix_ms()).await {
            Ok(pruned) => tracing::debug!(pruned, "old message ids forgotten"),
            Err(store::Error::Closed) => return,
            Err(error) => tracing::warn!(%error, "old message ids were not forgotten"),
        }
        match files.sweep(&store).await {
            Ok(deleted) => tracing::debug!(deleted, "files that nobody goes on with deleted"),
            Err(store::Error::Closed) => return,
            Err(error) => tracing::warn!(%error, "files that nobody goes on with were not deleted"),
        }
    }
}
