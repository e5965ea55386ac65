// What tests ask of a running worker over REST. Main thread of a test file.
import { until } from './until.ts'
import type { WorkerProcess } from './worker.ts'

export interface TaskStatus {
  id: number
  state: string
  worker_id: string
  trace?: string
}

export interface Status {
  name: string
  connector: { state: string; trace?: string }
  tasks: TaskStatus[]
}

export type Config = Record<string, string>

/** POST /connectors; the answer as it came. */
export function create(worker: WorkerProcess, name: string, config: Config) {
  return worker.rest<{ error_code?: number; message?: string }>('/connectors', { method: 'POST', body: { name, config } })
}

export async function status(worker: WorkerProcess, name: string): Promise<Status | null> {
  const answer = await worker.rest<Status>(`/connectors/${name}/status`)
  return answer.status === 200 ? answer.body : null
}

/** Waits until all tasks are in this state, and there is one at least. */
export function untilTasks(worker: WorkerProcess, name: string, state: string): Promise<TaskStatus[]> {
  return until(async () => {
    const tasks = (await status(worker, name))?.tasks ?? []
    return tasks.length > 0 && tasks.every(task => task.state === state) ? tasks : null
  })
}

/** Waits for task 0 to have failed and gives its trace. */
export async function untilFailed(worker: WorkerProcess, name: string): Promise<string> {
  const tasks = await until(async () => {
    const found = await status(worker, name)
    return found?.tasks.some(task => task.state === 'FAILED') ? found.tasks : null
  })
  return tasks.find(task => task.state === 'FAILED')?.trace ?? ''
}

/** One figure of GET /metrics, summed over the series whose labels include `labels`. */
export async function metric(worker: WorkerProcess, name: string, labels: Record<string, string>): Promise<number> {
  const { body } = await worker.rest<string>('/metrics')
  let sum = 0
  for (const line of String(body).split('\n')) {
    if (!line.startsWith(`${name}{`) || !Object.entries(labels).every(([k, v]) => line.includes(`${k}="${v}"`))) continue
    sum += Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  return sum
}
