// Cases of RecordConfigTopic.java: printed as JSON when run by scripts/golden.ts, imported by the tests that compare. Main thread.

export interface Scenario {
  /** the hazard */
  readonly name: string
  /** connectors whose state is compared after each record */
  readonly names: readonly string[]
  /** so many are there when the store starts: states are compared from the last of them on */
  readonly recordsBeforeStart: number
  readonly records: readonly (readonly [key: string, value: string | null])[]
}

const config = (properties: Record<string, unknown>) => JSON.stringify({ properties })
const commit = (tasks: unknown) => JSON.stringify({ tasks })
const A1 = config({ name: 'a', 'connector.class': 'X', 'tasks.max': '2' })
const A2 = config({ name: 'a', 'connector.class': 'X', 'tasks.max': '3' })
const t = (n: number) => config({ n: `${n}`, 'task.class': 'XTask' })

/** The same records, read before start or as they come. */
function both(name: string, names: readonly string[], records: Scenario['records']): Scenario[] {
  return [
    { name, names, recordsBeforeStart: 1, records },
    { name: `${name}, all before start`, names, recordsBeforeStart: records.length, records },
  ]
}

export const scenarios: readonly Scenario[] = [
  ...both('a connector, its tasks, fewer tasks, none, removed', ['a'], [
    ['connector-a', A1],
    ['task-a-0', t(0)],
    ['task-a-1', t(1)],
    ['commit-a', commit(2)],
    ['tasks-fencing-a', '{"task-count":2}'],
    ['connector-a', A2],
    ['task-a-0', t(5)],
    ['commit-a', commit(1)],
    ['commit-a', commit(0)],
    ['connector-a', null],
    ['target-state-a', null],
    ['connector-a', A1],
    ['commit-a', commit(0)],
  ]),
  ...both('a commit that does not find all tasks, and the tasks written again', ['a'], [
    ['connector-a', A1],
    ['task-a-1', t(1)],
    ['commit-a', commit(2)],
    ['task-a-0', t(0)],
    ['commit-a', commit(2)],
    ['task-a-0', t(0)],
    ['task-a-1', t(1)],
    ['commit-a', commit(2)],
  ]),
  ...both('more tasks than committed', ['a'], [
    ['connector-a', A1],
    ['task-a-0', t(0)],
    ['task-a-1', t(1)],
    ['task-a-7', t(7)],
    ['commit-a', commit(2)],
    ['commit-a', commit(3)],
  ]),
  ...both('a commit of nothing before any task', ['a'], [
    ['connector-a', A1],
    ['commit-a', commit(0)],
    ['task-a-0', t(0)],
    ['commit-a', commit(1)],
    ['commit-a', commit(0)],
  ]),
  ...both('tasks and a commit of a connector that is not there, which comes later', ['a'], [
    ['task-a-0', t(0)],
    ['commit-a', commit(1)],
    ['connector-a', A1],
    ['commit-a', commit(1)],
  ]),
  ...both('task configs left of a deleted connector, then the connector again', ['a'], [
    ['connector-a', A1],
    ['task-a-0', t(0)],
    ['connector-a', null],
    ['connector-a', A1],
    ['commit-a', commit(1)],
  ]),
  ...both('fencing of a deleted connector', ['a'], [
    ['connector-a', A1],
    ['task-a-0', t(0)],
    ['commit-a', commit(1)],
    ['tasks-fencing-a', '{"task-count":1}'],
    ['connector-a', null],
    ['connector-a', A1],
    ['task-a-0', t(0)],
    ['commit-a', commit(1)],
    ['connector-a', null],
    ['tasks-fencing-a', '{"task-count":3}'],
    ['tasks-fencing-b', '{"task-count":3}'],
  ]),
  ...both('target states: old workers, unchanged, of nobody, broken', ['a', 'b'], [
    ['target-state-a', '{"state":"PAUSED","state.v2":"STOPPED"}'],
    ['connector-a', A1],
    ['target-state-a', '{"state":"PAUSED","state.v2":"STOPPED"}'],
    ['target-state-a', '{"state":"PAUSED"}'],
    ['target-state-a', '{"state":"STARTED","state.v2":"PAUSED"}'],
    ['target-state-a', '{"state":"STARTED","state.v2":7}'],
    ['target-state-a', '{"state":"STARTED","state.v2":"BROKEN"}'],
    ['target-state-a', '{"state":"STOPPED"}'],
    ['target-state-a', '{}'],
    ['target-state-a', '[]'],
    ['target-state-a', '"PAUSED"'],
    ['target-state-a', null],
    ['target-state-a', '{"state":"STARTED"}'],
    ['target-state-a', '{"state":"PAUSED"}'],
    ['connector-a', null],
    ['target-state-a', null],
    ['connector-a', A1],
    ['connector-b', A1],
    ['target-state-b', '{"state":"STARTED","state.v2":"STARTED"}'],
  ]),
  ...both('a target state that outlives its connector', ['a'], [
    ['connector-a', A1],
    ['target-state-a', '{"state":"PAUSED","state.v2":"PAUSED"}'],
    ['connector-a', null],
    ['connector-a', A2],
    ['target-state-a', '{"state":"PAUSED","state.v2":"PAUSED"}'],
    ['connector-a', null],
    ['target-state-a', null],
    ['target-state-a', '{"state":"STOPPED","state.v2":"STOPPED"}'],
    ['connector-a', A2],
  ]),
  ...both('restarts: defaults, broken', ['a'], [
    ['connector-a', A1],
    ['restart-connector-a', '{"include-tasks":true,"only-failed":false}'],
    ['restart-connector-a', '{"include-tasks":false,"only-failed":true}'],
    ['restart-connector-a', '{}'],
    ['restart-connector-a', '{"include-tasks":null,"only-failed":"true"}'],
    ['restart-connector-a', '[]'],
    ['restart-connector-a', null],
    ['restart-connector-of nobody', '{"include-tasks":true}'],
  ]),
  ...both('session keys', ['a'], [
    ['session-key', '{"key":"a2V5LWJ5dGVz","algorithm":"HmacSHA256","creation-timestamp":1700000000000}'],
    ['session-key', '{"key":"b3RoZXI=","algorithm":"HmacSHA512","creation-timestamp":1700000000001}'],
    ['session-key', '{"key":"b3RoZXI=","algorithm":"HmacSHA512","creation-timestamp":1.5}'],
    ['session-key', '{"key":7,"algorithm":"HmacSHA512","creation-timestamp":1}'],
    ['session-key', '{"key":"b3RoZXI=","creation-timestamp":1}'],
    ['session-key', '[]'],
    ['session-key', null],
    ['session-key-x', '{"key":"a2V5LWJ5dGVz","algorithm":"HmacSHA256","creation-timestamp":1700000000000}'],
  ]),
  ...both('logger levels', ['a'], [
    ['logger-cluster-org.apache.kafka', '{"level":"DEBUG"}'],
    ['logger-cluster-root', '{"level":"ERROR"}'],
    ['logger-cluster-x', '{"level":7}'],
    ['logger-cluster-x', '{}'],
    ['logger-cluster-x', '[]'],
    ['logger-cluster-x', null],
  ]),
  ...both('keys of another time, values that are no JSON or of another form', ['a'], [
    ['connector-a', A1],
    ['of-another-time-a', '{"x":1}'],
    ['connector-a', '{"properties":'],
    ['connector-a', 'not json'],
    ['of-another-time-a', 'not json'],
    ['connector-a', '{}'],
    ['connector-a', '[]'],
    ['connector-a', '{"properties":[]}'],
    ['connector-a', '{"properties":"x"}'],
    ['task-a-0', '{"properties":7}'],
    ['task-a-0', null],
    ['task-a-x', t(0)],
    ['task-a-', t(0)],
    ['task-a', t(0)],
    ['commit-a', commit(1)],
    ['task-a-0', t(0)],
    ['commit-a', '[]'],
    ['commit-a', commit(1)],
    ['tasks-fencing-a', '[]'],
    ['tasks-fencing-a', null],
    ['commit-a', null],
  ]),
  ...both('numbers that are none', ['a'], [
    ['connector-a', A1],
    ['task-a-0', t(0)],
    ['commit-a', commit('1')],
    ['commit-a', commit(1)],
    ['tasks-fencing-a', '{"task-count":"1"}'],
    ['tasks-fencing-a', '{}'],
  ]).filter(scenario => scenario.recordsBeforeStart === 1),
  ...both('names with dashes, blanks and letters of everywhere', ['a-b', 'a-b-0', ' ä 😀', 'connector-'], [
    ['connector-a-b', A1],
    ['connector-a-b-0', A2],
    ['task-a-b-0', t(0)],
    ['task-a-b-0-0', t(1)],
    ['commit-a-b', commit(1)],
    ['commit-a-b-0', commit(1)],
    ['connector- ä 😀', A1],
    ['target-state- ä 😀', '{"state.v2":"PAUSED"}'],
    ['connector-connector-', A1],
    ['task-connector--0', t(3)],
    ['commit-connector-', commit(1)],
  ]),
]

