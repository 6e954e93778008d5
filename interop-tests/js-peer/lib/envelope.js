/**
 * Signed objects: a libp2p signed envelope (RFC 0002) around one CBOR message, in the one form that sealing writes.
 */

import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import * as varint from 'uint8-varint'

import { concat, equal, utf8 } from './bytes.js'
import * as cbor from './cbor.js'
import { isWeak } from './id.js'

const PAYLOAD_TYPE = utf8('/airway/cbor')

/** What stands before an Ed25519 key in libp2p's protobuf of it. */
const ED25519 = Uint8Array.of(0x08, 0x01, 0x12, 0x20)

/** Tags of an envelope's fields, each of bytes: public key, payload type, payload, signature. */
const TAGS = [0x0a, 0x12, 0x1a, 0x2a]

/** The envelope is not in order. */
export class EnvelopeError extends Error {
  name = 'EnvelopeError'
}

/**
 * A kind of object that is only ever sent signed.
 *
 * @typedef {object} Kind
 * @property {string} domain keeps signatures over this kind apart from all others
 * @property {number} max bytes of the whole envelope
 * @property {string} signer the field that names the author's key
 */

/**
 * Signs an object that names the key as its author's.
 *
 * @param {Kind} kind
 * @param {import('@libp2p/interface').Ed25519PrivateKey} key
 * @param {object} object
 * @returns {Promise<Uint8Array>}
 */
export async function seal (kind, key, object) {
  const payload = cbor.encode(object)
  const signature = await key.sign(signed(kind.domain, payload))
  const bytes = write([concat(ED25519, key.publicKey.raw), PAYLOAD_TYPE, payload, signature])
  if (bytes.length > kind.max) throw new EnvelopeError('over the limit')
  return bytes
}

/**
 * Verifies an envelope, and returns the object inside.
 *
 * @param {Kind} kind
 * @param {Uint8Array} bytes
 * @returns {Promise<Record<string, unknown>>}
 */
export async function open (kind, bytes) {
  if (bytes.length > kind.max) throw new EnvelopeError('over the limit')
  const [publicKey, type, payload, signature] = read(bytes)
  if (publicKey.length !== 36 || !equal(publicKey.subarray(0, 4), ED25519)) throw new EnvelopeError('no ed25519 key')
  const key = publicKey.subarray(4)
  if (!equal(type, PAYLOAD_TYPE)) throw new EnvelopeError('the envelope holds another type of payload')
  if (!await publicKeyFromRaw(key).verify(signed(kind.domain, payload), signature)) {
    throw new EnvelopeError('the signature does not fit')
  }
  if (isWeak(key)) throw new EnvelopeError('the key of the signer is weak: anybody can sign with it')
  const object = cbor.decode(payload)
  const author = object[kind.signer]
  if (!(author instanceof Uint8Array) || !equal(author, key)) throw new EnvelopeError('signed by another key than named')
  return object
}

/** What the signature is over. */
function signed (domain, payload) {
  return concat(...[utf8(domain), PAYLOAD_TYPE, payload].flatMap((part) => [varint.encode(part.length), part]))
}

function write (fields) {
  return concat(...fields.flatMap((field, at) => [Uint8Array.of(TAGS[at]), varint.encode(field.length), field]))
}

/** The four fields of an envelope. Written anew they have to be the same bytes: an object goes under one hash. */
function read (bytes) {
  const fields = []
  let at = 0
  try {
    for (const tag of TAGS) {
      if (bytes[at++] !== tag) throw new RangeError('another field')
      const length = varint.decode(bytes, at)
      at += varint.encodingLength(length)
      fields.push(bytes.slice(at, at += length))
    }
  } catch (cause) {
    throw new EnvelopeError('not a signed envelope', { cause })
  }
  if (!equal(write(fields), bytes)) throw new EnvelopeError('the envelope has an unusual encoding')
  return fields
}
