/** Statements: what one agent says to another about trust, signed. */

import { equal, hex, sha256, utf8 } from './bytes.js'
import { Card } from './card.js'
import { open, seal } from './envelope.js'
import { Fields } from './fields.js'
import { agentId } from './id.js'
import { MAX_NUMBER, readScopes } from './scopes.js'

/** The protocol of port 444. */
export const PROTOCOL = '/airway/trust/1.0.0'

/** Cap of a frame that carries a statement, in bytes. */
export const MAX_FRAME = 8 * 1024

/** Cap of a statement's envelope, in bytes. */
export const MAX_BYTES = 7_936

/** How far the author's clock may be ahead of ours, in milliseconds. */
export const MAX_AHEAD = 24 * 60 * 60 * 1000

/** Longest text, in bytes of UTF-8. */
const MAX_TEXT = 1024

const VERSION = 1
const KIND = { domain: 'airway-trust-v1', max: MAX_BYTES, signer: 'from' }
const ID_DOMAIN = utf8('airway-trust-id-v1\0')

/** What a statement says. */
export const REQUEST = 0
export const ACCEPT = 1
export const REJECT = 2
export const REVOKE = 3

/** What became of a statement that was told. */
export const TAKEN = 0
export const INVALID = 1

/** A rule for statements is broken. */
export class StatementError extends Error {
  name = 'StatementError'
}

/** A statement after every check that needs no context. */
export class Statement {
  constructor (bytes, contents) {
    this.bytes = bytes
    this.id = sha256(ID_DOMAIN, bytes)
    this.agent = agentId(contents.from)
    Object.assign(this, contents)
  }

  /**
   * Signs a statement to the agent `to`.
   *
   * @param {import('@libp2p/interface').Ed25519PrivateKey} key
   * @param {Uint8Array} to
   * @param {{ kind: number, generation: number | bigint, at: number | bigint, text?: string, answers?: Uint8Array,
   *   scopes?: import('./scopes.js').Scopes, card?: Card }} draft
   */
  static async sign (key, to, { kind, generation, at, text, answers, scopes, card }) {
    const from = key.publicKey.raw
    const body = { version: VERSION, kind, from, to, generation, at, text, answers, scopes, card: card?.bytes }
    return await Statement.fromBytes(await seal(KIND, key, body))
  }

  /** Verifies the bytes of a statement. @param {Uint8Array} bytes */
  static async fromBytes (bytes) {
    return new Statement(bytes, await validate(new Fields(await open(KIND, bytes))))
  }

  /** Whether it was signed too far in the future to be heard. @param {number} now in milliseconds since the Unix epoch */
  isAhead (now) {
    return this.at > now + MAX_AHEAD
  }

  toString () {
    return hex(this.id)
  }
}

async function validate (body) {
  const version = body.number('version')
  const contents = {
    kind: body.number('kind', REVOKE),
    from: body.bytes('from', 32),
    to: body.bytes('to', 32),
    generation: body.number('generation'),
    at: body.number('at'),
    text: body.optional('text', () => body.text('text')),
    answers: body.optional('answers', () => body.bytes('answers', 32)),
    scopes: body.optional('scopes', () => readScopes(body.map.scopes))
  }
  const card = body.optional('card', () => body.bytes('card'))
  if (version !== VERSION) throw new StatementError(`statement version ${version} is not known, only 1 is`)
  if (contents.generation > MAX_NUMBER) throw new StatementError('the generation is over the limit')
  if (contents.at > MAX_NUMBER) throw new StatementError('the time is none')
  if (utf8(contents.text ?? '').length > MAX_TEXT) throw new StatementError('the text is over the limit')
  parts(contents, card)
  contents.card = card && await Card.fromBytes(card)
  if (contents.card && !equal(contents.card.key, contents.from)) throw new StatementError('the card is another agent\'s')
  return contents
}

/** Which parts a statement of its kind has. */
function parts ({ kind, answers, scopes }, card) {
  const last = kind === REJECT || kind === REVOKE
  if (kind === REQUEST && answers) throw new StatementError('a request answers nothing')
  if (kind === REQUEST && !card) throw new StatementError('a request has to bring a card')
  if ((kind === ACCEPT || kind === REJECT) && !answers) throw new StatementError('it has to name what it answers')
  if (last && scopes) throw new StatementError('a reject and a revoke have no scopes')
  if (last && card) throw new StatementError('a reject and a revoke have no card')
}
