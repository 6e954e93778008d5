/** Fields of a decoded message, each of the type that is expected. Keys that nobody asks for are ignored. */

/** The bytes are well-formed, but not the message that was expected. */
export class MismatchError extends Error {
  name = 'MismatchError'
}

const isNumber = (value) => typeof value === 'number' || typeof value === 'bigint'

/** Reads fields by name; an optional one that is missing or null is `undefined`. */
export class Fields {
  /** @param {unknown} map what stands where a map is expected */
  constructor (map) {
    if (map === null || typeof map !== 'object' || Object.getPrototypeOf(map) !== null) {
      throw new MismatchError('not a map')
    }
    this.map = map
  }

  /** @template T @param {string} name @param {(value: unknown) => boolean} is @returns {T} */
  get (name, is) {
    const value = this.map[name]
    if (value === undefined || !is(value)) throw new MismatchError(`${name} is missing, or of another type`)
    return value
  }

  /** @template T @param {string} name @param {(fields: Fields) => T} read @returns {T | undefined} */
  optional (name, read) {
    return this.map[name] === undefined || this.map[name] === null ? undefined : read(this)
  }

  /** A number from 0 to `max`. @param {string} name @param {bigint | number} max @returns {number | bigint} */
  number (name, max = 2n ** 64n - 1n) {
    return this.get(name, (value) => isNumber(value) && value >= 0 && value <= max)
  }

  /** @param {string} name @returns {string} */
  text (name) {
    return this.get(name, (value) => typeof value === 'string')
  }

  /** @param {string} name @returns {boolean} */
  flag (name) {
    return this.get(name, (value) => typeof value === 'boolean')
  }

  /** @param {string} name @param {number} [length] @returns {Uint8Array} */
  bytes (name, length) {
    return this.get(name, (value) => value instanceof Uint8Array && (length === undefined || value.length === length))
  }

  /** @param {string} name @param {(value: unknown) => boolean} is of each element @returns {unknown[]} */
  list (name, is) {
    return this.get(name, (value) => Array.isArray(value) && value.every(is))
  }
}
