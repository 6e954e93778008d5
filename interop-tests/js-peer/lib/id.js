/** Who an agent is, and the label by which people name it. */

import { base32, concat, sha256, utf8 } from './bytes.js'

const AGENT_DOMAIN = utf8('airway-agent-v1\0')
const ADDRESS_DOMAIN = utf8('airway-addr-v1\0')

/** Highest nonce of an address. */
const MAX_NONCE = 15

/** Bytes of the agent id in a fingerprint. */
const FINGERPRINT = 10

const P = 2n ** 255n - 19n

/** One of the two pairs of y at which the points of order 8 lie. */
const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n

/** The y of all points of small order: under such a key anybody can sign almost anything. */
const SMALL_ORDER = new Set([0n, 1n, P - 1n, ORDER_8, P - ORDER_8])

/** Whether an Ed25519 public key proves nothing. @param {Uint8Array} key */
export function isWeak (key) {
  const y = key.reduceRight((y, byte) => y << 8n | BigInt(byte), 0n) & (1n << 255n) - 1n
  return SMALL_ORDER.has(y % P)
}

/** The agent whose first key this is. @param {Uint8Array} key @returns {Uint8Array} */
export const agentId = (key) => sha256(AGENT_DOMAIN, key)

/** @param {Uint8Array} agent */
export const fingerprint = (agent) => base32(agent.subarray(0, FINGERPRINT))

/**
 * The address of an agent at the first nonce from the given one up that gives any; `undefined` if none does.
 *
 * @param {number} network
 * @param {Uint8Array} agent
 * @param {number} from
 */
export function deriveAddress (network, agent, from) {
  for (let nonce = from; nonce <= MAX_NONCE; nonce++) {
    const node = new DataView(sha256(ADDRESS_DOMAIN, concat(agent, Uint8Array.of(nonce))).buffer).getUint32(0)
    if (node >= 0x1_0000 && node < 0xffff_ff00) return { address: spell(network, node), nonce }
  }
}

function spell (network, node) {
  const group = (number) => number.toString(16).toUpperCase().padStart(4, '0')
  return `${network}:${group(network)}.${group(node >>> 16)}.${group(node & 0xffff)}`
}
