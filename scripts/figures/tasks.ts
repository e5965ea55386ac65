// Throughput over tasks.max in the documentation: the plot, and beside it what the sizing rule makes of it. Called by `npm run docs`.
import type { Provenance } from '../../bench/machine.ts'
import { plot } from '../../bench/tasks/plot.ts'
import { rateOfOne, type Series, type TasksRun, tasksFor, wantedRates } from '../../bench/tasks/series.ts'
import { markdownTable } from '../../src/config/config-table.ts'
import { machineText, quietRuns, RECORDS_MIN, ROUNDS_MIN, thousands } from './results.ts'

export const TASKS_PICTURE = 'docs/images/tasks.svg'

interface Line {
  readonly series: Series
  readonly run: Provenance & TasksRun
}

/** The newest of each series: they may be measured one by one. */
function newest(): Line[] {
  const runs = quietRuns<TasksRun>('tasks').filter(run => run.records >= RECORDS_MIN && run.rounds >= ROUNDS_MIN)
  const found = new Map<string, Line>()
  for (const run of runs) for (const series of run.series) found.set(series.label, { series, run })
  // the plot's lines start at one task, and all are of one topic
  const partitions = runs.at(-1)?.partitions
  return [...found.values()].filter(({ series, run }) => run.partitions === partitions && series.points[0]?.tasks === 1)
}

/** Null before there is a run. */
export function tasksPicture(): string | null {
  const lines = newest()
  const last = lines.at(-1)
  if (last === undefined) return null
  const { run } = last
  const caption = `${run.partitions} partitions, ${run.data}; ${machineText(run)}`
  return plot(
    lines.map(({ series }) => series),
    { cores: run.machine.cores, caption },
  )
}

const millions = (value: number) => (value / 1e6).toFixed(2)

/** @param path from the page to the root of the repository, with its slash */
export function tasksSection(path: string): string {
  const lines = newest()
  const last = lines.at(-1)
  if (last === undefined) return 'No quiet run is recorded yet: `npm run bench:tasks`.'
  const { partitions, machine } = last.run
  const counts = [...new Set(lines.flatMap(({ series }) => series.points.map(({ tasks }) => tasks)))].toSorted((a, b) => a - b)
  const rows = lines.map(({ series, run }) => {
    const ofOne = rateOfOne(series)
    const rates = counts.map(count => {
      const point = series.points.find(({ tasks }) => tasks === count)
      if (point === undefined) return '-'
      const ofIdeal = Math.round((point.perSecond.median / (count * ofOne)) * 100)
      return count === 1 ? `**${millions(point.perSecond.median)}**` : `${millions(point.perSecond.median)} (${ofIdeal} %)`
    })
    const rule = wantedRates(ofOne).map(wanted => `${wanted / 1e6}: ${tasksFor(wanted, ofOne, partitions)}`)
    const cpu = series.points.map(({ cpuPerMillion }) => cpuPerMillion.median.toFixed(2)).join(', ')
    return [series.label, ...rates, cpu, rule.join(', '), `${thousands(run.records)}, ${run.commit}`]
  })
  const head = [
    'M records/s (of tasks x Rc)',
    ...counts.map(count => (count === 1 ? '1 task: Rc' : `${count} tasks`)),
    'CPU s a million',
    'tasks.max for Rt (M/s)',
    'records, commit',
  ]
  const rule =
    `**tasks.max = min(P, ceil(Rt / Rc))**: P partitions (${partitions} here), Rt the rate that is wanted, Rc the measured rate of one task. A task more brings ` +
    `up to Rc while it finds a core; these runs had ${machine.cores} for broker, bench and tasks together, so the curves flatten there and the rule is not put to the test: measure Rc with your records (longer runs are warmer, and faster), and give as many cores as the rule says tasks.`
  const image = `![records a second over tasks.max](${path}${TASKS_PICTURE})`
  return [image, rule, markdownTable(head, rows)].join('\n\n')
}
