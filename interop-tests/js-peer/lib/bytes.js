/** Bytes, texts and digests, as every other module needs them. */

import { createHash } from 'node:crypto'

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** @param {string} text @returns {Uint8Array} */
export const utf8 = (text) => new TextEncoder().encode(text)

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export const concat = (...parts) => new Uint8Array(Buffer.concat(parts))

/** @param {Uint8Array} a @param {Uint8Array} b */
export const equal = (a, b) => Buffer.compare(a, b) === 0

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export const sha256 = (...parts) => new Uint8Array(createHash('sha256').update(concat(...parts)).digest())

/** @param {Uint8Array} bytes */
export const hex = (bytes) => Buffer.from(bytes).toString('hex')

/** Base32 in lower case, without padding. @param {Uint8Array} bytes */
export function base32 (bytes) {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8 | byte) & 0xfff
    bits += 8
    for (; bits >= 5; bits -= 5) text += BASE32[held >> (bits - 5) & 31]
  }
  return bits > 0 ? text + BASE32[held << (5 - bits) & 31] : text
}

/** Base64url without padding. @param {Uint8Array} bytes */
export const base64url = (bytes) => Buffer.from(bytes).toString('base64url')

/** The reverse, of the one spelling that `base64url` writes; `undefined` for any other. @param {string} text */
export function unbase64url (text) {
  const bytes = new Uint8Array(Buffer.from(text, 'base64url'))
  return base64url(bytes) === text ? bytes : undefined
}
