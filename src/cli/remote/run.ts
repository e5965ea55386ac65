// `sluice cluster …` and `sluice connectors …`: asks a worker, shows what it says, settles with the exit code. Main thread of a command; called
// by main.ts.
import { readFile } from 'node:fs/promises'
import { ConfigError, codeOf, toError } from '../../base/errors.ts'
import { type Invocation, invocationOf, remoteCommands } from '../commands.ts'
import { readConnectorFile } from '../connector-file.ts'
import { printable } from '../terminal-text.ts'
import { accessOf } from './access.ts'
import { REFUSED, RestClient, RestRefusal, UNREACHABLE } from './rest-client.ts'
import {
  type ClusterStatus,
  type ConnectorStatus,
  clusterText,
  configText,
  type Expanded,
  faultsOf,
  listText,
  offsetsText,
  oneStatusText,
  statusText,
} from './views.ts'

const EXIT_USAGE = 1
const EXIT_UNREACHABLE = 2
const EXIT_REFUSED = 3
const EXIT_CHECK = 4

interface Outcome {
  /** for --json */
  readonly value: unknown
  readonly text: string
  readonly exitCode?: number
}

type Run = (client: RestClient, invocation: Invocation) => Promise<Outcome>

/** What a command is given by its process, and where it writes. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  out(text: string): void
  err(text: string): void
}

export const ofProcess: Surroundings = {
  env: process.env,
  out: text => process.stdout.write(text),
  err: text => process.stderr.write(text),
}

/** Settles with the exit code. */
export async function runRemote(args: readonly string[], { env, out, err }: Surroundings = ofProcess): Promise<number> {
  let invocation: Invocation
  let client: RestClient
  try {
    invocation = invocationOf(remoteCommands, args)
    client = new RestClient(accessOf(invocation.values, env))
  } catch (error) {
    if (codeOf(error) !== 'CONNECT_CONFIG') throw error
    err(`${printable(toError(error).message)}\nHelp: sluice ${args[0]} --help\n`)
    return EXIT_USAGE
  }
  try {
    const run = RUNS[invocation.command.name] as Run
    const { value, text, exitCode = 0 } = await run(client, invocation)
    out(invocation.values.json === true ? `${JSON.stringify(value, null, 2)}\n` : text)
    return exitCode
  } catch (error) {
    const code = codeOf(error)
    if (code !== REFUSED && code !== UNREACHABLE && code !== 'CONNECT_CONFIG') throw error
    err(`${printable(messageOf(error, invocation))}\n`)
    return code === UNREACHABLE ? EXIT_UNREACHABLE : EXIT_REFUSED
  }
}

/** What the worker said, and what to do next where that is known. */
function messageOf(error: unknown, { command, positionals }: Invocation): string {
  const message = toError(error).message
  if (!(error instanceof RestRefusal)) return message
  const next = nextStep(error, command.name)
  return `${command.name} ${positionals.join(' ')}: ${message} (${error.status})${next === null ? '' : `\n${next}`}`
}

function nextStep({ status, message }: RestRefusal, command: string): string | null {
  if (status === 404) return 'The connectors that there are: sluice connectors list'
  if (status === 409 && /already exists/.test(message)) return 'To replace its config: sluice connectors create FILE --update'
  if (status === 409) return 'The workers are sharing out the work: try again in some seconds.'
  if (status === 400 && command === 'connectors offsets')
    return 'Offsets change while a connector is stopped: sluice connectors stop NAME'
  return null
}

const connectorsOf = async (client: RestClient): Promise<Expanded[]> =>
  Object.values(await client.ask<Record<string, Expanded>>('GET', ['connectors'], undefined, ['expand=info', 'expand=status']))

/** The exit code where --check was given. */
function checked({ values }: Invocation, statuses: readonly ConnectorStatus[]): number {
  return values.check === true && statuses.some(status => faultsOf(status).length > 0) ? EXIT_CHECK : 0
}

const clusterStatus: Run = async (client, invocation) => {
  const info = await client.ask<Omit<ClusterStatus, 'url' | 'health' | 'connectors'>>('GET', [''])
  const connectors = await connectorsOf(client)
  const cluster = { url: client.url, ...info, health: await healthOf(client), connectors }
  const exitCode = checked(
    invocation,
    connectors.map(({ status }) => status),
  )
  return { value: cluster, text: clusterText(cluster), exitCode }
}

/** A worker that is not healthy says so with a status of 500 or 503. */
async function healthOf(client: RestClient): Promise<ClusterStatus['health']> {
  try {
    return await client.ask('GET', ['health'])
  } catch (error) {
    if (!(error instanceof RestRefusal)) throw error
    if (error.status === 404) return null
    return { status: error.status === 503 ? 'starting' : 'unhealthy', message: error.message }
  }
}

