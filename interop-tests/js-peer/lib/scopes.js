/** What a trusted agent may do. */

import { Fields, MismatchError } from './fields.js'
import { isPattern } from './text.js'

const MAX_PORTS = 64
const MAX_PATTERNS = 16

/** Largest time, in milliseconds since the Unix epoch, and largest generation. */
export const MAX_NUMBER = 2n ** 53n

/** A limit of scopes is broken. */
export class ScopesError extends Error {
  name = 'ScopesError'
}

const isPort = (port) => Number.isInteger(port) && port >= 1 && port <= 0xffff
const isPatternText = (text) => typeof text === 'string' && isPattern(text)

/**
 * @typedef {object} Scopes
 * @property {'all' | number[]} ports
 * @property {string[]} publish
 * @property {string[]} subscribe
 * @property {boolean} submit
 * @property {number | bigint} [until] in milliseconds since the Unix epoch
 */

/** Reads scopes from a decoded map, and checks their limits. @param {unknown} map @returns {Scopes} */
export function readScopes (map) {
  const fields = new Fields(map)
  const scopes = {
    ports: fields.map.ports === 'all' ? 'all' : ports(fields),
    publish: fields.list('publish', isPatternText),
    subscribe: fields.list('subscribe', isPatternText),
    submit: fields.flag('submit'),
    until: fields.optional('until', () => fields.number('until'))
  }
  if (scopes.ports.length > MAX_PORTS && scopes.ports !== 'all') throw new ScopesError('too many ports')
  if (Math.max(scopes.publish.length, scopes.subscribe.length) > MAX_PATTERNS) throw new ScopesError('too many patterns')
  if (scopes.until !== undefined && scopes.until > MAX_NUMBER) throw new ScopesError('until is no time')
  return scopes
}

function ports (fields) {
  const ports = fields.list('ports', isPort)
  if (new Set(ports).size !== ports.length) throw new MismatchError('a port stands twice')
  return ports.sort((a, b) => a - b)
}
