/** Ports, and the status byte in front of every stream. */

import { createHash } from 'node:crypto'

import { Reader, write } from './reader.js'

/** The protocol of port 7. */
export const ECHO = '/airway/echo/1.0.0'

/** Ports that services hold, on every agent. */
const SERVICES = new Map([
  [7, ECHO], [444, '/airway/trust/1.0.0'], [1001, '/airway/data/1.0.0'], [1002, '/airway/events/1.0.0'],
  [1003, '/airway/tasks/1.0.0']
])

/** Longest line with which a port that is served answers, in bytes. */
const MAX_LINE = 256

/** What the first byte of the responder may say. */
const OK = 0
const REFUSALS = new Map([
  [1, 'the peer is busy'], [2, 'the peer refused the stream'], [3, 'nobody listens on that port']
])

/** The responder did not take the stream. */
export class RefusedError extends Error {
  name = 'RefusedError'
}

/** The protocol that a stream to a port negotiates. @param {number} port */
export function protocolOf (port) {
  if (!Number.isInteger(port) || port < 1 || port > 0xffff) throw new RangeError(`there is no port ${port}`)
  return SERVICES.get(port) ?? `/airway/port/${port}/1.0.0`
}

/** Whether users may listen on a port. @param {number} port */
export const isFree = (port) => !SERVICES.has(port)

/** Opener: the status byte, which is the first one that comes. @param {Reader} reader */
export async function expectOk (reader) {
  const [status] = await reader.exactly(1)
  if (status !== OK) throw new RefusedError(REFUSALS.get(status) ?? `the peer answered with the unknown status ${status}`)
}

/** Responder: takes a stream. @param {import('@libp2p/interface').Stream} stream @returns {Promise<Reader>} */
export async function take (stream) {
  const reader = new Reader(stream)
  await write(stream, Uint8Array.of(OK))
  return reader
}

/** Echoes a stream until the remote half closes. @param {import('@libp2p/interface').Stream} stream */
export async function echo (stream) {
  for await (const chunk of await take(stream)) await write(stream, chunk)
  await stream.close()
}

/** Answers with how much came, and its digest, when all has come. @param {import('@libp2p/interface').Stream} stream */
export async function digest (stream) {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of await take(stream)) {
    hash.update(chunk)
    bytes += chunk.length
  }
  await write(stream, Buffer.from(JSON.stringify({ bytes, sha256: hash.digest('hex') }) + '\n'))
  await stream.close()
}

/** Opener: sends chunks, closes its half. @param {import('@libp2p/interface').Stream} stream @param {Iterable<Uint8Array>} chunks */
export async function send (stream, chunks) {
  for (const chunk of chunks) await write(stream, chunk)
  await stream.close()
}

/** Opener: the line with which `digest` answers. @param {Reader} reader */
export async function line (reader) {
  let text = ''
  for await (const chunk of reader) {
    text += Buffer.from(chunk).toString()
    if (text.length > MAX_LINE) throw new RangeError('the line of the answer is too long')
  }
  return JSON.parse(text)
}
