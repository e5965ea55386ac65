// The command line: `sluice standalone|distributed …`, and what connect-standalone and connect-distributed call. Main thread; started by
// the files in bin/. Exit codes are Java's (CONNECT.md 2.2): 0 stopped in order, 1 usage or a bug, 2 cannot start, 3 a connector file failed.
import { commandGroups, helpText, remoteCommands, usageLine } from './commands.ts'
import { runDistributed } from './distributed.ts'
import { newPlugin, pluginDocs } from './new-plugin.ts'
import { runPreviewCommand } from './preview.ts'
import { runStandalone } from './standalone.ts'
import { VERSION } from './version.ts'

const USAGE = `Sluice ${VERSION}: Kafka Connect on Node.js

Usage:
  sluice standalone worker.properties [connector.properties | connector.json …]
  sluice distributed worker.properties
  sluice preview connector.json --worker worker.properties [--records 10] [--from first|newest] [--json]
  sluice new connector NAME [--source] [--into FOLDER]
  sluice new transform NAME [--into FOLDER]
  sluice docs [FOLDER]
  connect-standalone worker.properties [connector.properties | connector.json …]
  connect-distributed worker.properties
${commandGroups.flatMap(group => group.commands.map(command => `  ${usageLine(command)}`)).join('\n')}

A distributed worker shares connectors and tasks with the others of its \`group.id\`, Java's too, and takes connectors by REST. A standalone
one is alone. The worker reads its keys from worker.properties, creates a connector from each further file (Java properties, a JSON map
with "name", or the JSON of a create request) and serves Kafka Connect's REST API on \`listeners\` (default http://:8083).

preview shows what the connector of one such file would make of some records: after each converter and transform, and where they
would go. Nothing is created, committed or written.

\`new\` makes the package of a plugin of yours, \`docs\` writes the table of its keys into its README.

\`cluster\` and \`connectors\` ask a running worker over REST, of Sluice or of Java: sluice connectors --help.
\`migrate plan\` says what Sluice can run of a Java cluster: sluice migrate --help.

Options:
  --help     this text
  --version  the version

Exit codes: 0 stopped in order, 1 wrong usage or a bug, 2 the worker could not start, 3 a connector file was refused
or its preview failed; those of cluster, connectors and migrate stand in their --help.
`

/** Runs a command line and settles with its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--version')) {
    process.stdout.write(`${VERSION}\n`)
    return 0
  }
  const [command, ...rest] = args
  if (args.includes('--help') || args.includes('-h')) {
    const group = commandGroups.find(one => one.commands.some(({ name }) => name.startsWith(`${command} `)))
    process.stdout.write(group === undefined ? USAGE : helpText(group))
    return 0
  }
  // Not in the memory of a worker.
  if (remoteCommands.commands.some(({ name }) => name.startsWith(`${command} `)))
    return (await import('./remote/run.ts')).runRemote(args)
  if (command === 'migrate') return (await import('./migrate/run.ts')).runMigrate(args)
  if (command === 'preview') return runPreviewCommand(rest)
  if (command === 'new') return newPlugin(rest)
  if (command === 'docs') return pluginDocs(rest)
  const unknown = rest.find(arg => arg.startsWith('-'))
  const fault = usageFault(command, rest, unknown)
  if (fault !== null) {
    process.stderr.write(`${fault}${USAGE}`)
    return 1
  }
  const [workerFile = '', ...connectorFiles] = rest
  if (command === 'distributed') return runDistributed(workerFile)
  return runStandalone(workerFile, connectorFiles)
}

/** What is wrong with a command line, for the line before the usage; null: nothing. */
function usageFault(command: string | undefined, rest: readonly string[], unknown: string | undefined): string | null {
  if (command === undefined) return ''
  if (command.startsWith('-')) return `Unknown option ${command}\n\n`
  if (command !== 'standalone' && command !== 'distributed') return `Unknown command ${command}\n\n`
  if (unknown !== undefined) return `Unknown option ${unknown}\n\n`
  if (rest.length === 0) return `The worker file is missing: sluice ${command} worker.properties …\n\n`
  if (command === 'distributed' && rest.length > 1)
    return 'A distributed worker takes connectors by REST, no connector files: sluice distributed worker.properties\n\n'
  return null
}
