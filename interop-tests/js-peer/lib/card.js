/** Contact cards: the string that an owner hands out so that somebody can reach the agent and knows that it is the one. */

import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'

import { base64url, unbase64url } from './bytes.js'
import { open, seal } from './envelope.js'
import { Fields } from './fields.js'
import { agentId, deriveAddress, fingerprint } from './id.js'
import { isName } from './text.js'

/** What the text of every card begins with. */
export const PREFIX = 'airway:'

/** Cap of a card's envelope, in bytes. */
export const MAX_BYTES = 2_048

const MAX_ADDRESSES = 8
const MAX_ADDRESS_BYTES = 128
const KIND = { domain: 'airway-card-v1', max: MAX_BYTES, signer: 'key' }

/** The text or the bytes are not a valid card. */
export class CardError extends Error {
  name = 'CardError'
}

/** A contact card whose signature has been verified. */
export class Card {
  constructor (bytes, { key, address, name, addresses }) {
    this.bytes = bytes
    this.key = key
    this.agent = agentId(key)
    this.peer = peerIdFromPublicKey(publicKeyFromRaw(key))
    this.endpoint = `${address}#${fingerprint(this.agent)}`
    /** @type {string | undefined} */
    this.name = name
    /** @type {import('@multiformats/multiaddr').Multiaddr[]} */
    this.addresses = addresses
  }

  /**
   * Signs a card of the backbone.
   *
   * @param {import('@libp2p/interface').Ed25519PrivateKey} key
   * @param {string | undefined} name
   * @param {import('@multiformats/multiaddr').Multiaddr[]} addresses without the own `/p2p`
   */
  static async sign (key, name, addresses) {
    const raw = key.publicKey.raw
    const { nonce } = deriveAddress(0, agentId(raw), 0) ?? {}
    const body = { version: 1, key: raw, network: 0, nonce, name, addresses: addresses.map(({ bytes }) => bytes) }
    return Card.fromBytes(await seal(KIND, key, body))
  }

  /** Verifies the bytes of a card. @param {Uint8Array} bytes */
  static async fromBytes (bytes) {
    return new Card(bytes, validate(new Fields(await open(KIND, bytes))))
  }

  /** Blanks around the card are allowed: copying leaves them there. @param {string} text */
  static async parse (text) {
    const trimmed = text.trim()
    if (!trimmed.startsWith(PREFIX)) throw new CardError('not a card: a card begins with airway:')
    const bytes = unbase64url(trimmed.slice(PREFIX.length))
    if (bytes === undefined) throw new CardError('the card is truncated or altered')
    return await Card.fromBytes(bytes)
  }

  toString () {
    return PREFIX + base64url(this.bytes)
  }
}

function validate (body) {
  const version = body.number('version')
  const [key, network, nonce] = [body.bytes('key', 32), body.number('network', 0xffff), body.number('nonce', 0xff)]
  const name = body.optional('name', () => body.text('name'))
  const binary = body.list('addresses', (address) => address instanceof Uint8Array)
  if (version !== 1) throw new CardError(`card version ${version} is not known, only 1 is`)
  const derived = deriveAddress(network, agentId(key), nonce)
  if (derived?.nonce !== nonce) throw new CardError(`the agent of the card has no address at nonce ${nonce}`)
  if (name !== undefined && !isName(name)) throw new CardError('the name on the card is none')
  if (binary.length > MAX_ADDRESSES) throw new CardError(`more than ${MAX_ADDRESSES} multiaddrs on a card`)
  return { key, address: derived.address, name, addresses: binary.map(address) }
}

function address (bytes) {
  if (bytes.length > MAX_ADDRESS_BYTES) throw new CardError('a multiaddr on the card is too long')
  let address
  try {
    address = multiaddr(bytes)
  } catch (cause) {
    throw new CardError('a multiaddr on the card is malformed', { cause })
  }
  const last = address.getComponents().at(-1)?.name
  if (last === undefined) throw new CardError('a multiaddr on the card is empty')
  if (last === 'p2p') throw new CardError('a multiaddr on the card ends in /p2p')
  return address
}
