// Goal: whatever happens to a cluster, it comes to rest in the one right state, and nothing runs twice without a reason. Method: 20 seeds of
// storm.ts and some that broke once; thousands more by `npm run test:sim`. That the checks see what is wrong: a cluster at rest, tampered with.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SINK } from '../supervisor/fake-worker.ts'
import { checkRest } from './invariants.ts'
import { simulate } from './storm.ts'
import { World } from './world.ts'

const SEEDS = 20
/** Seeds that broke an invariant once. What they are of may change with the simulation. */
const REMEMBERED: Readonly<Record<number, string>> = {
  437: 'a task of a paused connector with more tasks than tasks.max is started',
  7997: 'a worker gives up what another one ran all the time',
  21276: 'the last worker is leaving when everything heals',
  22201: "a task's status comes behind the tombstone of its connector",
}

for (const seed of [...Array.from({ length: SEEDS }, (_, i) => i + 1), ...Object.keys(REMEMBERED).map(Number)])
  test(`seed ${seed}${REMEMBERED[seed] === undefined ? '' : `: ${REMEMBERED[seed]}`}`, async () => {
    const { faults, history } = await simulate(seed)
    assert.deepEqual(faults, [], history.join('\n'))
  })

test('a seed is lived again as it was', async () => {
  assert.deepEqual((await simulate(3)).history, (await simulate(3)).history)
})

const wanted = new Map([['a', { version: '1', tasks: 2, target: 'STARTED' as const }]])

/** Two workers and a connector with two tasks. */
async function atRest(): Promise<World> {
  const world = new World(1)
  world.add()
  world.add()
  const config = { name: 'a', 'connector.class': SINK, topics: 't', 'tasks.max': '2', version: '1' }
  const done = world.request('put a', herder => herder.putConfig('a', config, { allowReplace: false }))
  await world.pass(120_000)
  assert.equal(await done, true)
  checkRest(world, wanted)
  assert.deepEqual(world.faults, [])
  return world
}

function actorOf(world: World, name: string) {
  const found = world.up.flatMap(({ cast }) => cast.actors).find(actor => actor.name === name && actor.exit === null)
  assert.ok(found)
  return found
}

async function put(world: World, name: string, version: string, tasks: number): Promise<void> {
  const config = { name, 'connector.class': SINK, topics: 't', 'tasks.max': String(tasks), version }
  const done = world.request(`put ${name}`, herder => herder.putConfig(name, config, { allowReplace: true }))
  await world.pass(30_000 + world.maxDelayMs)
  assert.equal(await done, true)
}

/** Six connectors with one to six tasks, at rest. */
async function clusterOf(workers: number, seed: number): Promise<World> {
  const world = new World(seed)
  for (let i = 0; i < workers; i++) world.add()
  for (const [i, name] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) await put(world, name, '1', i + 1)
  await world.pass(120_000)
  return world
}

test('connectors that are added and changed end no thread of another one', async () => {
  const world = await clusterOf(3, 2)
  const before = world.up.flatMap(({ cast }) => cast.actors.filter(({ exit }) => exit === null))
  assert.equal(before.length, 6 + 21)
  await put(world, 'g', '1', 5)
  await put(world, 'c', '2', 3)
  await world.pass(120_000)
  const ended = before.filter(({ exit }) => exit !== null).map(({ entry, name }) => `${entry} ${name}`)
  assert.deepEqual(ended.sort(), ['connector c', 'task c-0', 'task c-1', 'task c-2'])
  assert.deepEqual(world.faults, [])
})

test('a worker that restarts within the delay gets its work back, and no other thread ends', async () => {
  let looked = 0
  for (let seed = 1; seed <= 5; seed++) {
    const world = await clusterOf(3, seed)
    if (world.maxDelayMs < 10_000) continue
    looked++
    const follower = world.up.find(({ herder }) => !herder.group.isLeader)
    assert.ok(follower)
    const others = world.up
      .filter(worker => worker !== follower)
      .flatMap(({ cast }) => cast.actors.filter(({ exit }) => exit === null))
    const had = follower.alive.toSorted()
    const closing = follower.herder.close()
    await world.pass(1_000)
    await closing
    follower.clock.state = 'dead'
    const successor = world.add()
    await world.pass(120_000)
    assert.deepEqual(successor.alive.toSorted(), had)
    assert.deepEqual(
      others.filter(({ exit }) => exit !== null),
      [],
    )
    assert.deepEqual(world.faults, [])
  }
  assert.ok(looked > 1)
})

/** A paused connector whose tasks.max was lowered below its two tasks; the worker of the second task has left since. */
async function withRefused(): Promise<World> {
  const world = await atRest()
  const pausing = world.request('pause a', herder => herder.pause('a'))
  await world.pass(30_000)
  assert.equal(await pausing, true)
  await put(world, 'a', '2', 1)
  const leaving = world.up.find(({ alive }) => alive.includes('task a-1'))
  assert.ok(leaving)
  const closing = leaving.herder.close()
  await world.pass(1_000)
  await closing
  leaving.clock.state = 'dead'
  await world.pass(120_000)
  return world
}