const list: Run = async client => {
  const connectors = await connectorsOf(client)
  return { value: connectors.map(({ info }) => info), text: listText(connectors) }
}

const status: Run = async (client, invocation) => {
  const [name] = invocation.positionals
  if (name !== undefined) {
    const one = await client.ask<ConnectorStatus>('GET', ['connectors', name, 'status'])
    return { value: one, text: oneStatusText(one), exitCode: checked(invocation, [one]) }
  }
  const all = (await connectorsOf(client)).map(connector => connector.status)
  return { value: all, text: statusText(all), exitCode: checked(invocation, all) }
}

const config: Run = async (client, { positionals: [name = ''] }) => {
  const value = await client.ask<Record<string, string>>('GET', ['connectors', name, 'config'])
  return { value, text: configText(value) }
}

const create: Run = async (client, { positionals: [path = ''], values }) => {
  const { name, config: given, initialState } = await readConnectorFile(path)
  const state = typeof values.state === 'string' ? values.state.toUpperCase() : initialState
  if (values.update === true && state !== undefined) {
    throw new ConfigError('', 'A state cannot be given with --update: use pause, resume or stop afterwards')
  }
  if (values.update === true) {
    const value = await client.ask<{ tasks: unknown[] }>('PUT', ['connectors', name, 'config'], given)
    return { value, text: `${printable(name)}: its config is that of ${path}\n` }
  }
  const body = { name, config: given, ...(state === undefined ? {} : { initial_state: state }) }
  return { value: await client.ask('POST', ['connectors'], body), text: `${printable(name)}: created\n` }
}

/** The same request for each name; the first refusal ends it. */
function forEach(method: string, what: string, done: string): Run {
  return async (client, { positionals }) => {
    const texts: string[] = []
    for (const name of positionals) {
      await client.ask(method, what === '' ? ['connectors', name] : ['connectors', name, what])
      texts.push(`${printable(name)}: ${done}\n`)
    }
    return { value: positionals.map(name => ({ name, done })), text: texts.join('') }
  }
}

const restart: Run = async (client, { positionals, values }) => {
  const task = typeof values.task === 'string' ? values.task : null
  if (task !== null && !/^\d+$/.test(task)) throw new ConfigError('', `--task must be the number of a task, not ${task}`)
  const query = [`includeTasks=${values.tasks === true}`, `onlyFailed=${values['only-failed'] === true}`]
  const texts: string[] = []
  const answers: unknown[] = []
  for (const name of positionals) {
    if (task !== null) await client.ask('POST', ['connectors', name, 'tasks', task, 'restart'])
    else answers.push(await client.ask('POST', ['connectors', name, 'restart'], undefined, query))
    texts.push(`${printable(name)}${task === null ? '' : ` task ${task}`}: restarted\n`)
  }
  return { value: task === null ? answers : positionals.map(name => ({ name, task: Number(task) })), text: texts.join('') }
}

const offsets: Run = async (client, { positionals: [name = ''], values }) => {
  const path = ['connectors', name, 'offsets']
  if (values.reset === true && values.set !== undefined) throw new ConfigError('', '--set and --reset exclude each other')
  if (values.reset !== true && typeof values.set !== 'string') {
    const value = await client.ask<{ offsets: Parameters<typeof offsetsText>[1] }>('GET', path)
    return { value, text: offsetsText(name, value.offsets) }
  }
  const body = typeof values.set === 'string' ? await offsetsFile(values.set) : undefined
  const value = await client.ask<{ message: string }>(body === undefined ? 'DELETE' : 'PATCH', path, body)
  return { value, text: `${printable(name)}: ${printable(value.message)}\n` }
}

/** @throws ConfigError naming the file */
async function offsetsFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new ConfigError('', `The file of offsets ${path} is not usable: ${toError(error).message}`, { cause: error })
  }
}

const RUNS: Readonly<Record<string, Run>> = {
  'cluster status': clusterStatus,
  'connectors list': list,
  'connectors status': status,
  'connectors config': config,
  'connectors create': create,
  'connectors pause': forEach('PUT', 'pause', 'is being paused'),
  'connectors resume': forEach('PUT', 'resume', 'is being resumed'),
  'connectors stop': forEach('PUT', 'stop', 'is being stopped'),
  'connectors restart': restart,
  'connectors delete': forEach('DELETE', '', 'deleted'),
  'connectors offsets': offsets,
}
