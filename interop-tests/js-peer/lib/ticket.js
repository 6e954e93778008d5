/** Tickets: a card with a secret that is good for one request. */

import { createHmac } from 'node:crypto'

import { base64url, concat, equal, sha256, unbase64url, utf8 } from './bytes.js'
import * as card from './card.js'
import * as cbor from './cbor.js'
import { Fields } from './fields.js'

/** What the text of every ticket begins with. */
export const PREFIX = 'airway-pair:'

/** Cap of a ticket's bytes. */
export const MAX_BYTES = card.MAX_BYTES + 128

const DOMAIN = utf8('airway-ticket-v1\0')

/** Bytes of the digest at the end of a ticket. */
const CHECK = 4

/** The text is not a ticket. */
export class TicketError extends Error {
  name = 'TicketError'
}

/** A ticket. Its text holds the secret. */
export class Ticket {
  /** @param {{ card: card.Card, id: Uint8Array, secret: Uint8Array, expires: number | bigint }} contents */
  constructor ({ card, id, secret, expires }) {
    Object.assign(this, { card, id, secret, expires })
  }

  /** Blanks around the ticket are allowed. @param {string} text */
  static async parse (text) {
    const contents = new Fields(cbor.decode(checked(text.trim())))
    const [id, secret, expires] = [contents.bytes('id', 8), contents.bytes('secret', 16), contents.number('expires')]
    return new Ticket({ card: await card.Card.fromBytes(contents.bytes('card')), id, secret, expires })
  }

  /** The proof that goes along with a request. @param {Uint8Array} statement its id */
  prove (statement) {
    const proof = new Uint8Array(createHmac('sha256', this.secret).update(concat(DOMAIN, statement)).digest())
    return { ticket: this.id, proof }
  }

  toString () {
    const { card, id, secret, expires } = this
    const contents = cbor.encode({ card: card.bytes, id, secret, expires })
    return PREFIX + base64url(concat(contents, sha256(contents).subarray(0, CHECK)))
  }
}

function checked (text) {
  if (text.startsWith(card.PREFIX)) throw new TicketError('that is a contact card, not a ticket')
  if (!text.startsWith(PREFIX)) throw new TicketError('not a ticket: a ticket begins with airway-pair:')
  const bytes = unbase64url(text.slice(PREFIX.length))
  if (bytes === undefined || bytes.length < CHECK) throw new TicketError('the ticket is truncated or altered')
  if (bytes.length > MAX_BYTES) throw new TicketError('too long for a ticket')
  const [contents, digits] = [bytes.subarray(0, -CHECK), bytes.subarray(-CHECK)]
  if (!equal(sha256(contents).subarray(0, CHECK), digits)) throw new TicketError('the ticket is truncated or altered')
  return contents
}