const wantedPaused = new Map([['a', { version: '2', tasks: 1, target: 'PAUSED' as const }]])

function taskStates(world: World): (string | undefined)[] {
  return [0, 1].map(task => world.up[0]?.statuses.task('a', task)?.state)
}

test('of a paused connector with more tasks than tasks.max those that are started are refused, those that run go on', async () => {
  const world = await withRefused()
  checkRest(world, wantedPaused)
  assert.deepEqual([world.faults, taskStates(world)], [[], ['PAUSED', 'FAILED']])
  // raised again, they stay as they are; resumed, all are new
  await put(world, 'a', '3', 3)
  checkRest(world, new Map([['a', { version: '3', tasks: 3, target: 'PAUSED' as const }]]))
  assert.deepEqual([world.faults, taskStates(world)], [[], ['PAUSED', 'FAILED']])
  const resuming = world.request('resume a', herder => herder.resume('a'))
  await world.pass(120_000)
  assert.equal(await resuming, true)
  checkRest(world, new Map([['a', { version: '3', tasks: 3, target: 'STARTED' as const }]]))
  assert.deepEqual(world.faults, [])
})

const tamperedRefusals: readonly (readonly [what: string, tamper: (world: World) => void, fault: RegExp])[] = [
  ['a task of a paused connector that failed for another reason', world => world.up[0]?.statuses.putTask('a', 1, { state: 'FAILED', workerId: world.up[0].workerId, trace: 'boom', generation: 99, version: null }), /status of a-1 is FAILED, not PAUSED/], // biome-ignore format: one line is easier to read
  ['a refusal of another set', world => world.up[0]?.statuses.putTask('a', 1, { state: 'FAILED', workerId: world.up[0].workerId, trace: 'a has generated 3 tasks, which is greater than 1, the maximum', generation: 99, version: null }), /status of a-1 is FAILED, not PAUSED/], // biome-ignore format: one line is easier to read
  [
    'a task that runs though its set was too large',
    world => {
      const [worker] = world.up
      const running = actorOf(world, 'a-0').data
      assert.ok('task' in running)
      const data = { ...running, task: 1, connectorProps: { ...running.connectorProps, 'tasks.max': '1' } }
      worker?.cast.spawn({ data, clock: world.clock, onMessage: () => undefined, onExit: () => undefined } as unknown as Parameters<typeof worker.cast.spawn>[0]) // biome-ignore format: one line is easier to read
    },
    /task a-1 was started with tasks.max 1, as one of 2\ntask a-1 runs, and is not to/,
  ],
]

for (const [what, tamper, fault] of tamperedRefusals)
  test(`seen: ${what}`, async () => {
    const world = await withRefused()
    tamper(world)
    checkRest(world, wantedPaused)
    assert.match(world.faults.join('\n'), fault)
  })

const tampered: readonly (readonly [what: string, tamper: (world: World) => void, fault: RegExp])[] = [
  ['a task that has ended', world => actorOf(world, 'a-1').end({ reason: 'stopped' }), /task a-1 runs 0 times/],
  ['a status that is wrong', world => world.up[0]?.statuses.putTask('a', 0, { state: 'FAILED', workerId: 'w0:8083', trace: null, generation: 1, version: null }), /status of a-0 is FAILED, not RUNNING/], // biome-ignore format: one line is easier to read
  ['a status too many', world => world.up[0]?.statuses.putTask('a', 2, { state: 'RUNNING', workerId: 'w0:8083', trace: null, generation: 1, version: null }), /3 of 2 tasks of a have a status/], // biome-ignore format: one line is easier to read
  ['a record that not all have read', world => void world.log.append(Buffer.from('connector-b'), Buffer.from('{"properties":{}}')), /is at \d+ of \d+/], // biome-ignore format: one line is easier to read
  ['a worker out of the group', world => world.coordinator.expel('w1'), /the group has w0, there are w0,w1/],
  [
    'a task that starts where another worker runs it',
    world => {
      const [one, other] = world.up
      const spec = actorOf(world, 'a-0').data
      for (const worker of [one, other])
      worker?.cast.spawn({ data: spec, clock: world.clock, onMessage: () => undefined, onExit: () => undefined } as unknown as Parameters<typeof worker.cast.spawn>[0]) // biome-ignore format: one line is easier to read
    },
    /task a-0 (starts on w\d while it runs on w\d|runs twice on w\d)/,
  ],
]

for (const [what, tamper, fault] of tampered)
  test(`seen: ${what}`, async () => {
    const world = await atRest()
    tamper(world)
    checkRest(world, wanted)
    assert.match(world.faults.join('\n'), fault)
  })
