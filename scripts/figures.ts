// The measured figures in the documentation, from the newest quiet and complete runs in bench/results/*.ndjson: tables of README.md and
// bench/README.md, docs/reference/figures.md, the plot of bench:tasks. Called by scripts/docs.ts.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FOOTPRINT_AIMS, PEER_AIMS } from '../bench/aims.ts'
import { FOOTPRINT_ROWS, type FootprintRun } from '../bench/footprint/rows.ts'
import type { Provenance } from '../bench/machine.ts'
import type { CaseResult, Figures } from '../bench/peer/table.ts'
import type { ProfileRun } from '../bench/profile/stages.ts'
import { ratioOf, type Spread } from '../bench/spread.ts'
import { markdownTable } from '../src/config/config-table.ts'
import { clusterSentence, clusterTable } from './figures/cluster.ts'
import {
  commandText,
  machineOnly,
  machineText,
  median,
  quietRuns,
  RECORDS_MIN,
  ROUNDS_MIN,
  thousands,
} from './figures/results.ts'
import { TASKS_PICTURE, tasksPicture, tasksSection } from './figures/tasks.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** The variant that README.md shows. */
const [DATA, PARTITIONS] = ['150 B', 4]

/** The form of the first results. */
interface FirstForm {
  readonly name: string
  readonly title: string
  readonly java: Figures & { readonly cpuSeconds: Spread }
  readonly sluice: Figures & { readonly cpuSeconds: Spread }
  readonly ratio: { readonly perSecond: number; readonly cpuSeconds: number; readonly peakRssMb: number }
}

interface PeerRun extends Provenance {
  readonly records: number
  readonly rounds: number
  readonly cases: readonly (CaseResult | FirstForm)[]
}
type PeerLine = CaseResult & { readonly run: PeerRun }

/** The newest line of each case over each input, in the order of the bench. */
function peerLines(): PeerLine[] {
  const found = new Map<string, PeerLine>()
  for (const run of quietRuns<PeerRun>('peer')) {
    if (run.records < RECORDS_MIN || run.rounds < ROUNDS_MIN) continue
    for (const recorded of run.cases) {
      const line = 'java' in recorded ? ofFirstForm(recorded) : recorded
      found.set(`${line.name}, ${line.data}, ${line.partitions}`, { ...line, run })
    }
  }
  const place = ({ name }: PeerLine) => Object.keys(PEER_AIMS).indexOf(name)
  return [...found.values()].toSorted((a, b) => place(a) - place(b))
}

/** All of them were of a million records of 150 bytes in 4 partitions. */
function ofFirstForm({ name, title, java, sluice, ratio }: FirstForm): CaseResult {
  const figures = (one: FirstForm['java']) => ({ ...one, cpuPerMillion: one.cpuSeconds })
  return {
    ...{ name, title, data: DATA, partitions: PARTITIONS, baseLabel: 'Java Connect', oursLabel: 'Sluice' },
    ...{ base: figures(java), ours: figures(sluice), ratio: { ...ratio, cpuPerMillion: ratio.cpuSeconds } },
  }
}

const range = (value: Spread | null) =>
  value === null ? '-' : `${thousands(value.median)} (${thousands(value.min)} to ${thousands(value.max)})`
const pair = (line: CaseResult, key: keyof Figures, digits: number) =>
  `${median(line.base[key], digits)} : ${median(line.ours[key], digits)}`

function ratioText(line: PeerLine): string {
  const aim = PEER_AIMS[line.name]?.perSecond
  return `**${line.ratio.perSecond ?? '-'}**${aim === undefined ? '' : ` (${aim})`}`
}

function peerTable(lines: readonly PeerLine[]): string {
  const rows = lines.map(line => [
    `${line.title} (${line.baseLabel})`,
    range(line.base.perSecond),
    range(line.ours.perSecond),
    ratioText(line),
    `${pair(line, 'cpuPerMillion', 1)} (${line.ratio.cpuPerMillion ?? '-'})`,
    `${pair(line, 'peakRssMb', 0)} (${line.ratio.peakRssMb ?? '-'})`,
    `\`--cases ${line.name} --records ${line.run.records}\``,
    `${line.run.at.slice(0, 10)}, ${line.run.commit}, ${line.run.machine.cpu}`,
  ])
  const head = [
    'work (against)',
    'theirs, records/s',
    'Sluice, records/s',
    'ratio (aim)',
    'CPU s a million',
    'peak RSS MB',
    'bench:peer --',
    'run',
  ]
  return markdownTable(head, rows)
}

function footprintTable(): string {
  const run = quietRuns<FootprintRun>('footprint').findLast(one => one.rounds >= ROUNDS_MIN && one.tasks >= 200)
  if (run === undefined) return ''
  const rows = FOOTPRINT_ROWS.map(([key, label, digits]) => {
    const aim = FOOTPRINT_AIMS[key] ?? {}
    const aims = [aim.most === undefined ? '' : `at most ${aim.most}`, aim.ratio === undefined ? '' : `ratio ${aim.ratio}`]
    const [java, sluice] = [run.java[key], run.sluice[key]]
    return [label, median(java, digits), median(sluice, digits), String(ratioOf(java, sluice)), aims.filter(Boolean).join(', ')]
  })
  const table = markdownTable([`worker (${run.tasks} idle tasks)`, 'Java Connect', 'Sluice', 'ratio', 'aim'], rows)
  return `${table}\n\nMedian of ${run.rounds} starts, ${commandText('footprint', run)}; ${machineText(run)}.`
}

