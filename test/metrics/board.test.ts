// Goal: the Grafana board and the alert rules load and show something. Method: the generated files' form is checked, and every expression
// goes through Prometheus' own grammar; the names in it must be those of metrics that a standalone worker exports.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parser } from '@prometheus-io/lezer-promql'
import { alerts } from '../../scripts/monitoring/alerts.ts'
import { type BoardPanel, board } from '../../scripts/monitoring/board.ts'
import { allMetrics, LABELS, prometheusName, textLabel } from '../../src/metrics/table.ts'

const file = JSON.parse(
  readFileSync(new URL('../../docs/monitoring/grafana-dashboard.json', import.meta.url), 'utf8'),
) as ReturnType<typeof board>

const exported = new Map(
  allMetrics
    .filter(metric => !['distributed', 'exactly-once source task'].includes(metric.scope))
    .map(metric => [prometheusName(metric), metric]),
)

/** The PromQL that Grafana sends: its variables filled in. */
const filled = (expr: string) => expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(connector|task)/g, '.*')

interface Parsed {
  /** texts of places that Prometheus' grammar does not take */
  readonly errors: string[]
  readonly metrics: string[]
  /** in matchers and after `by` */
  readonly labels: string[]
  /** metrics under rate, increase and the like */
  readonly rated: string[]
}

function parse(expr: string): Parsed {
  const found: Parsed = { errors: [], metrics: [], labels: [], rated: [] }
  const functions: { name: string; end: number }[] = []
  parser.parse(expr).iterate({
    enter(node) {
      const text = expr.slice(node.from, node.to)
      if (node.type.isError) found.errors.push(`${expr.slice(0, node.from)}<here>${expr.slice(node.from)}`)
      if (node.name === 'FunctionCall') functions.push({ name: /^\w+/.exec(text)?.[0] ?? '', end: node.to })
      if (node.name === 'LabelName') found.labels.push(text)
      if (node.name !== 'VectorSelector') return
      const metric = /^[a-zA-Z_:][\w:]*/.exec(text)?.[0] ?? ''
      found.metrics.push(metric)
      if (functions.some(({ name, end }) => end >= node.to && /^(rate|irate|increase)$/.test(name))) found.rated.push(metric)
    },
  })
  return found
}

const panelsWithQueries = file.panels.filter(panel => panel.targets !== undefined)
const expressions = [
  ...panelsWithQueries.flatMap(panel => (panel.targets ?? []).map(({ expr }) => [panel.title, filled(expr)] as const)),
  ...alerts.map(({ name, expr }) => [name, expr] as const),
]

function overlap(a: BoardPanel['gridPos'], b: BoardPanel['gridPos']): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

describe('the Grafana board', () => {
  it('is the one that the table gives', () => {
    assert.deepEqual(file, JSON.parse(JSON.stringify(board())))
  })

  it('has panels with ids of their own that lie inside of the grid and beside one another', () => {
    const { panels } = file
    assert.equal(new Set(panels.map(panel => panel.id)).size, panels.length)
    for (const { gridPos, title } of panels) assert.ok(gridPos.x >= 0 && gridPos.x + gridPos.w <= 24 && gridPos.h > 0, title)
    for (const [i, a] of panels.entries())
      for (const b of panels.slice(i + 1)) assert.ok(!overlap(a.gridPos, b.gridPos), `${a.title} lies on ${b.title}`)
  })

  it('has what Grafana needs of a panel: a type, a data source, queries with ids of their own', () => {
    for (const panel of panelsWithQueries as (BoardPanel & { datasource: { uid: string } })[]) {
      assert.match(panel.type, /^(timeseries|stat|table)$/)
      assert.equal(panel.datasource.uid, '$datasource')
      const ids = panel.targets?.map(target => target.refId) ?? []
      assert.ok(ids.length > 0 && new Set(ids).size === ids.length, panel.title)
    }
  })

  it('has variables for data source, connector and task, made of metrics that there are', () => {
    const { list } = file.templating
    assert.deepEqual(
      list.map(({ name }) => name),
      ['datasource', 'connector', 'task'],
    )
    for (const { definition } of list.slice(1) as { definition: string }[]) {
      const [, metric = '', label = ''] = /^label_values\((\w+)(?:\{.*\})?, (\w+)\)$/.exec(definition) ?? []
      const { scope } = exported.get(metric) ?? assert.fail(definition)
      assert.ok(LABELS[scope].includes(label), definition)
    }
  })

  it('shows at least one panel of each kind of figure', () => {
    const rows = file.panels.filter(panel => panel.type === 'row').map(panel => panel.title)
    assert.deepEqual(rows, ['Overview', 'Throughput', 'Lag', 'Errors', 'Commits', 'Buffers', 'Threads'])
  })
})

describe('each expression of board and alerts', () => {
  it('is PromQL', () => {
    for (const [title, expr] of expressions) assert.deepEqual(parse(expr).errors, [], title)
    assert.notDeepEqual(parse('sum by (a) rate(b[1m]').errors, [], 'the grammar refuses nothing')
  })

  it('names metrics that a standalone worker exports, with labels that they have', () => {
    for (const [title, expr] of expressions) {
      const { metrics, labels } = parse(expr)
      assert.ok(metrics.length > 0, title)
      const known = new Set(['instance'])
      for (const name of metrics) {
        const metric = exported.get(name) ?? assert.fail(`${title}: ${name} is not exported`)
        for (const label of [...LABELS[metric.scope], textLabel(metric)]) known.add(label)
      }
      for (const label of labels) assert.ok(known.has(label), `${title}: no label ${label} in ${expr}`)
    }
  })

  it('takes rates of counters only', () => {
    for (const [title, expr] of expressions)
      for (const name of parse(expr).rated) assert.equal(exported.get(name)?.type, 'counter', `${title}: ${name}`)
  })
})

describe('the alert rules', () => {
  it('stand in the file, each name once', () => {
    const yaml = readFileSync(new URL('../../docs/monitoring/alerts.yml', import.meta.url), 'utf8')
    for (const { name, expr } of alerts)
      assert.ok(yaml.includes(`- alert: ${name}\n        expr: ${JSON.stringify(expr)}\n`), name)
    assert.equal(new Set(alerts.map(({ name }) => name)).size, alerts.length)
  })

  it('name labels in their texts that their series have', () => {
    for (const { name, expr, summary } of alerts) {
      const { metrics } = parse(expr)
      const kept = /^(absent|sum by \(connector\))/.test(expr)
        ? ['connector']
        : metrics.flatMap(m => LABELS[exported.get(m)?.scope ?? 'worker'])
      for (const [, label = ''] of summary.matchAll(/\$labels\.(\w+)/g)) assert.ok(kept.includes(label), `${name}: ${label}`)
    }
  })
})
