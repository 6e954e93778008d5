/** Frames: an unsigned-varint length, then that many bytes. */

import * as varint from 'uint8-varint'

import { concat } from './bytes.js'

/** Cap of a frame that controls something, in bytes. */
export const CONTROL_FRAME = 4 * 1024

/** Longest prefix, in bytes. */
const MAX_PREFIX = 5

/** The frame breaks a rule. The stream is of no further use. */
export class FrameError extends Error {
  name = 'FrameError'
}

/** @param {Uint8Array} body @param {number} max @returns {Uint8Array} */
export function frame (body, max) {
  if (body.length > max) throw new FrameError(`a frame of ${body.length} bytes is over the limit of ${max}`)
  return concat(varint.encode(body.length), body)
}

/**
 * Reads one frame.
 *
 * @param {Pick<import('./reader.js').Reader, 'exactly'>} reader
 * @param {number} max bytes of the body
 * @returns {Promise<Uint8Array>}
 */
export async function readFrame (reader, max) {
  const length = await prefix(reader)
  if (length > max) throw new FrameError(`a frame of ${length} bytes is over the limit of ${max}`)
  return await reader.exactly(length)
}

async function prefix (reader) {
  let length = 0
  for (let at = 0; at < MAX_PREFIX; at++) {
    const [byte] = await reader.exactly(1)
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) {
      if (byte === 0 && at > 0) break
      return length
    }
  }
  throw new FrameError('the length of a frame is not a minimal varint')
}
