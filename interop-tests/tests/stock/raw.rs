//! Below the swarm: what the handshake and a bare multistream say.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use airway::Node;
use futures::{AsyncReadExt as _, AsyncWriteExt as _, future::select};
use libp2p::{
    PeerId, Transport as _,
    core::{
        Endpoint,
        muxing::{StreamMuxerBox, StreamMuxerExt as _},
        transport::{DialOpts, PortUse},
    },
    identity::Keypair,
    quic,
};

use super::client::{self, Transport};

async fn dial(node: &Node) -> (PeerId, StreamMuxerBox) {
    let config = quic::Config::new(&Keypair::generate_ed25519());
    let mut transport = quic::tokio::Transport::new(config).boxed();
    let opts = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
    let dialling = transport.dial(client::address(node, Transport::Quic), opts).unwrap();
    let driving = poll_fn(|cx: &mut Context<'_>| match Pin::new(&mut transport).poll(cx) {
        Poll::Ready(_) | Poll::Pending => Poll::<()>::Pending,
    });
    match select(dialling, Box::pin(driving)).await {
        futures::future::Either::Left((connected, _)) => {
            let (peer, muxer) = connected.unwrap();
            (peer, StreamMuxerBox::new(muxer))
        }
        futures::future::Either::Right(((), _)) => unreachable!("the transport never ends"),
    }
}

/// The peer id that the handshake proves.
pub(crate) async fn peer(node: &Node) -> PeerId {
    dial(node).await.0
}

/// What the agent answers to multistream's `ls`: the names of protocols, or how it ends.
pub(crate) async fn ls(node: &Node) -> Vec<String> {
    let (_, mut muxer) = dial(node).await;
    let mut stream = poll_fn(|cx| Pin::new(&mut muxer).poll_outbound_unpin(cx)).await.unwrap();
    stream.write_all(b"\x13/multistream/1.0.0\n\x03ls\n").await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = Vec::new();
    // The agent ends the stream after its answer, or the connection after the stranger's time.
    let _ = stream.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let names = text.split(|c: char| c.is_control()).filter(|name| name.starts_with('/'));
    names.filter(|name| *name != "/multistream/1.0.0").map(str::to_owned).collect()
}
