// The golden vectors of the protocols, positive and negative.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'

import { hex } from '../lib/bytes.js'
import { Card } from '../lib/card.js'
import * as cbor from '../lib/cbor.js'
import { open, seal } from '../lib/envelope.js'
import { Fields } from '../lib/fields.js'
import { CONTROL_FRAME, frame, readFrame } from '../lib/frame.js'
import { agentId, deriveAddress } from '../lib/id.js'
import * as knock from '../lib/knock.js'
import { readScopes } from '../lib/scopes.js'
import { isName, isPattern } from '../lib/text.js'
import { Ticket } from '../lib/ticket.js'
import { MAX_FRAME, Statement } from '../lib/trust.js'

const vectors = async (name) =>
  JSON.parse(await readFile(new URL(`../../../protocols/tests/vectors/${name}.json`, import.meta.url), 'utf8'))
const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'))
const keyOf = (seed) => generateKeyPairFromSeed('Ed25519', unhex(seed))
const orAbsent = (value) => value ?? undefined

/** A stream that ends after these bytes. */
const streamOf = (bytes) => ({
  async exactly (count) {
    if (bytes.length < count) throw new Error('the stream ended')
    const taken = bytes.subarray(0, count)
    bytes = bytes.subarray(count)
    return taken
  }
})

const trust = await vectors('trust')

test('messages in the strict subset of CBOR', async () => {
  const { positive, negative } = await vectors('cbor')
  for (const { bytes, diagnostic } of positive) assert.doesNotThrow(() => cbor.decode(unhex(bytes)), diagnostic)
  for (const { bytes, why } of negative) assert.throws(() => cbor.decode(unhex(bytes)), undefined, why)
  for (const { bytes } of positive) assert.equal(hex(cbor.encode(cbor.decode(unhex(bytes)))), bytes)
})

test('frames', async () => {
  const { positive, negative } = await vectors('frame')
  for (const { max, body, bytes } of positive) {
    assert.equal(hex(frame(unhex(body), max)), bytes)
    assert.equal(hex(await readFrame(streamOf(unhex(bytes)), max)), body)
  }
  for (const { max, bytes, why } of negative) await assert.rejects(readFrame(streamOf(unhex(bytes)), max), undefined, why)
})

test('signed envelopes', async () => {
  const { positive, negative } = await vectors('envelope')
  const kind = { domain: positive[0].domain, max: 512, signer: 'key' }
  const note = async (bytes) => new Fields(await open(kind, unhex(bytes))).text('text')
  for (const { seed, text, bytes } of positive) {
    const key = await keyOf(seed)
    assert.equal(hex(await seal(kind, key, { key: key.publicKey.raw, text })), bytes)
    assert.equal(await note(bytes), text)
  }
  for (const { bytes, why } of negative) await assert.rejects(note(bytes), undefined, why)
})

test('agents and their addresses', async () => {
  const { positive } = await vectors('address')
  for (const { public_key: key, agent_id: agent, network, nonce, nonce_used: used, address } of positive) {
    assert.equal(hex(agentId(unhex(key))), agent)
    assert.deepEqual(deriveAddress(network, unhex(agent), nonce), { address, nonce: used })
  }
})

test('names', async () => {
  const { positive, negative } = await vectors('name')
  for (const name of positive) assert.ok(isName(name), name)
  for (const { text, why } of negative) assert.ok(!isName(text), why)
})

test('contact cards', async () => {
  const { positive, negative } = await vectors('card')
  for (const { seed, network, nonce, name, addresses, bytes, text } of positive) {
    const card = await Card.parse(text)
    assert.equal(hex(card.bytes), bytes)
    assert.deepEqual(card.addresses.map(String), addresses)
    if (network === 0 && nonce === 0) {
      const signed = await Card.sign(await keyOf(seed), orAbsent(name), addresses.map((address) => multiaddr(address)))
      assert.equal(signed.toString(), text)
    }
  }
  for (const { text, why } of negative) await assert.rejects(Card.parse(text), undefined, why)
})

test('statements', async () => {
  for (const { seed, to, bytes, id, ...said } of trust.statements) {
    const read = await Statement.fromBytes(unhex(bytes))
    assert.equal(read.toString(), id)
    assert.equal(hex(read.to), to)
    assert.equal(read.kind, said.kind)
    assert.equal(BigInt(read.generation), BigInt(said.generation))
    assert.equal(read.text, orAbsent(said.text))
    const draft = {
      ...read,
      text: orAbsent(said.text),
      answers: said.answers === null ? undefined : unhex(said.answers),
      scopes: orAbsent(said.scopes),
      card: said.card === null ? undefined : await Card.parse(said.card)
    }
    assert.equal(hex((await Statement.sign(await keyOf(seed), unhex(to), draft)).bytes), bytes)
  }
  for (const { bytes, why } of trust.refused_statements) {
    await assert.rejects(Statement.fromBytes(unhex(bytes)), undefined, why)
  }
})

test('scopes and patterns', () => {
  for (const { scopes, bytes } of trust.scopes) {
    assert.equal(hex(cbor.encode(scopes)), bytes)
    assert.deepEqual(readScopes(cbor.decode(unhex(bytes))), { until: undefined, ...scopes })
  }
  for (const { bytes, why } of trust.refused_scopes) assert.throws(() => readScopes(cbor.decode(unhex(bytes))), undefined, why)
  for (const pattern of trust.patterns) assert.ok(isPattern(pattern), pattern)
  for (const { text, why } of trust.refused_patterns) assert.ok(!isPattern(text), why)
})

test('what is told, and how it is answered', async () => {
  const read = async (bytes) => {
    const fields = new Fields(cbor.decode(await readFrame(streamOf(unhex(bytes)), CONTROL_FRAME)))
    return fields.number('answer', 2)
  }
  assert.equal(hex(frame(unhex(trust.statements[0].bytes), MAX_FRAME)), trust.told)
  for (const { answer, bytes } of trust.answers) {
    assert.equal(hex(frame(cbor.encode({ answer }), CONTROL_FRAME)), bytes)
    assert.equal(await read(bytes), answer)
  }
  for (const { bytes, why } of trust.refused_answers) await assert.rejects(read(bytes), undefined, why)
})

test('knocks', async () => {
  const read = async (bytes) => knock.decode(await readFrame(streamOf(unhex(bytes)), MAX_FRAME))
  for (const { statement, ticket, proof, bytes } of trust.knocks) {
    const proved = ticket === null ? undefined : { ticket: unhex(ticket), proof: unhex(proof) }
    assert.equal(hex(knock.encode(unhex(statement), proved)), bytes)
    assert.deepEqual(await read(bytes), { statement: unhex(statement), ticket: proved })
  }
  for (const { bytes, why } of trust.refused_knocks) await assert.rejects(read(bytes), undefined, why)
})

test('tickets', async () => {
  for (const { card, id, secret, expires, text, statement, proof } of trust.tickets) {
    const ticket = await Ticket.parse(text)
    assert.equal(ticket.card.toString(), card)
    assert.deepEqual([hex(ticket.id), hex(ticket.secret), Number(ticket.expires)], [id, secret, expires])
    assert.equal(ticket.toString(), text)
    assert.equal(hex(ticket.prove(unhex(statement)).proof), proof)
  }
  for (const { text, why } of trust.refused_tickets) await assert.rejects(Ticket.parse(text), undefined, why)
})
