// A contender that is a worker: a fresh process that does the work over other records first, then over the measured ones. Main thread of the
// benches against Java.
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Contender,
  type ContenderName,
  createConnector,
  deleteConnector,
  ofConnector,
  startContender,
} from '../contender.ts'
import { cpuSecondsOf, peakRssMbOf } from '../process-cost.ts'
import { follow } from '../progress.ts'
import type { Bench, Input, Part } from './input.ts'
import type { Facts, Place, Work } from './outputs.ts'
import type { Measured } from './table.ts'

const SETTLE_MS = 1000
/** Often enough that a run of two seconds commits, on both sides. */
const COMMIT_INTERVAL_MS = 1000

export interface Run {
  readonly bench: Bench
  readonly input: Input
  /** of connectors; unique in this bench */
  readonly name: string
  readonly tasks: number
  /** the part of the records after which the clock starts; absent: it starts with the first */
  readonly runUp?: number
}

export interface Result {
  readonly measured: Measured
  readonly facts: Facts
}

export interface Peer {
  readonly label: string
  measure(run: Run): Promise<Result>
}

/** @param keys worker keys that the work needs */
export function worker(
  label: string,
  name: ContenderName,
  work: Work,
  keys: () => Promise<Record<string, string>> = async () => ({}),
): Peer {
  return {
    label,
    async measure(run) {
      const contender = await startContender(name, run.bench.bootstrap, {
        'offset.flush.interval.ms': String(COMMIT_INTERVAL_MS),
        ...(await keys()),
      })
      try {
        if (run.input.size.warmup > 0) await once(contender, work, run, 'warmup')
        await delay(SETTLE_MS)
        const { measured, facts } = await once(contender, work, run, 'measured')
        return { measured: { ...measured, peakRssMb: peakRssMbOf(contender.process.pid) }, facts }
      } catch (error) {
        const logs = contender.process.logs().slice(-3000)
        throw new Error(`${label}, ${run.name}: ${(error as Error).message}\n${logs}`, { cause: error })
      } finally {
        await contender.process.stop()
      }
    },
  }
}

async function once(contender: Contender, work: Work, run: Run, part: Part): Promise<Result> {
  const { bench, input, tasks } = run
  const connector = `${run.name}-${part}`
  const place: Place = { bench, contender, input, part, connector, tasks }
  const output = await work(place)
  const { pid, running } = contender.process
  const cpuBefore = cpuSecondsOf(pid)
  const serverCpu = () => (output.serverPid === undefined ? null : cpuSecondsOf(output.serverPid))
  const serverCpuBefore = serverCpu()
  await createConnector(contender.process, connector, output.config)
  const from = Math.max(1, Math.floor((run.runUp ?? 0) * input.size[part]))
  const timing = await follow(output.progress, input.size[part], running, from)
  await output.settled?.()
  const cpuSeconds = cpuSecondsOf(pid) - cpuBefore
  const serverCpuAfter = serverCpu()
  const millions = input.size[part] / 1e6
  const serverCpuPerMillion =
    serverCpuBefore === null || serverCpuAfter === null ? null : (serverCpuAfter - serverCpuBefore) / millions
  const times = await timesOf(contender, connector)
  output.progress.close()
  await deleteConnector(contender.process, connector)
  const facts = part === 'measured' ? await output.facts() : {}
  await output.remove()
  const perSecond = timing.records / timing.seconds
  const measured = {
    perSecond,
    mbPerSecond: (perSecond * input.bytesPerRecord) / 1e6,
    cpuPerMillion: cpuSeconds / millions,
    serverCpuPerMillion,
    peakRssMb: 0,
    firstSeconds: timing.firstSeconds,
    ...times,
  }
  return { measured, facts }
}

const SINK = 'kafka_connect_sink_task_metrics'
const OWN = 'kafka_connect_sluice_task_metrics'
const TASK = 'kafka_connect_connector_task_metrics'

/** The slowest task's; null where nothing was put or committed, or the worker has no such figure. */
async function timesOf(contender: Contender, connector: string) {
  const samples = await contender.metrics()
  const slowest = (metric: string) => {
    const values = ofConnector(samples, metric, connector).filter(Number.isFinite)
    return values.length === 0 ? null : Math.max(...values)
  }
  return {
    putAvgMs: slowest(`${SINK}_put_batch_avg_time_ms`),
    putP99Ms: slowest(`${OWN}_put_time_p99_ms`),
    putMaxMs: slowest(`${SINK}_put_batch_max_time_ms`),
    commitAvgMs: slowest(`${TASK}_offset_commit_avg_time_ms`),
    commitP99Ms: slowest(`${OWN}_commit_time_p99_ms`),
    commitMaxMs: slowest(`${TASK}_offset_commit_max_time_ms`),
  }
}
