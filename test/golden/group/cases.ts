// Writes the cases of the golden files as JSON to stdout; Assignments.java adds what Java makes of them. Run by npm run golden.
import { makeHistory } from '../../oracle/assignor/history.ts'

const SEED = 20
const HISTORIES = 16

const nothing = { connectors: [], tasks: [] }
const work = { connectors: ['fs src', 'é漢'], tasks: [{ connector: 'fs src', task: 0 }, { connector: 'sink-only', task: 2 }, { connector: 'fs src', task: 1 }, { connector: 'sink-only', task: 0 }] } // biome-ignore format: one line is easier to read
const base = { error: 0, leaderId: 'connect-127.0.0.1-uuid', leaderUrl: 'http://127.0.0.1:8083/', configOffset: 30, assigned: nothing, revoked: nothing, delayMs: 0 } // biome-ignore format: one line is easier to read
const assignments = [
  base,
  { ...base, assigned: work },
  { ...base, assigned: work, revoked: { connectors: ['gone'], tasks: [{ connector: 'gone', task: 0 }] }, delayMs: 300_000 },
  { ...base, revoked: work, configOffset: 2 ** 40, delayMs: 1 },
  { ...base, error: 1, configOffset: -1 },
]
const url = 'http://[::1]:8083/'
const protocols = ['sessioned', 'compatible', 'default']

const hexOf = (...parts: readonly (string | number)[]): string =>
  parts.map(part => (typeof part === 'number' ? part.toString(16).padStart(4, '0') : part)).join('')
const text = (value: string) => hexOf(Buffer.byteLength(value), Buffer.from(value).toString('hex'))
const head = (version: number) => hexOf(version, 0, text('id'), text('http://a/'), '000000000000001e')
const oneConnector = hexOf('00000001', text('c'), '00000002', 'ffffffff', '00000000')
/** What older and newer members may send. */
const lenient = [
  head(1),
  head(2) + oneConnector,
  head(1) + oneConnector + oneConnector,
  `${head(0)}${oneConnector}`,
  `${head(2)}ffffffffffffffff00000007`,
  `${head(7)}${oneConnector}${oneConnector}00000007beef`,
  `${head(1)}00000002${text('c')}00000001ffffffff${text('c')}00000001000000050000000000000000`,
]

const protocol = [
  ...protocols.flatMap(name => assignments.map(assignment => ({ protocol: name, assignment }))),
  ...protocols.flatMap(name =>
    [null, ...assignments].map(assignment => ({ protocol: name, assignment, url, configOffset: assignment === null ? -1 : 31 })),
  ),
  ...lenient.map(hex => ({ protocol: 'sessioned', hex })),
]

const rounds = await Promise.all(Array.from({ length: HISTORIES }, async (_, number) => (await makeHistory(SEED, number)).history))
process.stdout.write(JSON.stringify({ protocol, rounds }))
