// How a metric is declared, and the names that follow. Main thread; the tables beside this file, the documentation and the board use it.
import type { Maximum, Minimum, Slot } from '../actor/metrics-slab.ts'
import type { TaskWindowed } from './windows.ts'

/** What has one series each. `distributed`: of a worker in a cluster only; `exactly-once source task`: of one that has committed a transaction. */
export type Scope =
  | 'worker'
  | 'process'
  | 'connector'
  | 'task'
  | 'sink task'
  | 'source task'
  | 'exactly-once source task'
  | 'partition'
  | 'transform'
  | 'predicate'
  | 'distributed'

export type Unit =
  | 'records'
  | 'bytes'
  | 'ms'
  | 'seconds'
  | 'ratio'
  | 'number'
  | 'a second'
  | 'bytes a second'
  | 'an hour'
  | 'text'

export interface Metric {
  /** JMX domain; `process`: prom-client's own, `attribute` is the whole name */
  readonly domain: 'kafka.connect' | 'kafka.consumer' | 'kafka.producer' | 'process'
  readonly group: string
  readonly attribute: string
  /** text: a series with the value 1 and the text as a label */
  readonly type: 'counter' | 'gauge' | 'text'
  readonly unit: Unit
  readonly help: string
  readonly origin: 'java' | 'sluice'
  readonly scope: Scope
}

export interface TaskMetric extends Metric {
  readonly of: (figures: TaskWindowed) => number
}

export const LABELS: Readonly<Record<Scope, readonly string[]>> = {
  worker: [],
  process: [],
  distributed: [],
  connector: ['connector'],
  task: ['connector', 'task'],
  'sink task': ['connector', 'task'],
  'source task': ['connector', 'task'],
  'exactly-once source task': ['connector', 'task'],
  partition: ['connector', 'task', 'topic', 'partition'],
  transform: ['connector', 'task', 'transform'],
  predicate: ['connector', 'task', 'predicate'],
}

/** As the usual rules of the JMX exporter name it, so boards made for Java Connect find their series. */
export function prometheusName({ domain, group, attribute }: Pick<Metric, 'domain' | 'group' | 'attribute'>): string {
  return domain === 'process' ? attribute : `${domain}_${group}_${attribute}`.replaceAll(/[.-]/g, '_')
}

/** The label that carries a text. */
export function textLabel({ attribute }: Pick<Metric, 'attribute'>): string {
  return attribute.replaceAll('-', '_')
}

/** Declares metrics of one group. A row: attribute, how it is computed, unit, help. */
export function taskGroup(domain: Metric['domain'], group: string, scope: Scope, origin: Metric['origin'] = 'java') {
  const metric = (attribute: string, type: 'counter' | 'gauge', unit: Unit, help: string, of: TaskMetric['of']): TaskMetric => ({
    domain,
    group,
    attribute,
    type,
    unit,
    help,
    origin,
    scope,
    of,
  })
  return {
    counter: (attribute: string, slot: Slot, unit: Unit, help: string) =>
      metric(attribute, 'counter', unit, help, figures => figures.total(slot)),
    rate: (attribute: string, slot: Slot, help: string, unit: Unit = 'a second') =>
      metric(attribute, 'gauge', unit, help, figures => figures.rate(slot) * (unit === 'an hour' ? 3_600 : 1)),
    average: (attribute: string, [sum, ...counts]: [sum: Slot, ...counts: Slot[]], unit: Unit, help: string) =>
      metric(attribute, 'gauge', unit, help, figures => figures.average(sum, ...counts)),
    max: (attribute: string, [name, count]: [name: Maximum, count: Slot], unit: Unit, help: string) =>
      metric(attribute, 'gauge', unit, help, figures => figures.max(name, count)),
    min: (attribute: string, [name, count]: [name: Minimum, count: Slot], unit: Unit, help: string) =>
      metric(attribute, 'gauge', unit, help, figures => figures.min(name, count)),
    gauge: (attribute: string, of: Slot | TaskMetric['of'], unit: Unit, help: string) =>
      metric(attribute, 'gauge', unit, help, typeof of === 'string' ? figures => figures.total(of) : of),
  }
}
