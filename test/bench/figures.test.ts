// What the benches make of what they measured: medians, ratios in our favour, stages of a profile, files that end with the records. Method:
// made-up measurements and a profile of a few nodes.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { lineResults, type Times } from '../../bench/cluster/rows.ts'
import { othersCores, wasQuiet } from '../../bench/machine.ts'
import type { Input } from '../../bench/peer/input.ts'
import { rowsPerFile } from '../../bench/peer/outputs.ts'
import { figuresOf, type Measured, ratiosOf } from '../../bench/peer/table.ts'
import { selfTimes } from '../../bench/profile/stages.ts'
import { follow } from '../../bench/progress.ts'
import { generated } from '../../bench/records.ts'
import { spread } from '../../bench/spread.ts'
import { plot } from '../../bench/tasks/plot.ts'
import { type Series, tasksFor, wantedRates } from '../../bench/tasks/series.ts'
import { withMarked } from '../../scripts/figures.ts'
import { tempFolder } from '../support/temp-folder.ts'

test('a median of rounds of which one has no figure is no figure', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3 })
  assert.deepEqual(spread([4, 1]), { median: 2.5, min: 1, max: 4 })
  assert.equal(spread([1, null, 2]), null)
  assert.equal(spread([1, Number.NaN]), null)
  assert.equal(spread([]), null)
})

test('ratios are in favour of Sluice for rates as for costs', () => {
  const measured = (perSecond: number, cpuPerMillion: number, peakRssMb: number): Measured => ({
    ...{ perSecond, cpuPerMillion, peakRssMb, mbPerSecond: 1, firstSeconds: null, serverCpuPerMillion: null },
    ...{ putAvgMs: null, putP99Ms: null, putMaxMs: null, commitAvgMs: null, commitP99Ms: null, commitMaxMs: null },
  })
  const ratio = ratiosOf(figuresOf([measured(100, 6, 1000)]), figuresOf([measured(500, 2, 250)]))
  assert.deepEqual(ratio, { perSecond: 5, cpuPerMillion: 3, peakRssMb: 4 })
})

test('lines of the cluster bench are those that both sides have, their ratio in favour of Sluice', () => {
  const times = (put: number[], kill: number[]): Times => ({ kill, noticed: [], stop: [], put, post: [] })
  const lines = lineResults(times([3, 1, 2], [9]), times([1, 0.5, 0.4], []))
  assert.deepEqual(lines, [
    { line: 'put', count: 3, java: { median: 2, min: 1, max: 3 }, sluice: { median: 0.5, min: 0.4, max: 1 }, ratio: 4 },
  ])
})

test('in a profile natives count for who calls them, idle time for nobody', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 })
  const { stages } = selfTimes({
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 5, 6, 7] },
      { id: 2, callFrame: frame('appendColumns', 'file:///x/src/kit/formats/parquet/record-columns.ts'), children: [3, 4] },
      { id: 3, callFrame: frame('copy') },
      { id: 4, callFrame: frame('compressSync', 'file:///x/node_modules/snappy/index.js') },
      { id: 5, callFrame: frame('(idle)') },
      { id: 6, callFrame: frame('(garbage collector)') },
      { id: 7, callFrame: frame('(program)') },
    ],
    samples: [2, 3, 4, 5, 6, 7],
    timeDeltas: [1000, 2000, 4000, 8000, 16_000, 32_000],
  })
  assert.deepEqual(Object.fromEntries(stages), { encode: 3, compress: 4, 'garbage collection': 16, 'node itself': 32 })
})

test('what a thread does before its first batch is not counted', () => {
  const node = (id: number, url: string) => ({ id, callFrame: { functionName: 'f', url, lineNumber: 0 } })
  const { stages } = selfTimes({
    nodes: [node(1, 'file:///x/src/task/open-task.ts'), node(2, 'file:///x/src/kafka/codec/record-index.ts')],
    samples: [1, 2, 1],
    timeDeltas: [100_000, 2000, 3000],
  })
  assert.deepEqual(Object.fromEntries(stages), { 'index, CRC': 2, 'task, sink': 3 })
})

