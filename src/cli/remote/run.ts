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

/** What a command tells while it is not yet done. */
interface Teller {
  done(text: string): void
  /** @returns the exit code of that failure @throws the error itself where it is a bug of ours */
  failed(error: unknown, names: readonly string[]): number
  notAsked(names: readonly string[]): void
}

type Run = (client: RestClient, invocation: Invocation, teller: Teller) => Promise<Outcome>

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
  const isJson = invocation.values.json === true
  const teller: Teller = {
    done: text => {
      if (!isJson) out(text)
    },
    failed: (error, positionals) => {
      const code = codeOf(error)
      if (code !== REFUSED && code !== UNREACHABLE && code !== 'CONNECT_CONFIG') throw error
      err(`${printable(messageOf(error, { ...invocation, positionals }))}\n`)
      return code === UNREACHABLE ? EXIT_UNREACHABLE : EXIT_REFUSED
    },
    notAsked: names => err(`Not asked: ${names.map(printable).join(', ')}\n`),
  }
  try {
    const run = RUNS[invocation.command.name] as Run
    const { value, text, exitCode = 0 } = await run(client, invocation, teller)
    out(isJson ? `${JSON.stringify(value, null, 2)}\n` : text)
    return exitCode
  } catch (error) {
    return teller.failed(error, invocation.positionals)
  }
}

/** What the worker said, and what to do next where that is known. */
function messageOf(error: unknown, { command, positionals }: Invocation): string {
  const message = toError(error).message
  // Of one among several it must be told which: it may have been done all the same.
  if (codeOf(error) === UNREACHABLE && command.takes === 'NAME…') return `${command.name} ${positionals.join(' ')}: ${message}`
  if (!(error instanceof RestRefusal)) return message
  const next = nextStep(error, command.name)
  return `${command.name} ${positionals.join(' ')}: ${message} (${error.status})${next === null ? '' : `\n${next}`}`
}

/** distributed and standalone workers, Java's as ours */
const TASK_ABSENT = /^(?:Unknown task:|Task .* not found)/

function nextStep({ status, message }: RestRefusal, command: string): string | null {
  if (status === 404 && TASK_ABSENT.test(message)) return 'The tasks that there are: sluice connectors status NAME'
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

/**
 * One request for each name, each told when it is done. A refusal is told, and the others are asked all the same; a worker that cannot be
 * asked ends it. The exit code is that of the first failure.
 * @param ask gives what --json shows, and a line
 */
async function forEach(names: readonly string[], teller: Teller, ask: (name: string) => Promise<Outcome>): Promise<Outcome> {
  const values: unknown[] = []
  let exitCode = 0
  for (const [i, name] of names.entries()) {
    try {
      const { value, text } = await ask(name)
      values.push(value)
      teller.done(text)
    } catch (error) {
      const code = teller.failed(error, [name])
      if (exitCode === 0) exitCode = code
      values.push({ name, error: toError(error).message })
      const rest = names.slice(i + 1)
      if (code !== EXIT_UNREACHABLE || rest.length === 0) continue
      teller.notAsked(rest)
      values.push(...rest.map(left => ({ name: left, error: 'not asked' })))
      break
    }
  }
  return { value: values, text: '', exitCode }
}

function changing(method: string, what: string, done: string): Run {
  return (client, { positionals }, teller) =>
    forEach(positionals, teller, async name => {
      await client.ask(method, what === '' ? ['connectors', name] : ['connectors', name, what])
      return { value: { name, done }, text: `${printable(name)}: ${done}\n` }
    })
}

const restart: Run = async (client, { positionals, values }, teller) => {
  const task = typeof values.task === 'string' ? values.task : null
  if (task !== null && !/^\d+$/.test(task)) throw new ConfigError('', `--task must be the number of a task, not ${task}`)
  const query = [`includeTasks=${values.tasks === true}`, `onlyFailed=${values['only-failed'] === true}`]
  return forEach(positionals, teller, async name => {
    if (task === null) {
      const value = await client.ask('POST', ['connectors', name, 'restart'], undefined, query)
      return { value, text: `${printable(name)}: restarted\n` }
    }
    await client.ask('POST', ['connectors', name, 'tasks', task, 'restart'])
    return { value: { name, task: Number(task) }, text: `${printable(name)} task ${task}: restarted\n` }
  })
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
  'connectors pause': changing('PUT', 'pause', 'is being paused'),
  'connectors resume': changing('PUT', 'resume', 'is being resumed'),
  'connectors stop': changing('PUT', 'stop', 'is being stopped'),
  'connectors restart': restart,
  'connectors delete': changing('DELETE', '', 'deleted'),
  'connectors offsets': offsets,
}
