"""The libp2p host: one transport, one security, and nobody connected but whom it is told to let in."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from libp2p import new_host
from libp2p.abc import IHost, INetConn, INetwork, INetStream
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.keys import KeyPair
from libp2p.crypto.x25519 import create_new_key_pair as create_noise_key_pair
from libp2p.network.config import ConnectionConfig
from libp2p.peer.id import ID
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE
from libp2p.security.noise.transport import Transport as NoiseTransport
from libp2p.security.tls.transport import PROTOCOL_ID as TLS
from libp2p.security.tls.transport import TLSTransport
from libp2p.stream_muxer.yamux.yamux import PROTOCOL_ID as YAMUX
from libp2p.stream_muxer.yamux.yamux import Yamux
from multiaddr import Multiaddr

# The transports that there are, and where each listens on a host.
LISTEN = {"quic": "/ip4/{}/udp/0/quic-v1", "tcp-tls": "/ip4/{}/tcp/0", "tcp-noise": "/ip4/{}/tcp/0"}


class _Door:
    """Closes connections of strangers: py-libp2p offers the same protocols to all who are connected."""

    def __init__(self, admits: Callable[[ID], bool]) -> None:
        self.admits = admits

    async def connected(self, network: INetwork, conn: INetConn) -> None:
        if not self.admits(conn.muxed_conn.peer_id):
            await conn.close()

    async def disconnected(self, network: INetwork, conn: INetConn) -> None: ...

    async def opened_stream(self, network: INetwork, stream: INetStream) -> None: ...

    async def closed_stream(self, network: INetwork, stream: INetStream) -> None: ...

    async def listen(self, network: INetwork, multiaddr: Multiaddr) -> None: ...

    async def listen_close(self, network: INetwork, multiaddr: Multiaddr) -> None: ...


def _security(key: KeyPair, transport: str) -> dict:
    if transport == "tcp-tls":
        return {TLS: TLSTransport(key)}
    return {NOISE: NoiseTransport(key, noise_privkey=create_noise_key_pair().private_key)}


@asynccontextmanager
async def run_host(transport: str, ip: str, admits: Callable[[ID], bool]) -> AsyncIterator[IHost]:
    """A running host with a new Ed25519 key."""
    key = create_new_key_pair()
    listen = [Multiaddr(LISTEN[transport].format(ip))]
    host = new_host(
        key_pair=key,
        listen_addrs=listen,
        sec_opt=_security(key, transport),
        muxer_opt={YAMUX: Yamux},
        # Nobody is dialled who was not asked for.
        connection_config=ConnectionConfig(min_connections=0, low_watermark=0),
    )
    host.get_network().register_notifee(_Door(admits))
    async with host.run(listen_addrs=listen):
        yield host
