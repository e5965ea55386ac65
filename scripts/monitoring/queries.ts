// PromQL over the metrics that src/metrics declares: a name that is not declared is an error here, so board and alerts cannot name what
// no worker exports. Main thread; used by board.ts and alerts.ts.
import { allMetrics, LABELS, type Metric, prometheusName } from '../../src/metrics/table.ts'

/** The metric of this group (`` for the process) and attribute. */
export function metricOf(group: string, attribute: string): Metric {
  const found = allMetrics.find(metric => metric.group === group && metric.attribute === attribute)
  if (found === undefined) throw new Error(`src/metrics declares no ${group} / ${attribute}`)
  if (found.scope === 'distributed') throw new Error(`${group} / ${attribute} is not exported by a standalone worker`)
  return found
}

/** The series of the metric, those of the chosen connectors and tasks where it has such labels. */
export function chosen(metric: Metric, more = ''): string {
  const labels = LABELS[metric.scope].filter(label => label === 'connector' || label === 'task')
  const selectors = [...labels.map(label => `${label}=~"$${label}"`), ...(more === '' ? [] : [more])]
  return `${prometheusName(metric)}${selectors.length === 0 ? '' : `{${selectors.join(',')}}`}`
}
