// Cases of RecordStatusTopic.java: printed as JSON when run by scripts/golden.ts, imported by the test that compares. Main thread.

export interface StatusScenario {
  /** the hazard */
  readonly name: string
  /** connectors whose statuses are compared */
  readonly names: readonly string[]
  /** `ack`, `fail` and `failRetriably` are about the oldest record sent and not settled */
  readonly steps: readonly (readonly [string, ...unknown[]])[]
}

type State = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'FAILED' | 'RESTARTING' | 'STOPPED'

const s = (state: State, workerId = 'w', generation = 1, more: { trace?: string; version?: string } = {}) => ({
  state,
  workerId,
  generation,
  trace: more.trace ?? null,
  version: more.version ?? null,
})
const text = (state: unknown, workerId: unknown = 'w', generation: unknown = 1, more: object = {}) =>
  JSON.stringify({ state, trace: null, worker_id: workerId, generation, ...more })
const topic = (name: unknown, connector: unknown, task: unknown, at: unknown) =>
  JSON.stringify({ topic: { name, connector, task, discoverTimestamp: at } })

export const scenarios: readonly StatusScenario[] = [
  {
    name: 'all states, with and without trace and version, removed',
    names: ['a', 'ä b'],
    steps: [
      ...(['UNASSIGNED', 'RUNNING', 'PAUSED', 'FAILED', 'RESTARTING', 'STOPPED'] as const).flatMap(state => [
        ['putConnector', 'a', s(state, 'host:8083', 7)] as const,
        ['ack'] as const,
        ['putTask', 'ä b', 3, s(state, 'host:8083', 7, { trace: 'java.lang.X: "quoted"\n\tat 😀', version: '4.3.0' })] as const,
        ['ack'] as const,
      ]),
      ['removeTask', 'ä b', 3, 7],
      ['ack'],
      ['removeConnector', 'a', 7],
      ['ack'],
    ],
  },
  {
    name: 'JSON as Jackson reads it: to the first value, after a byte order mark',
    names: ['a'],
    steps: [
      ['read', 'status-connector-a', `${text('RUNNING', 'v')} x`],
      ['read', 'status-connector-a', `\ufeff${text('PAUSED', 'v')}`],
      ['read', 'status-connector-a', `/* c */${text('FAILED', 'v')}`],
      ['read', 'status-connector-a', text('FAILED', 'v').replace('1', 'NaN')],
      ['read', 'status-task-a-0', `${text('RUNNING', 'v')}${text('PAUSED', 'v')}`],
      ['read', 'status-task-a-0', text('PAUSED', 'v').replace(':1', ':007')],
      ['read', 'status-topic-t:connector-a', `${topic('t', 'a', 0, 5)}}`],
      ['read', 'status-topic-t:connector-a', `x${topic('t', 'a', 0, 6)}`],
      ['read', 'status-connector-a', ''],
      ['read', 'status-task-a-0', 'null x'],
      ['read', 'status-topic-t:connector-a', ' '],
    ],
  },
  {
    name: 'a connector that is removed takes its tasks along',
    names: ['a'],
    steps: [
      ['putConnector', 'a', s('RUNNING')],
      ['ack'],
      ['putTask', 'a', 0, s('RUNNING')],
      ['putTask', 'a', 1, s('RUNNING')],
      ['ack'],
      ['ack'],
      ['read', 'status-connector-a', null],
      ['read', 'status-task-a-1', text('RUNNING')],
    ],
  },
  {
    name: 'a task that was taken over is not called UNASSIGNED by the worker before',
    names: ['a'],
    steps: [
      ['read', 'status-task-a-0', text('RUNNING', 'x', 5)],
      ['read', 'status-task-a-0', text('UNASSIGNED', 'w', 4)],
      ['read', 'status-task-a-0', text('UNASSIGNED', 'w', 5)],
      ['read', 'status-task-a-0', text('UNASSIGNED', 'x', 5)],
      ['read', 'status-task-a-0', text('UNASSIGNED', 'w', 6)],
      ['read', 'status-task-a-0', text('PAUSED', 'x', 7)],
      ['read', 'status-task-a-0', text('UNASSIGNED', 'w', 1)],
      ['read', 'status-task-a-0', text('RUNNING', 'w', 0)],
      ['read', 'status-connector-a', text('RUNNING', 'x', 5)],
      ['read', 'status-connector-a', text('UNASSIGNED', 'w', 4)],
    ],
  },
  {
    name: 'safe writes give way to another worker of a later generation, plain ones do not',
    names: ['a'],
    steps: [
      ['putTaskSafely', 'a', 0, s('UNASSIGNED', 'w', 1)],
      ['ack'],
      ['read', 'status-task-a-0', text('RUNNING', 'x', 2)],
      ['putTaskSafely', 'a', 0, s('FAILED', 'w', 1, { trace: 'late' })],
      ['putTaskSafely', 'a', 0, s('UNASSIGNED', 'w', 2)],
      ['ack'],
      ['putTaskSafely', 'a', 0, s('FAILED', 'w', 2)],
      ['ack'],
      ['read', 'status-task-a-0', text('RUNNING', 'x', 5)],
      ['putTask', 'a', 0, s('RUNNING', 'w', 3)],
      ['ack'],
      ['read', 'status-connector-a', text('RUNNING', 'x', 5)],
      ['putConnectorSafely', 'a', s('UNASSIGNED', 'w', 4)],
      ['putConnectorSafely', 'a', s('FAILED', 'x', 1)],
      ['ack'],
      ['read', 'status-connector-a', text('RUNNING', 'x', 5)],
      ['putConnector', 'a', s('PAUSED', 'w', 4)],
      ['ack'],
    ],
  },
  {
    name: 'a send that fails is sent again, unless something newer is known',
    names: ['a'],
    steps: [
      ['putTask', 'a', 0, s('RUNNING', 'w', 1)],
      ['failRetriably'],
      ['failRetriably'],
      ['ack'],
      ['putTask', 'a', 0, s('PAUSED', 'w', 1)],
      ['fail'],
      ['putTaskSafely', 'a', 0, s('UNASSIGNED', 'w', 1)],
      ['read', 'status-task-a-0', text('RUNNING', 'x', 2)],
      ['failRetriably'],
      ['putTaskSafely', 'a', 1, s('UNASSIGNED', 'w', 1)],
      ['failRetriably'],
      ['ack'],
    ],
  },
  {
    name: 'statuses that are not as they must be',
    names: ['a'],
    steps: [
      ['read', 'status-connector-a', text('RUNNING')],
      ['read', 'status-connector-a', 'not json'],
      ['read', 'status-connector-a', '[]'],
      ['read', 'status-connector-a', '{}'],
      ['read', 'status-connector-a', text('BROKEN')],
      ['read', 'status-connector-a', text(7)],
      ['read', 'status-connector-a', text('PAUSED', 'w', '1')],
      ['read', 'status-connector-a', text('PAUSED', 'w', 1.5)],
      ['read', 'status-connector-a', text('PAUSED', 'w', null)],
      ['read', 'status-connector-a', text('PAUSED', 7)],
      ['read', 'status-connector-a', text('PAUSED', null)],
      ['read', 'status-connector-a', text('FAILED', 'w', 1, { trace: 7 })],
      ['read', 'status-connector-a', text('STOPPED', 'w', 1, { version: '1.2', later: true })],
      ['read', 'status-task-a-0', text('RUNNING')],
      ['read', 'status-task-a', text('RUNNING')],
      ['read', 'status-task-a-', text('RUNNING')],
      ['read', 'status-task-a-x', text('RUNNING')],
      ['read', 'status-task-a-b-0', text('RUNNING')],
      ['read', 'status-of-something', text('RUNNING')],
      ['read', 'status-task-a-0', text('BROKEN')],
    ],
  },
  {
    name: 'topics: found, found again, by whom, forgotten, broken',
    names: ['a', 'b:connector-c'],
    steps: [
      ['putTopic', 'a', 't.1', 0, 1700000000000],
      ['ack'],
      ['putTopic', 'a', 't.1', 1, 1700000000001],
      ['ack'],
      ['putTopic', 'a', 't_2', 1, 1700000000002],
      ['failRetriably'],
      ['ack'],
      ['resetTopic', 'a', 't.1'],
      ['ack'],
      ['putTopic', 'b:connector-c', 't', 0, 1],
      ['ack'],
      ['read', 'status-topic-t3:connector-a', topic('t3', 'a', 2, 5)],
      ['read', 'status-topic-t4:connector-a', topic('t5', 'a', 2, 5)],
      ['read', 'status-topic-t6:connector-a', '{"topic":{}}'],
      ['read', 'status-topic-t6:connector-a', '{}'],
      ['read', 'status-topic-t6:connector-a', 'not json'],
      ['read', 'status-topic-t6:connector-a', topic('t6', 'a', 'x', 5)],
      ['read', 'status-topic-t6:connector-a', topic('t6', 'a', 1, null)],
      ['read', 'status-topic-:connector-a', topic('t6', 'a', 1, 5)],
      ['read', 'status-topic-t6:connector-', topic('t6', 'a', 1, 5)],
      ['read', 'status-topic-t6', topic('t6', 'a', 1, 5)],
      ['read', 'status-topic-t3:connector-a', null],
      ['read', 'status-topic-t3:connector-nobody', null],
      ['read', 'status-connector-a', null],
    ],
  },
]

if (import.meta.main) process.stdout.write(JSON.stringify(scenarios))
