/** The libp2p host: one transport, one security, and nobody but whom it is told to let in. */

import { noise } from '@chainsafe/libp2p-noise'
import { quic } from '@chainsafe/libp2p-quic'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { createLibp2p } from 'libp2p'

const STACKS = {
  quic: { listen: (ip) => `/ip4/${ip}/udp/0/quic-v1`, transports: [quic()], connectionEncrypters: [] },
  'tcp-tls': { listen: (ip) => `/ip4/${ip}/tcp/0`, transports: [tcp()], connectionEncrypters: [tls()] },
  'tcp-noise': { listen: (ip) => `/ip4/${ip}/tcp/0`, transports: [tcp()], connectionEncrypters: [noise()] }
}

/** The transports that there are. */
export const TRANSPORTS = Object.keys(STACKS)

/**
 * @param {import('@libp2p/interface').PrivateKey} privateKey
 * @param {{ transport: string, listen: string }} flags
 * @param {(peer: import('@libp2p/interface').PeerId) => boolean} admits whether a peer may connect to us
 */
export async function startHost (privateKey, { transport, listen }, admits) {
  const { listen: address, ...stack } = STACKS[transport]
  return await createLibp2p({
    privateKey,
    addresses: { listen: [address(listen)] },
    ...stack,
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
    connectionGater: {
      // Loopback is what the tests run on.
      denyDialMultiaddr: () => false,
      // js-libp2p offers the same protocols to all who are connected, so that strangers are not let in at all.
      denyInboundUpgradedConnection: (peer) => !admits(peer)
    }
  })
}
