//! Below the swarm: what the handshake and a bare multistream say.

use std::{
    future::poll_fn,
    io,
    pin::pin,
    task::{Poll, ready},
};

use airway::{
    Node,
    protocols::wire::{self, read_frame},
};
use futures::{
    AsyncRead, AsyncWrite, AsyncWriteExt as _,
    future::{Either, select},
};
use libp2p::{
    PeerId, Transport as _,
    core::{
        Endpoint,
        muxing::{StreamMuxerBox, StreamMuxerExt as _},
        transport::{Boxed, DialOpts, PortUse},
        upgrade::Version,
    },
    identity::Keypair,
    noise, quic, tcp, tls, yamux,
};

use super::client::{self, Transport};

const HEADER: &[u8] = b"/multistream/1.0.0\n";

/// What an agent proves and says to whoever asks for nothing by name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bare {
    /// The peer id, from the handshake.
    pub(crate) peer: PeerId,
    /// What multistream's `ls` names.
    pub(crate) listed: Vec<String>,
}

/// Connects without a swarm; nothing if the handshake fails.
pub(crate) async fn connect(
    key: &Keypair,
    node: &Node,
    transport: Transport,
) -> Option<(PeerId, StreamMuxerBox)> {
    let opts = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
    bare(key, transport).dial(client::address(node, transport), opts).unwrap().await.ok()
}

/// Connects without a swarm, and asks multistream for all protocols.
pub(crate) async fn ask(key: &Keypair, node: &Node, transport: Transport) -> Bare {
    let (peer, mut muxer) = connect(key, node, transport).await.unwrap();
    let stream = poll_fn(|cx| {
        let _ = muxer.poll_unpin(cx)?;
        muxer.poll_outbound_unpin(cx)
    })
    .await
    .unwrap();
    // Over yamux nothing moves unless the connection is polled beside its stream.
    let driving = poll_fn(|cx| {
        loop {
            if let Err(error) = ready!(muxer.poll_unpin(cx)) {
                return Poll::Ready(error);
            }
        }
    });
    match select(pin!(list(stream)), driving).await {
        Either::Left((listed, _)) => {
            let mut listed = listed.unwrap();
            // In no order.
            listed.sort_unstable();
            Bare { peer, listed }
        }
        Either::Right((error, _)) => panic!("{transport:?}: {error}"),
    }
}

fn bare(key: &Keypair, transport: Transport) -> Boxed<(PeerId, StreamMuxerBox)> {
    let tcp = || tcp::tokio::Transport::new(tcp::Config::new()).upgrade(Version::V1);
    let muxer = yamux::Config::default;
    match transport {
        Transport::Quic => quic::tokio::Transport::new(quic::Config::new(key))
            .map(|(peer, connection), _| (peer, StreamMuxerBox::new(connection)))
            .boxed(),
        Transport::TcpNoise => {
            tcp().authenticate(noise::Config::new(key).unwrap()).multiplex(muxer()).boxed()
        }
        Transport::TcpTls => tcp().authenticate(tls::Config::new(key).unwrap()).multiplex(muxer()).boxed(),
    }
}

async fn list(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<Vec<String>> {
    let mut next = async |question: &[u8]| {
        wire::write_frame(&mut stream, question, wire::CONTROL_FRAME).await.map_err(io::Error::other)?;
        stream.flush().await?;
        let answer = read_frame(&mut stream, wire::CONTROL_FRAME).await.map_err(io::Error::other)?;
        answer.ok_or(io::Error::from(io::ErrorKind::UnexpectedEof))
    };
    assert_eq!(next(HEADER).await?, HEADER);
    let names = next(b"ls\n").await?;
    // Each name in the list has a length before it, which is no part of a name.
    let names = String::from_utf8_lossy(&names).into_owned();
    Ok(names.split(char::is_control).filter(|name| name.starts_with('/')).map(str::to_owned).collect())
}
