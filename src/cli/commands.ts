// The commands of `sluice` that are talked to with options: what each takes and what it is for, said once. The command line is parsed by this
// table, --help and docs/commands.md are made of it. Main thread; pure.
import { parseArgs } from 'node:util'
import { ConfigError, toError } from '../base/errors.ts'

export interface Option {
  /** of the value; absent: the option is a switch */
  readonly value?: string
  /** not optional: for the usage; whoever runs the command says so */
  readonly isNeeded?: boolean
  readonly doc: string
}

export interface Command {
  /** `connectors list` */
  readonly name: string
  /** positional arguments: `NAME`, `NAME…` for one or more, `[NAME]` for one or none */
  readonly takes?: string
  readonly doc: string
  readonly options?: Readonly<Record<string, Option>>
}

export interface CommandGroup {
  readonly title: string
  readonly intro: string
  readonly commands: readonly Command[]
  /** of every command of the group */
  readonly options: Readonly<Record<string, Option>>
}

const json: Option = { doc: 'Print JSON instead of a table.' }

/** Whom to ask, and as whom. */
const remoteOptions: Readonly<Record<string, Option>> = {
  url: { value: 'URL', doc: 'The REST API of any worker of the cluster; default: $SLUICE_URL, else http://localhost:8083.' },
  user: { value: 'NAME', doc: 'Log in by basic auth. The password is in $SLUICE_PASSWORD, or in the file of --password-file.' },
  'password-file': { value: 'FILE', doc: 'A file that holds the password and nothing else.' },
  ca: { value: 'FILE', doc: 'https: certificates (PEM) of the authorities to trust; default: those of Node.' },
  cert: { value: 'FILE', doc: 'https: our certificate (PEM), where the worker wants one (ssl.client.auth).' },
  key: { value: 'FILE', doc: 'https: the private key (PEM) of --cert.' },
  timeout: { value: 'SECONDS', doc: 'How long one answer may take; default: 100, as workers take up to 90.' },
  json,
}

export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done'],
  [1, 'wrong usage, or a bug'],
  [2, 'the worker or the cluster could not be reached, or did not let us in'],
  [3, 'the request was refused: not there, not valid, in conflict'],
  [4, 'with --check: something is not as it should be'],
]

const check: Option = { doc: 'Exit with code 4 when a connector or task is FAILED or UNASSIGNED.' }

export const remoteCommands: CommandGroup = {
  title: 'A cluster, over REST',
  intro:
    'Any worker answers for its cluster, of Sluice or of Java. Of several names each is told when it is done, and one that is refused does not keep the others; where the worker cannot be asked any more, those that are left are named. The exit code is that of the first failure.',
  options: remoteOptions,
  commands: [
    {
      name: 'cluster status',
      doc: 'Connectors and tasks, the workers that have some, and what has failed. Of a worker without any REST tells nothing.',
      options: { check },
    },
    { name: 'connectors list', doc: 'Names, types, classes and states.' },
    {
      name: 'connectors status',
      takes: '[NAME]',
      doc: 'Every task with its state and worker; of one connector also the traces of failures.',
      options: { check },
    },
    { name: 'connectors config', takes: 'NAME', doc: 'The config as it was given, variables unresolved.' },
    {
      name: 'connectors create',
      takes: 'FILE',
      doc: 'Create a connector of a file: Java properties, a JSON map with "name", or the JSON of a create request.',
      options: {
        update: { doc: 'Replace the config of a connector that exists.' },
        state: { value: 'STATE', doc: 'RUNNING, PAUSED or STOPPED from the first; default: what the file says, else RUNNING.' },
      },
    },
    { name: 'connectors pause', takes: 'NAME…', doc: 'Tasks keep what they have and stop working.' },
    { name: 'connectors resume', takes: 'NAME…', doc: 'Out of paused or stopped.' },
    { name: 'connectors stop', takes: 'NAME…', doc: 'Shut the tasks down; config and offsets stay.' },
    {
      name: 'connectors restart',
      takes: 'NAME…',
      doc: 'Restart the connector itself; its tasks only where an option says so.',
      options: {
        tasks: { doc: 'Its tasks, too.' },
        'only-failed': { doc: 'Only what is FAILED.' },
        task: { value: 'NUMBER', doc: 'Only this task.' },
      },
    },
    { name: 'connectors delete', takes: 'NAME…', doc: 'Its offsets stay.' },
    {
      name: 'connectors offsets',
      takes: 'NAME',
      doc: 'The offsets of a source, or of the consumer group of a sink; to change them, stop the connector first.',
      options: {
        set: {
          value: 'FILE',
          doc: 'Change those that stand in the file, which has the JSON that --json prints; a null offset is removed.',
        },
        reset: { doc: 'Remove all.' },
      },
    },
  ],
}

