/** Knock: how a stranger says something, and the answer that is always the same. */

import * as cbor from './cbor.js'
import { Fields } from './fields.js'
import { CONTROL_FRAME, frame, readFrame } from './frame.js'
import { write } from './reader.js'
import { MAX_FRAME } from './trust.js'

/** The protocol. It belongs to no port. */
export const PROTOCOL = '/airway/knock/1.0.0'

/**
 * The frame of a knock.
 *
 * @param {Uint8Array} statement
 * @param {{ ticket: Uint8Array, proof: Uint8Array }} [ticket]
 */
export const encode = (statement, ticket) => frame(cbor.encode({ statement, ticket }), MAX_FRAME)

/** What the frame of a knock holds. @param {Uint8Array} body */
export function decode (body) {
  const fields = new Fields(cbor.decode(body))
  const ticket = fields.optional('ticket', () => {
    const inner = new Fields(fields.map.ticket)
    return { ticket: inner.bytes('ticket', 8), proof: inner.bytes('proof', 32) }
  })
  return { statement: fields.bytes('statement'), ticket }
}

/**
 * Knocks, and waits for the answer.
 *
 * @param {import('@libp2p/interface').Stream} stream
 * @param {import('./reader.js').Reader} reader of the stream, behind its status byte
 * @param {Uint8Array} knock
 */
export async function knock (stream, reader, knock) {
  await write(stream, knock)
  cbor.decode(await readFrame(reader, CONTROL_FRAME))
  await stream.close()
}
