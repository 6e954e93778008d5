//! A peer that is trusted and does not deserve it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use std::{io, time::Duration};

use airway::protocols::{
    data::{Header, Kind, Message, MessageId},
    streams::{Behaviour, Control, Incoming, Limits, OpenToAll, Stream},
    wire,
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    PeerId, StreamProtocol, SwarmBuilder, core::upgrade::Version, identity::Keypair, noise,
    swarm::dial_opts::DialOpts, tcp, yamux,
};
use rand::{Rng as _, RngCore as _, rngs::SmallRng};
use tokio::time::timeout;

use crate::{
    introduce::introduce,
    process::{Daemon, PATIENCE},
};

/// Longer than any test.
const IDLE: Duration = Duration::from_secs(3600);

/// Streams of the victim that may wait.
const ACCEPT_QUEUE: usize = 16;

/// Longest run of random bytes.
const NOISE: usize = 400;

/// A swarm with no manners, connected to a daemon that trusts it as `mallory`.
pub(super) struct Hostile {
    control: Control,
    victim: PeerId,
    /// Who it is.
    pub(super) key: Keypair,
}

impl Hostile {
    /// Has the victim trust a new peer, and connects the two over this one of its addresses.
    pub(super) async fn trusted_by(daemon: &Daemon, transport: &str) -> Self {
        Self::trusted_as("mallory", daemon, transport).await
    }

    /// The same under another name.
    pub(super) async fn trusted_as(name: &str, daemon: &Daemon, transport: &str) -> Self {
        let key = Keypair::generate_ed25519();
        introduce(&key, &daemon.ticket(&["--as", name]).await.parse().unwrap()).await;

        let listening = daemon.status["listening"].as_array().unwrap();
        let address = listening.iter().map(|address| address.as_str().unwrap());
        let address = address.into_iter().find(|address| address.contains(transport)).unwrap();
        let victim = daemon.json(&["me"]).await["peer_id"].as_str().unwrap().parse().unwrap();
        let mut swarm = SwarmBuilder::with_existing_identity(key.clone())
            .with_tokio()
            .with_tcp(tcp::Config::new(), noise::Config::new, yamux::Config::default)
            .unwrap()
            .with_quic()
            .with_behaviour(|_| Behaviour::new(Limits::default(), OpenToAll))
            .unwrap()
            .with_swarm_config(|config| {
                config
                    .with_idle_connection_timeout(IDLE)
                    .with_substream_upgrade_protocol_override(Version::V1Lazy)
            })
            .build();
        swarm.dial(DialOpts::peer_id(victim).addresses(vec![address.parse().unwrap()]).build()).unwrap();
        let control = swarm.behaviour().control();
        tokio::spawn(async move { while swarm.next().await.is_some() {} });
        Self { control, victim, key }
    }

    /// Opens a stream; whether it is taken shows at the first read.
    pub(super) async fn open(&self, protocol: StreamProtocol) -> Stream {
        self.control.open(self.victim, protocol).await.unwrap()
    }

    /// Takes streams that the victim opens.
    pub(super) fn listen(&self, protocol: StreamProtocol) -> Incoming {
        self.control.listen(protocol, ACCEPT_QUEUE).unwrap()
    }

    /// Says these bytes and nothing more, and returns what comes back until the victim ends the stream.
    pub(super) async fn say(&self, protocol: StreamProtocol, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut stream = self.open(protocol).await;
        let talk = async {
            stream.write_all(bytes).await?;
            stream.close().await?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await?;
            Ok(answer)
        };
        timeout(PATIENCE, talk).await.expect("the stream is answered or ended")
    }
}

/// A message of this kind.
pub(super) fn message(kind: Kind, payload: &[u8]) -> Message {
    Message { id: MessageId::new(), kind, reply_to: None, sent_at: 0, payload: payload.into() }
}

/// A message as it travels.
pub(super) fn encoded(message: &Message) -> Vec<u8> {
    let header = wire::encode(&Header::of(message)).unwrap();
    let mut bytes = wire::frame(&header, wire::CONTROL_FRAME).unwrap();
    bytes.extend_from_slice(&message.payload);
    bytes
}

/// Something that is not quite a message.
pub(super) fn nonsense(rng: &mut SmallRng) -> Vec<u8> {
    let mut noise = vec![0; rng.random_range(0..NOISE)];
    rng.fill_bytes(&mut noise);
    let mut whole = encoded(&message(Kind::Text, b"almost a message"));
    match rng.random_range(0..5) {
        0 => noise,
        1 => wire::frame(&noise, NOISE).unwrap(),
        2 => {
            whole.truncate(rng.random_range(0..whole.len()));
            whole
        }
        3 => {
            let at = rng.random_range(0..whole.len());
            whole[at] ^= 1 << rng.random_range(0..8);
            whole
        }
        // A prefix that claims more than any frame may have.
        _ => [&[0xff, 0xff, 0xff, 0xff, rng.random_range(1..16)][..], &noise].concat(),
    }
}
