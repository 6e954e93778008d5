/** Reading and writing a stream of js-libp2p, with no more held in either direction than is bounded. */

import { Uint8ArrayList } from 'uint8arraylist'

/** Bytes that may wait to be read; beyond it the other side is told to pause. */
const HIGH_WATER = 256 * 1024

/** The stream ended before what was expected had come. */
export class EndedError extends Error {
  name = 'EndedError'
}

/** Reads one stream. Nobody else may read it. */
export class Reader {
  #stream
  #held = new Uint8ArrayList()
  #failure
  #wake = () => {}

  /** @param {import('@libp2p/interface').Stream} stream */
  constructor (stream) {
    this.#stream = stream
    stream.addEventListener('close', ({ error }) => {
      this.#failure = error
      this.#wake()
    })
    stream.addEventListener('end', () => this.#wake())
    stream.addEventListener('message', ({ data }) => {
      this.#held.append(data)
      if (this.#held.byteLength >= HIGH_WATER && stream.readStatus === 'readable') stream.pause()
      this.#wake()
    })
  }

  /** What has come, up to `most` bytes; nothing at the end. @param {number} [most] @returns {Promise<Uint8Array>} */
  async some (most = HIGH_WATER) {
    while (this.#held.byteLength === 0 && !this.#stream.readableEnded) {
      if (this.#failure !== undefined) throw this.#failure
      await new Promise((resolve) => { this.#wake = resolve })
    }
    const taken = this.#held.slice(0, Math.min(most, this.#held.byteLength))
    this.#held.consume(taken.length)
    if (this.#held.byteLength === 0 && this.#stream.readStatus === 'paused') this.#stream.resume()
    if (taken.length === 0 && this.#failure !== undefined) throw this.#failure
    return taken
  }

  /** Exactly so many bytes. @param {number} count */
  async exactly (count) {
    const parts = []
    for (let left = count; left > 0;) {
      const part = await this.some(left)
      if (part.length === 0) throw new EndedError(`the stream ended ${left} bytes early`)
      parts.push(part)
      left -= part.length
    }
    return new Uint8Array(Buffer.concat(parts))
  }

  /** All chunks until the other side closes its half. */
  async * [Symbol.asyncIterator] () {
    for (;;) {
      const chunk = await this.some()
      if (chunk.length === 0) return
      yield chunk
    }
  }
}

/**
 * Bytes that may wait to be sent. js-libp2p's yamux puts all that waits into one frame, as far as the window of the other
 * side allows, and rust-libp2p's ends the connection at a frame over 1 MiB.
 */
const MAX_UNSENT = 256 * 1024

/**
 * Writes, and waits where too much waits already.
 *
 * @param {import('@libp2p/interface').Stream} stream
 * @param {Uint8Array} bytes
 */
export async function write (stream, bytes) {
  stream.send(bytes)
  while (stream.writeBufferLength > MAX_UNSENT) await change(stream)
}

/** Until some of what waits has been sent. */
async function change (stream) {
  const { promise, resolve, reject } = Promise.withResolvers()
  const closed = ({ error }) => reject(error ?? new EndedError('the stream was closed'))
  const events = [['drain', resolve], ['idle', resolve], ['close', closed]]
  for (const [name, listener] of events) stream.addEventListener(name, listener)
  try {
    await promise
  } finally {
    for (const [name, listener] of events) stream.removeEventListener(name, listener)
  }
}