test('files of the lake are full when the last record of a partition is in', () => {
  for (const [size, partitions, bytesPerRecord] of [
    [1_000_000, 4, 143],
    [1_000_000, 1, 143],
    [4_000_000, 8, 1000],
    [2000, 4, 1000],
  ] as const) {
    const input = { size: { measured: size, warmup: 0 }, partitions, bytesPerRecord } as Input
    const rows = rowsPerFile({ input, part: 'measured' })
    assert.equal((size / partitions) % rows, 0)
    assert.ok(rows <= 250_000 && rows * bytesPerRecord <= 32 * 2 ** 20, String(rows))
    assert.ok(rows * bytesPerRecord * partitions <= 64 * 2 ** 20, String(rows))
  }
})

test('records have the size that is asked for, and parse', async t => {
  const folder = tempFolder(t)
  for (const bytes of [150, 1000]) {
    await generated(bytes).write(`${folder}/lines`, 5, 100)
    const lines = readFileSync(`${folder}/lines`, 'utf8').trimEnd().split('\n')
    assert.equal(lines.length, 100)
    for (const [i, line] of lines.entries()) {
      assert.equal((JSON.parse(line) as { id: number }).id, i + 5)
      assert.ok(bytes === 150 ? line.length < 160 : line.length === bytes, line)
    }
  }
})

test('a run is quiet by what others took while it ran; where that is not known, by the load before', () => {
  const times = (machineSeconds: number, ownSeconds: number, wallSeconds: number) => ({ machineSeconds, ownSeconds, wallSeconds })
  assert.equal(othersCores(times(100, 0, 0), times(130, 28, 20)), 0.1)
  assert.equal(othersCores(times(Number.NaN, 0, 0), times(Number.NaN, 28, 20)), null)
  const machine = { cpu: 'x', cores: 2, memoryGb: 1, platform: 'linux x64' }
  assert.equal(wasQuiet({ machine, loadAtStart: 5, othersCores: 0.2 }), true)
  assert.equal(wasQuiet({ machine, loadAtStart: 0, othersCores: 0.3 }), false)
  assert.equal(wasQuiet({ machine, loadAtStart: 1.1, othersCores: null }), false)
  assert.equal(wasQuiet({ machine }), true)
})

const spreadOf = (median: number) => ({ median, min: median * 0.9, max: median * 1.1 })
const seriesOf = (label: string, ...millions: number[]): Series => ({
  label,
  points: millions.map((rate, i) => ({ tasks: 2 ** i, perSecond: spreadOf(rate * 1e6), cpuPerMillion: spreadOf(1) })),
})

test('a plot has a line for each series and stays inside its frame, also where more tasks would be faster than it is high', () => {
  const text = plot([seriesOf('a < b', 1.5, 2, 1.9, 1.6), seriesOf('c', 0.2, 0.4, 0.8, 1)], { cores: 2, caption: '8 partitions' })
  assert.equal(text.match(/<polyline/g)?.length, 2)
  assert.match(text, /a &lt; b/)
  const [, width = '0', height = '0'] = /viewBox="0 0 (\d+) (\d+)"/.exec(text) ?? []
  const inside = (found: RegExp, most: string) => {
    const values = [...text.matchAll(found)].map(([, value]) => Number(value))
    assert.ok(values.length > 0 && values.every(value => value >= 0 && value <= Number(most)), values.join())
  }
  inside(/ y[12]?="(-?[\d.]+)"/g, height)
  inside(/ x[12]?="(-?[\d.]+)"/g, width)
})

test('tasks.max is what the wanted rate needs, at least one and at most one a partition', () => {
  assert.equal(tasksFor(1e6, 4e5, 8), 3)
  assert.equal(tasksFor(4e5, 4e5, 8), 1)
  assert.equal(tasksFor(1, 4e5, 8), 1)
  assert.equal(tasksFor(1e7, 4e5, 8), 8)
  const wanted = wantedRates(4e5)
  assert.deepEqual(
    wanted.map(rate => tasksFor(rate, 4e5, 8)),
    [1, 2, 3, 5],
  )
})

test('the clock of a run with a run-up starts behind it, and counts no record before', async () => {
  const counts = [0, 10, 30, 60, 100]
  const timing = await follow({ count: async () => counts.shift() ?? 100, close() {} }, 100, () => true, 25)
  assert.equal(timing.records, 70)
})

test('figures replace what stands between their markers, and a file without them is refused', () => {
  const page = 'a\n<!-- generated:x -->\nold\n<!-- /generated:x -->\nb\n'
  assert.equal(withMarked(page, 'x', 'new'), 'a\n<!-- generated:x -->\nnew\n<!-- /generated:x -->\nb\n')
  assert.throws(() => withMarked('a', 'x', 'new'), /no place for x/)
})
