/** A contact of Airway agents: pairs with a ticket, then opens ports and serves some. */

import { createHash } from 'node:crypto'

import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'

import { Card } from './card.js'
import { startHost } from './host.js'
import { agentId } from './id.js'
import { Relations } from './pairing.js'
import { digest, ECHO, echo, expectOk, isFree, line, protocolOf, send } from './port.js'
import { Reader } from './reader.js'
import { Ticket } from './ticket.js'
import { PROTOCOL as TRUST } from './trust.js'

/** Bytes of a ping. */
const PING = 32

/** Bytes that are made, sent and compared at once. */
const CHUNK = 64 * 1024

/** How long a dial and the negotiation of a stream may take together, in milliseconds. */
const DIAL = 10_000

/** Pseudo-random bytes, the same each time, in chunks. */
function * noise (bytes) {
  for (let at = 0; at < bytes; at += CHUNK) {
    const chunk = new Uint8Array(Math.min(CHUNK, bytes - at))
    let state = at + 1
    for (let byte = 0; byte < chunk.length; byte++) {
      state = Math.imul(state, 1664525) + 1013904223 | 0
      chunk[byte] = state >>> 24
    }
    yield chunk
  }
}

/** See the module. */
export class Agent {
  #host
  #name
  #key
  #relations

  /** @param {{ name: string, transport: string, listen: string }} flags */
  static async start (flags) {
    const agent = new Agent()
    agent.#key = await generateKeyPair('Ed25519')
    agent.#name = flags.name
    agent.#relations = new Relations(agent.#key, agentId(agent.#key.publicKey.raw), (peer) => agent.#close(peer))
    agent.#host = await startHost(agent.#key, flags, (peer) => agent.#relations.admits(peer))
    await agent.#handle(TRUST, async (stream, peer) => await agent.#relations.hear(stream, peer))
    await agent.#handle(ECHO, echo)
    return agent
  }

  /** What to hand out. */
  async card () {
    const bare = (address) => multiaddr(address.getComponents().filter(({ name }) => name !== 'p2p'))
    return await Card.sign(this.#key, this.#name, this.#host.getMultiaddrs().map(bare))
  }

  get contacts () {
    return [...this.#relations.contacts.values()].map(({ card }) => card)
  }

  /** Becomes a contact of the agent that made a ticket. @param {string} text */
  async pair (text) {
    const ticket = await Ticket.parse(text)
    const open = async (protocol) => await this.#open(ticket.card, protocol)
    const { card } = await this.#relations.ask(ticket, await this.card(), open)
    // What libp2p offers is decided once for each connection: the next one has identify and ping.
    await this.#close(card.peer)
    await this.#connect(card)
    return card
  }

  /** One round trip, in microseconds. @param {string} who */
  async ping (who) {
    const connection = await this.#connect(this.#find(who))
    const { micros } = await this.#echo(who, PING)
    return { micros, relayed: !connection.direct }
  }

  /** Sends bytes to port 7 and compares what comes back. @param {string} who @param {number} bytes */
  async echo (who, bytes) {
    return await this.#echo(who, bytes)
  }

  /** Sends bytes to a port, and checks the digest in the answer. @param {string} who @param {number} port @param {number} bytes */
  async call (who, port, bytes) {
    const stream = await this.#open(this.#find(who), protocolOf(port))
    const reader = new Reader(stream)
    const hash = createHash('sha256')
    for (const chunk of noise(bytes)) hash.update(chunk)
    const [, answer] = await Promise.all([send(stream, noise(bytes)), expectOk(reader).then(() => line(reader))])
    const sha256 = hash.digest('hex')
    if (answer.bytes !== bytes || answer.sha256 !== sha256) throw new Error('the digest is of something else')
    return { bytes, sha256 }
  }

  /** Listens on a port, and answers each stream with the digest of what came. @param {number} port */
  async serve (port) {
    if (!isFree(port)) throw new RangeError(`port ${port} belongs to a service`)
    await this.#handle(protocolOf(port), digest)
  }

  /** How we are connected, by the newest connection. @param {string} who */
  path (who) {
    const connection = this.#host.getConnections(this.#find(who).peer).findLast(({ status }) => status === 'open')
    if (connection === undefined) throw new Error('there is no connection')
    const dialled = connection.direction === 'outbound'
    const tcp = connection.remoteAddr.getComponents().some(({ name }) => name === 'tcp')
    if (!tcp) return { transport: 'quic', security: 'quic', dialled }
    return { transport: 'tcp', security: connection.encryption.startsWith('/tls') ? 'tls' : 'noise', dialled }
  }

  /** Closes what there is. @param {string} who */
  async disconnect (who) {
    await this.#close(this.#find(who).peer)
  }

  async stop () {
    await this.#host.stop()
  }

  async #echo (who, bytes) {
    const stream = await this.#open(this.#find(who), ECHO)
    const reader = new Reader(stream)
    const begun = process.hrtime.bigint()
    const compare = async () => {
      await expectOk(reader)
      for (const chunk of noise(bytes)) {
        if (Buffer.compare(await reader.exactly(chunk.length), chunk) !== 0) throw new Error('something else came back')
      }
    }
    await Promise.all([send(stream, noise(bytes)), compare()])
    return { bytes, micros: Number((process.hrtime.bigint() - begun) / 1000n) }
  }

  /** The card of a contact, by endpoint or name. */
  #find (who) {
    const found = this.contacts.filter(({ endpoint, name }) => endpoint === who || name === who)
    if (found.length !== 1) throw new Error(`${who} is no contact, or more than one`)
    return found[0]
  }

  /** The connection to an agent; dials where there is none. */
  async #connect ({ peer, addresses }) {
    const targets = addresses.map((address) => address.encapsulate(`/p2p/${peer}`))
    const connected = this.#host.getConnections(peer).some(({ status }) => status === 'open')
    return await this.#host.dial(connected ? peer : targets, { signal: AbortSignal.timeout(DIAL) })
  }

  async #open (card, protocol) {
    const connection = await this.#connect(card)
    return await connection.newStream(protocol, { signal: AbortSignal.timeout(DIAL) })
  }

  /** Serves a protocol to contacts, and the answers of those whom we have asked. */
  async #handle (protocol, serve) {
    await this.#host.handle(protocol, async (stream, { remotePeer }) => {
      try {
        if (!this.#relations.admits(remotePeer)) throw new Error('not a contact')
        await serve(stream, remotePeer)
      } catch (error) {
        stream.abort(error)
      }
    })
  }

  async #close (peer) {
    await this.#host.hangUp(peer)
  }
}
