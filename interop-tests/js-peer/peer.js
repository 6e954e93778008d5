// The peer of the interop tests on js-libp2p: flags in, one JSON object per line out. See README.md.

import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

import { Agent } from './lib/agent.js'
import { TRANSPORTS } from './lib/host.js'

const say = (object) => process.stdout.write(JSON.stringify(object) + '\n')

/** What the peer does for whoever drives it. @param {Agent} agent */
const verbs = (agent) => ({
  card: async () => ({ card: (await agent.card()).toString() }),
  pair: async ({ ticket }) => ({ who: (await agent.pair(ticket)).endpoint }),
  contacts: async () => ({
    contacts: agent.contacts.map(({ endpoint, name }) => ({ who: endpoint, name: name ?? null, state: 'trusted' }))
  }),
  ping: async ({ who }) => await agent.ping(who),
  echo: async ({ who, bytes }) => await agent.echo(who, bytes),
  serve: async ({ port }) => { await agent.serve(port) },
  call: async ({ who, port, bytes }) => await agent.call(who, port, bytes),
  path: async ({ who }) => agent.path(who),
  disconnect: async ({ who }) => { await agent.disconnect(who) }
})

async function answer (known, line) {
  let id = null
  try {
    const { id: given, do: verb, ...args } = JSON.parse(line)
    id = given
    if (!Object.hasOwn(known, verb)) throw new Error(`unknown verb ${verb}`)
    say({ id, ok: true, ...await known[verb](args) })
  } catch (error) {
    say({ id, ok: false, error: `${error.name}: ${error.message}` })
  }
}

function flags () {
  const string = { type: 'string' }
  const { values } = parseArgs({ options: {
    name: string, transport: string, listen: { ...string, default: '127.0.0.1' }, home: string
  } })
  if (!TRANSPORTS.includes(values.transport)) throw new Error(`--transport is one of ${TRANSPORTS.join(', ')}`)
  return values
}

try {
  const agent = await Agent.start(flags())
  const card = await agent.card()
  const known = verbs(agent)
  say({ event: 'ready', peer: card.peer.toString(), endpoint: card.endpoint, card: card.toString() })
  for await (const line of createInterface({ input: process.stdin })) void answer(known, line)
  await agent.stop()
} catch (error) {
  say({ event: 'failed', error: `${error.name}: ${error.message}` })
  process.exitCode = 1
}
