//! The transports of a private network of libp2p: nobody gets a word in who does not have its key.
//!
//! ```text
//! yamux │ Noise │ XSalsa20 with the swarm key │ TCP, or a circuit through a relay
//! ```
//!
//! Every connection is encrypted once more under the key, with a nonce of each side's, before anything else is said on it;
//! circuits, too, as go-libp2p has it. Other libp2p stacks protect TCP alone in this way, and go-libp2p refuses QUIC beside
//! a key. Noise is what all of them speak; the post-quantum key exchange that TLS would add does not matter to who has
//! recorded bytes without the key.

use std::io;

use futures::{AsyncRead, AsyncWrite};
use libp2p::{
    PeerId, Transport,
    core::{muxing::StreamMuxerBox, transport::Boxed, upgrade::Version},
    dns,
    identity::Keypair,
    noise,
    pnet::{PnetConfig, PreSharedKey},
    tcp, yamux,
};

/// A transport that leads to a peer.
type Ready = Boxed<(PeerId, StreamMuxerBox)>;

/// TCP under the swarm key, to names of hosts as well.
pub(super) fn tcp(key: &Keypair, shared: PreSharedKey, muxer: yamux::Config) -> io::Result<Ready> {
    let tcp = tcp::tokio::Transport::new(tcp::Config::new().nodelay(true));
    protect(dns::tokio::Transport::system(tcp)?, key, shared, muxer)
}

/// A transport of bytes under the swarm key.
pub(super) fn protect<T>(
    transport: T,
    key: &Keypair,
    shared: PreSharedKey,
    muxer: yamux::Config,
) -> io::Result<Ready>
where
    T: Transport + Send + Unpin + 'static,
    T::Output: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T::Error: Send + Sync + 'static,
    T::Dial: Send + 'static,
    T::ListenerUpgrade: Send + 'static,
{
    let noise = noise::Config::new(key).map_err(io::Error::other)?;
    let protected = transport.and_then(move |stream, _| PnetConfig::new(shared).handshake(stream));
    Ok(protected.upgrade(Version::V1Lazy).authenticate(noise).multiplex(muxer).boxed())
}
