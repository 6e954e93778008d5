/** Trust by a ticket: what we ask, and what we hear about it. Kept in memory alone. */

import { equal } from './bytes.js'
import * as cbor from './cbor.js'
import { CONTROL_FRAME, frame, readFrame } from './frame.js'
import * as knock from './knock.js'
import { expectOk, take } from './port.js'
import { Reader, write } from './reader.js'
import { ACCEPT, INVALID, MAX_FRAME, PROTOCOL, REJECT, REQUEST, REVOKE, Statement, TAKEN } from './trust.js'

/** How long whoever made the ticket may take to accept, in milliseconds. */
const PATIENCE = 20_000

/** The other did not accept. */
export class PairingError extends Error {
  name = 'PairingError'
}

/**
 * @typedef {object} Contact
 * @property {import('./card.js').Card} card
 * @property {Statement} request what we asked
 * @property {number | bigint} generation of the last statement that counted
 * @property {number | bigint} heard when the last statement of the contact was signed
 */

/** All that an agent knows of others. */
export class Relations {
  /** Those who trust us, and whom we trust, by their peer id. @type {Map<string, Contact>} */
  contacts = new Map()

  /** Those whom we have asked, and who waits for their answer. */
  #asked = new Map()

  #key
  #agent
  #ended

  /**
   * @param {import('@libp2p/interface').Ed25519PrivateKey} key
   * @param {Uint8Array} agent our id
   * @param {(peer: import('@libp2p/interface').PeerId) => void} ended called when a contact has ended trust
   */
  constructor (key, agent, ended) {
    this.#key = key
    this.#agent = agent
    this.#ended = ended
  }

  /** Whether a peer may connect to us. @param {import('@libp2p/interface').PeerId} peer */
  admits (peer) {
    return this.contacts.has(peer.toString()) || this.#asked.has(peer.toString())
  }

  /**
   * Asks for trust by a ticket, and waits for the accept.
   *
   * @param {import('./ticket.js').Ticket} ticket
   * @param {import('./card.js').Card} own
   * @param {(protocol: string) => Promise<import('@libp2p/interface').Stream>} open a stream to the maker of the ticket
   * @returns {Promise<Contact>}
   */
  async ask (ticket, own, open) {
    const { card } = ticket
    const peer = card.peer.toString()
    const request = await Statement.sign(this.#key, card.agent, this.#draft(peer, own))
    const answered = Promise.withResolvers()
    answered.promise.catch(() => {})
    this.#asked.set(peer, { card, request, answered })
    const timer = setTimeout(() => answered.reject(new PairingError('the ticket was not accepted')), PATIENCE)
    try {
      const stream = await open(knock.PROTOCOL)
      const reader = new Reader(stream)
      await expectOk(reader)
      await knock.knock(stream, reader, knock.encode(request.bytes, ticket.prove(request.id)))
      return await answered.promise
    } finally {
      clearTimeout(timer)
      this.#asked.delete(peer)
    }
  }

  /** A request is newer than all that was said before, and of the next round. */
  #draft (peer, card) {
    const generation = Number(this.contacts.get(peer)?.generation ?? 0) + 1
    return { kind: REQUEST, generation, at: Date.now(), card }
  }

  /** Responder of port 444. @param {import('@libp2p/interface').Stream} stream @param {import('@libp2p/interface').PeerId} peer */
  async hear (stream, peer) {
    const reader = await take(stream)
    const bytes = await readFrame(reader, MAX_FRAME)
    const then = await this.#learn(bytes, peer).catch(() => undefined)
    try {
      await write(stream, frame(cbor.encode({ answer: then === undefined ? INVALID : TAKEN }), CONTROL_FRAME))
      await stream.close()
      // Whoever told it closes when the answer has arrived: before that the connection has to stay.
      await reader.some(1)
    } finally {
      then?.()
    }
  }

  /** Takes in a statement, and returns what is to be done once it is answered. */
  async #learn (bytes, peer) {
    const statement = await Statement.fromBytes(bytes)
    const mine = equal(statement.from, peer.publicKey.raw) && equal(statement.to, this.#agent)
    if (!mine || statement.isAhead(Date.now())) return undefined
    switch (statement.kind) {
      case ACCEPT: return this.#accepted(statement, peer)
      case REJECT: return this.#rejected(statement, peer)
      case REVOKE: return this.#revoked(statement, peer)
    }
  }

  #accepted (statement, peer) {
    const asked = this.#asked.get(peer.toString())
    const known = this.contacts.get(peer.toString())
    // Told again because our answer was lost.
    if (known && equal(statement.answers, known.request.id)) return () => {}
    if (!asked || !equal(statement.answers, asked.request.id)) return undefined
    const { request } = asked
    const card = statement.card ?? asked.card
    const contact = { card, request, generation: Math.max(request.generation, Number(statement.generation)), heard: statement.at }
    this.contacts.set(peer.toString(), contact)
    return () => asked.answered.resolve(contact)
  }

  #rejected (statement, peer) {
    const asked = this.#asked.get(peer.toString())
    if (!asked || !equal(statement.answers, asked.request.id)) return undefined
    return () => asked.answered.reject(new PairingError('the request was rejected'))
  }

  #revoked (statement, peer) {
    const contact = this.contacts.get(peer.toString())
    const names = contact && statement.answers && equal(statement.answers, contact.request.id)
    const counts = contact && (names || statement.at > contact.heard || statement.generation >= contact.generation)
    if (!counts) return () => {}
    this.contacts.delete(peer.toString())
    return () => this.#ended(peer)
  }
}