export const migrateCommands: CommandGroup = {
  title: 'From Java to Sluice',
  intro: 'Reads only: the topics of the cluster are neither made nor changed, no group is joined.',
  options: { json },
  commands: [
    {
      name: 'migrate plan',
      doc: 'Which connectors of a Java cluster Sluice can run as they are, and which not and why: reads the three topics that the worker file of the Java cluster names.',
      options: {
        properties: { value: 'FILE', isNeeded: true, doc: 'The worker file of the distributed Java workers.' },
        'plugin-path': { value: 'PATHS', doc: "Where our plugins are, in place of the file's plugin.path, which names Java's." },
        timeout: { value: 'SECONDS', doc: 'How long reading a topic may take; default: 60.' },
        check: { doc: 'Exit with code 4 when a connector cannot run as it is.' },
      },
    },
  ],
}

export const commandGroups: readonly CommandGroup[] = [remoteCommands, migrateCommands]

export interface Invocation {
  readonly command: Command
  readonly positionals: readonly string[]
  /** an option's text, or `true` for a switch; absent: not given */
  readonly values: Readonly<Record<string, string | true | undefined>>
}

/** @throws ConfigError for wrong usage: an unknown command or option, too many arguments or too few */
export function invocationOf(group: CommandGroup, args: readonly string[]): Invocation {
  const command = group.commands.find(({ name }) => name === `${args[0]} ${args[1]}`)
  if (command === undefined) {
    const names = group.commands.map(({ name }) => name).filter(name => name.startsWith(`${args[0]} `))
    throw new ConfigError('', `Unknown command ${args.slice(0, 2).join(' ')}. There is: ${names.join(', ')}`)
  }
  const options = { ...command.options, ...group.options }
  const types = Object.entries(options).map(
    ([name, { value }]) => [name, { type: value === undefined ? ('boolean' as const) : ('string' as const) }] as const,
  )
  let parsed: { readonly positionals: string[]; readonly values: Record<string, unknown> }
  try {
    parsed = parseArgs({ args: args.slice(2), allowPositionals: true, options: Object.fromEntries(types) })
  } catch (error) {
    throw new ConfigError('', `${command.name}: ${toError(error).message}`, { cause: error })
  }
  checkPositionals(command, parsed.positionals)
  return { command, positionals: parsed.positionals, values: parsed.values as Invocation['values'] }
}

function checkPositionals({ name, takes = '' }: Command, given: readonly string[]): void {
  const least = takes === '' || takes.startsWith('[') ? 0 : 1
  const most = takes === '' ? 0 : takes.endsWith('…') ? Number.POSITIVE_INFINITY : 1
  if (given.length < least) throw new ConfigError('', `${name} needs ${takes}`)
  if (given.length > most)
    throw new ConfigError('', `${name} takes ${takes === '' ? 'no argument' : `one ${takes}`}, not ${given.length}`)
}

/** `sluice connectors status [NAME] [--check]`, without the options of the group. */
export function usageLine({ name, takes, options = {} }: Command): string {
  const shown = Object.entries(options).map(([option, { value, isNeeded = false }]) => {
    const text = value === undefined ? `--${option}` : `--${option} ${value}`
    return isNeeded ? text : `[${text}]`
  })
  return ['sluice', name, ...(takes === undefined ? [] : [takes]), ...shown].join(' ')
}

/** --help of a group: every command with its options. */
export function helpText(group: CommandGroup): string {
  const optionLines = (options: Readonly<Record<string, Option>>, indent: string) =>
    Object.entries(options).map(([name, { value, doc }]) => `${indent}--${name}${value === undefined ? '' : ` ${value}`}: ${doc}`)
  const lines = group.commands.flatMap(command => [
    `  ${usageLine(command)}`,
    `      ${command.doc}`,
    ...optionLines(command.options ?? {}, '      '),
  ])
  const common = Object.keys(group.options).length === 0 ? [] : ['', 'Options of each:', ...optionLines(group.options, '  ')]
  const codes = EXIT_CODES.map(([code, meaning]) => `${code} ${meaning}`).join('; ')
  return `${[`${group.title}. ${group.intro}`, '', ...lines, ...common, '', `Exit codes: ${codes}.`].join('\n')}\n`
}
