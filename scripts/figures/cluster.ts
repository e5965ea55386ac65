// How soon a cluster's work runs again, in the documentation. Called by `npm run docs`.
import { CLUSTER_AIMS } from '../../bench/aims.ts'
import { CLUSTER_ROWS, type ClusterRun, type Line, type LineResult } from '../../bench/cluster/rows.ts'
import type { Provenance } from '../../bench/machine.ts'
import { spreadText } from '../../bench/spread.ts'
import { markdownTable } from '../../src/config/config-table.ts'
import { commandText, machineText, quietRuns, ROUNDS_MIN } from './results.ts'

interface Found extends LineResult {
  readonly run: Provenance & ClusterRun
}

/** The newest of each line under each session timeout: they may be measured one by one. */
function newest(): Found[] {
  const found = new Map<string, Found>()
  for (const run of quietRuns<ClusterRun>('cluster'))
    if (run.rounds >= ROUNDS_MIN)
      for (const line of run.lines) found.set(`${run.sessionTimeoutMs} ${line.line}`, { ...line, run })
  const place = ({ line }: Found) => Object.keys(CLUSTER_ROWS).indexOf(line)
  return [...found.values()].toSorted((a, b) => b.run.sessionTimeoutMs - a.run.sessionTimeoutMs || place(a) - place(b))
}

/** With the default session timeout, for README.md; '' before there is a run. */
export function clusterSentence(): string {
  const lines = newest()
  const longest = lines[0]?.run.sessionTimeoutMs
  const text = (line: Line) => {
    const one = lines.find(found => found.line === line && found.run.sessionTimeoutMs === longest)
    return one === undefined ? null : `${one.java.median.toFixed(2)} : ${one.sluice.median.toFixed(2)}`
  }
  const [kill, stop, put, post] = (['kill', 'stop', 'put', 'post'] as const).map(text)
  const parts = [
    [kill, 'after a SIGKILL of one of three workers until its tasks run elsewhere'],
    [stop, 'after a SIGTERM'],
    [put, 'from a config PUT to the changed tasks running'],
    [post, 'from a POST to the new tasks running'],
  ].flatMap(([figures, what]) => (figures == null ? [] : [`${figures} ${what}`]))
  if (parts.length === 0) return ''
  return `A cluster, seconds, Java : Sluice (\`npm run bench:cluster\`, [table](bench/README.md#cluster-work-that-moves)): ${parts.join('; ')}.`
}

export function clusterTable(): string {
  const lines = newest()
  if (lines.length === 0) return 'No quiet run is recorded yet: `npm run bench:cluster`.'
  const rows = lines.map(({ line, count, java, sluice, ratio, run }) => [
    CLUSTER_ROWS[line],
    `${run.sessionTimeoutMs / 1000} s`,
    spreadText(java, 2),
    spreadText(sluice, 2),
    `**${ratio}** (${CLUSTER_AIMS[line]})`,
    `${count}, ${run.commit}`,
  ])
  const head = ['seconds, median (lowest to highest)', 'session', 'Java Connect', 'Sluice', 'ratio (aim)', 'times, commit']
  const runs = [...new Set(lines.map(({ run }) => run))]
  const notes = runs.map(
    run =>
      `${run.workers} workers, ${run.connectors} connectors of ${run.tasks} tasks, ${commandText('cluster', run)}; ${machineText(run)}.`,
  )
  return [markdownTable(head, rows), ...notes].join('\n\n')
}