function readmeFigures(): string {
  // whether the row path became slower is a question for bench/README.md
  const lines = peerLines().filter(line => line.data === DATA && line.partitions === PARTITIONS && !line.name.endsWith('-rows'))
  const machines = [...new Set(lines.map(({ run }) => machineOnly(run)))]
  const others = [footprintTable(), clusterSentence()].filter(part => part !== '').join('\n\n')
  if (machines.length === 0) return others === '' ? 'No quiet run is recorded yet.' : others
  const note = `Medians of ${ROUNDS_MIN} rounds or more (lowest to highest), warm; more than 1 is in favour of Sluice; ${machines.join('; ')}.`
  return [peerTable(lines), note, others].filter(part => part !== '').join('\n\n')
}

/** Every case over every input, with what README.md has no room for. */
function figuresPage(): string {
  const rows = peerLines().map(line => [
    line.title,
    line.data,
    String(line.partitions),
    pair(line, 'mbPerSecond', 1),
    ratioText(line),
    pair(line, 'cpuPerMillion', 2),
    median(line.ours.serverCpuPerMillion, 2),
    pair(line, 'peakRssMb', 0),
    pair(line, 'putAvgMs', 1),
    pair(line, 'putP99Ms', 1),
    pair(line, 'putMaxMs', 0),
    pair(line, 'commitP99Ms', 1),
    pair(line, 'commitMaxMs', 0),
    `${line.run.commit}, ${line.run.machine.cpu}`,
  ])
  const head = [
    ...['work', 'records', 'partitions', 'MB/s', 'ratio (aim)', 'CPU s a million', 'server CPU s', 'peak RSS MB'],
    ...['put avg ms', 'put p99 ms', 'put max ms', 'commit p99 ms', 'commit max ms', 'run'],
  ]
  const intro =
    'Theirs : ours, medians of the newest quiet runs of `npm run bench:peer` over each kind of records; method and pitfalls: [bench/README.md](../../bench/README.md). Java has no percentiles; ours are the ends of classes a fifth wide, so they may stand above the maximum.'
  const note = '<!-- Written by `npm run docs` from bench/results. -->'
  const parts = ['# Figures', note, intro, rows.length === 0 ? 'No quiet run is recorded yet.' : markdownTable(head, rows)]
  return `${parts.filter(part => part !== '').join('\n\n')}\n`
}

/** What the kind of records and the number of partitions change. */
function inputsTable(): string {
  const lines = peerLines()
  const isOneMachine = new Set(lines.map(({ run }) => run.machine.cpu)).size === 1
  // rates of one machine are not to be read beside those of another
  const inputOf = ({ data, partitions, run }: PeerLine) =>
    `${data}, ${partitions} partition${partitions === 1 ? '' : 's'}${isOneMachine ? '' : `, ${run.machine.cpu}`}`
  const inputs = [...new Set(lines.map(inputOf))]
  const rows = Object.keys(PEER_AIMS).flatMap(name => {
    const ofCase = lines.filter(line => line.name === name)
    const [first] = ofCase
    if (first === undefined) return []
    const cells = inputs.map(input => {
      const line = ofCase.find(one => inputOf(one) === input)
      if (line === undefined) return ''
      return `${thousands((line.ours.perSecond?.median ?? 0) / 1000)}, ${median(line.ours.mbPerSecond, 0)}, **${line.ratio.perSecond ?? '-'}**`
    })
    return [[first.title, ...cells]]
  })
  return markdownTable(['thousand records/s, MB/s, ratio', ...inputs], rows)
}

function profileTable(): string {
  const run = quietRuns<ProfileRun>('profile').findLast(one => one.records >= RECORDS_MIN)
  if (run === undefined) return 'No quiet run is recorded yet: `npm run bench:profile`.'
  const sum = run.stages.reduce((total, { ns }) => total + ns, 0)
  const rows = run.stages.map(({ stage, ns }) => [stage, String(ns), `${((ns / sum) * 100).toFixed(0)} %`])
  const table = markdownTable(['stage of the task thread', 'ns a record', 'share'], [...rows, ['all', String(sum), '']])
  return `${table}\n\n${thousands(run.records)} records (${run.data}, ${run.partitions} partitions) under the profiler, ${run.cpuNs} CPU ns a record in the whole process; ${machineText(run)}.`
}

/** The text with `body` between its markers. */
export function withMarked(text: string, name: string, body: string): string {
  const [start, end] = [`<!-- generated:${name} -->`, `<!-- /generated:${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`no place for ${name}: ${start} ... ${end}`)
  return `${text.slice(0, from)}${start}\n${body === '' ? '' : `${body}\n`}${text.slice(to)}`
}

/** Every file with figures in it. */
export function figureDocuments(): Map<string, string> {
  const marked = (path: string, parts: Readonly<Record<string, string>>) =>
    [
      path,
      Object.entries(parts).reduce((text, [name, body]) => withMarked(text, name, body), readFileSync(root + path, 'utf8')),
    ] as const
  const picture = tasksPicture()
  return new Map([
    marked('README.md', { figures: readmeFigures() }),
    marked('bench/README.md', {
      inputs: inputsTable(),
      tasks: tasksSection('../'),
      cluster: clusterTable(),
      profile: profileTable(),
    }),
    ['docs/reference/figures.md', figuresPage()],
    ...(picture === null ? [] : [[TASKS_PICTURE, picture] as const]),
  ])
}
