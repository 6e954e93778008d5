/**
 * CBOR (RFC 8949) in the strict subset of Airway: a message is a map with text keys, and each value has one encoding.
 *
 * Refused are bytes after the message, keys twice or other than text, indefinite lengths, longer forms than needed, tags,
 * floats, simple values but false, true and null, text that is not UTF-8, and nesting over `MAX_DEPTH`.
 */

import { concat, utf8 } from './bytes.js'

/** Arrays and maps that may stand inside one another: it protects the stack. */
export const MAX_DEPTH = 16

/** The bytes are not CBOR in the strict subset. */
export class MalformedError extends Error {
  name = 'MalformedError'
}

/**
 * Encodes a message. Keys stand in the order of the object, without those that are undefined.
 *
 * @param {object} message
 * @returns {Uint8Array}
 */
export function encode (message) {
  return item(message)
}

/**
 * Decodes a message from exactly these bytes. Numbers beyond 2^53 - 1 are of type bigint.
 *
 * @param {Uint8Array} bytes
 * @returns {Record<string, unknown>}
 */
export function decode (bytes) {
  if (bytes.length > 0 && bytes[0] >> 5 !== 5) throw new MalformedError('a message that is not a map')
  const scan = new Scan(bytes)
  const message = scan.item(0)
  if (scan.at !== bytes.length) throw new MalformedError('bytes after the message')
  return message
}

function item (value) {
  if (value === false) return Uint8Array.of(0xf4)
  if (value === true) return Uint8Array.of(0xf5)
  if (value === null) return Uint8Array.of(0xf6)
  if (typeof value === 'number' || typeof value === 'bigint') return integer(BigInt(value))
  if (typeof value === 'string') return concat(head(3, utf8(value).length), utf8(value))
  if (value instanceof Uint8Array) return concat(head(2, value.length), value)
  if (Array.isArray(value)) return concat(head(4, value.length), ...value.map(item))
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  return concat(head(5, entries.length), ...entries.flatMap(([key, entry]) => [item(key), item(entry)]))
}

const integer = (value) => value < 0n ? head(1, -1n - value) : head(0, value)

function head (major, value) {
  const number = BigInt(value)
  const initial = (info) => Uint8Array.of(major << 5 | info)
  if (number < 24n) return initial(Number(number))
  const width = number < 1n << 8n ? 1 : number < 1n << 16n ? 2 : number < 1n << 32n ? 4 : 8
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(number)
  return concat(initial(24 + Math.log2(width)), bytes.subarray(8 - width))
}

class Scan {
  at = 0

  constructor (bytes) {
    this.bytes = bytes
  }

  item (depth) {
    const { major, info, value } = this.head()
    switch (major) {
      case 0: return value
      case 1: return typeof value === 'number' ? -1 - value : -1n - value
      case 2: return this.take(this.length(value, 1))
      case 3: return this.text(value)
      case 4: return this.array(value, depth + 1)
      case 5: return this.map(value, depth + 1)
      case 6: throw new MalformedError('a tag')
    }
    if (info < 20 || info > 22) throw new MalformedError('a float, or a simple value other than false, true and null')
    return [false, true, null][info - 20]
  }

  head () {
    const [initial] = this.take(1)
    const [major, info] = [initial >> 5, initial & 31]
    if (info < 24) return { major, info, value: info }
    if (info > 27) throw new MalformedError('an indefinite length, or a reserved initial byte')
    const width = 1 << (info - 24)
    const value = this.take(width).reduce((value, byte) => value << 8n | BigInt(byte), 0n)
    const least = width === 1 ? 24n : 1n << BigInt(4 * width)
    if (major !== 7 && value < least) throw new MalformedError('a number in a longer form than needed')
    return { major, info, value: value <= Number.MAX_SAFE_INTEGER ? Number(value) : value }
  }

  take (count) {
    if (count > this.bytes.length - this.at) throw new MalformedError('an item that is cut short')
    this.at += count
    return this.bytes.slice(this.at - count, this.at)
  }

  /** A length, if as many units of so many bytes are left at all. */
  length (value, unit) {
    if (value > (this.bytes.length - this.at) / unit) throw new MalformedError('a length beyond the end')
    return value
  }

  text (length) {
    const bytes = this.take(this.length(length, 1))
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw new MalformedError('a text that is not utf-8')
    }
  }

  array (count, depth) {
    this.length(count, 1)
    within(depth)
    return Array.from({ length: count }, () => this.item(depth))
  }

  map (count, depth) {
    // An entry takes two bytes at least.
    this.length(count, 2)
    within(depth)
    const map = Object.create(null)
    for (let entry = 0; entry < count; entry++) {
      const { major, value } = this.head()
      if (major !== 3) throw new MalformedError('a map key that is not text')
      const key = this.text(value)
      if (key in map) throw new MalformedError('a duplicate map key')
      map[key] = this.item(depth)
    }
    return map
  }
}

function within (depth) {
  if (depth > MAX_DEPTH) throw new MalformedError(`nesting over ${MAX_DEPTH} levels`)
}