/** [method, arguments...] of ConfigTopic; the same calls are made on Java's store. */
export const calls: readonly (readonly [string, ...unknown[]])[] = [
  ['putSessionKey', { key: 'a2V5LWJ5dGVzLW9mLXRoZS1jbHVzdGVyLTMyLWJ5dGVz', algorithm: 'HmacSHA256', createdAtMs: 1700000000000 }],
  ['putConfig', 'a', { name: 'a', 'connector.class': 'org.example.X', 'tasks.max': '2', odd: 'quote " back \\ tab \t ü € 😀 / \u0001 \u2028' }],
  ['putConfig', 'b ä', { name: 'b ä', 'connector.class': 'Y' }, 'STOPPED'],
  ['putConfig', 'c', { name: 'c' }, 'PAUSED'],
  ['putConfig', 'd', { name: 'd' }, 'STARTED'],
  ['putTasks', 'a', [{ 'task.class': 'T', n: '0' }, { 'task.class': 'T', n: '1' }]],
  ['putTasks', 'a', [{ 'task.class': 'T', n: '0' }]],
  ['putTasks', 'b ä', []],
  ['putTaskCount', 'a', 2],
  ['putTarget', 'a', 'PAUSED'],
  ['putTarget', 'a', 'STOPPED'],
  ['putTarget', 'a', 'STARTED'],
  ['putRestart', 'a', { includeTasks: true, onlyFailed: false }],
  ['putRestart', 'b ä', { includeTasks: false, onlyFailed: true }],
  ['putLoggerLevel', 'org.apache.kafka.connect', 'DEBUG'],
  ['remove', 'a'],
]

if (import.meta.main) process.stdout.write(JSON.stringify({ scenarios, calls }))
