// What must be so when a simulated cluster has come to rest: all config is everyone's and as it was asked for, everything runs exactly once,
// with the newest config, and the statuses say so. Main thread of the simulation.
import type { Status } from '../../src/store/status-store.ts'
import type { SimWorker } from './sim-worker.ts'
import type { Wanted } from './storm.ts'
import type { World } from './world.ts'

export function checkRest(world: World, wanted: Wanted): void {
  checkGroup(world)
  checkConfigs(world, wanted)
  checkWork(world, wanted)
  for (const worker of world.up) checkStatuses(world, worker, wanted)
}

function checkGroup(world: World): void {
  const { coordinator, up } = world
  const names = up.map(({ name }) => name).sort()
  if (coordinator.clients.join() !== names.join()) world.fault(`the group has ${coordinator.clients}, there are ${names}`)
  if (!coordinator.isStable) world.fault('the group is not stable')
  const leaders = up.filter(({ herder }) => herder.group.isLeader)
  if (leaders.length !== 1) world.fault(`${leaders.length} workers lead: ${leaders.map(({ name }) => name)}`)
}

function checkConfigs(world: World, wanted: Wanted): void {
  for (const { name, configs } of world.up) {
    const config = configs.snapshot()
    if (config.offset !== world.log.end(0) && !world.isFencing)
      world.fault(`${name} is at ${config.offset} of ${world.log.end(0)}`)
    for (const [connector, want] of wanted) {
      const found = config.get(connector)
      const version = found?.config?.version ?? null
      if (version !== (want?.version ?? null)) world.fault(`${name} has version ${version} of ${connector}, not ${want?.version}`)
      if (want === null) continue
      if (found?.target !== want.target) world.fault(`${name} has ${connector} ${found?.target}, not ${want.target}`)
      // One that is paused makes no new task configs before it is resumed.
      if (want.target === 'PAUSED') continue
      const tasks = want.target === 'STOPPED' ? 0 : want.tasks
      if (found?.tasks.length !== tasks) world.fault(`${name} has ${found?.tasks.length} tasks of ${connector}, not ${tasks}`)
    }
  }
}

/** How many of its tasks are stored. */
function storedTasks(world: World, connector: string): number {
  return world.up[0]?.configs.snapshot().get(connector)?.tasks.length ?? 0
}

/**
 * Whether the task of a paused connector failed for tasks.max, as in Java: a lower one replaces no tasks before the connector is resumed, those
 * that run go on, and one that is started meanwhile is refused. It stays FAILED, also where tasks.max was raised since, until it is started once more.
 * @param stored how many tasks the connector has
 */
function isRefused({ state, trace }: Status, stored: number): boolean {
  const [, count, max] = /has generated (\d+) tasks, which is greater than (\d+),/.exec(trace ?? '') ?? []
  return state === 'FAILED' && Number(count) === stored && Number(max) < stored
}

interface Part {
  /** `connector a`, `task a-0` */
  readonly name: string
  /** null: any */
  readonly version: string | null
  /** false: it may have a thread */
  readonly must: boolean
}

/** What runs in the end. What is paused has the tasks it had, but those that were refused. */
function expected(world: World, wanted: Wanted): Part[] {
  return [...wanted].flatMap(([name, want]) => {
    if (want === null || want.target === 'STOPPED') return []
    const isPaused = want.target === 'PAUSED'
    const tasks = isPaused ? storedTasks(world, name) : want.tasks
    const version = isPaused ? null : want.version
    const statuses = new Map(isPaused ? world.up[0]?.statuses.tasks(name) : [])
    const parts = Array.from({ length: tasks }, (_, task) => ({ task, status: statuses.get(task) }))
      .filter(({ status }) => status === undefined || !isRefused(status, tasks))
      .map(({ task }) => ({ name: `task ${name}-${task}`, version, must: true }))
    return [{ name: `connector ${name}`, version, must: !isPaused }, ...parts]
  })
}

interface Thread {
  readonly name: string
  readonly connector: string
  readonly version: string
  /** of the connector's config that it was started with */
  readonly tasksMax: number
}

function threadsOf({ cast }: SimWorker): Thread[] {
  return cast.actors
    .filter(({ exit }) => exit === null)
    .map(({ entry, name, data }) => {
      const { connector, connectorProps } = data
      const props = 'task' in data ? data.taskProps : connectorProps
      const tasksMax = Number(connectorProps['tasks.max'])
      return { name: `${entry} ${name}`, connector, version: props.version ?? 'none', tasksMax }
    })
}

function checkWork(world: World, wanted: Wanted): void {
  const running = world.up.flatMap(threadsOf)
  const parts = new Map(expected(world, wanted).map(part => [part.name, part]))
  for (const { name, connector, version, tasksMax } of running) {
    const stored = storedTasks(world, connector)
    if (name.startsWith('task ') && stored > tasksMax)
      world.fault(`${name} was started with tasks.max ${tasksMax}, as one of ${stored}`)
    const part = parts.get(name)
    if (part === undefined) world.fault(`${name} runs, and is not to`)
    else if (part.version !== null && part.version !== version)
      world.fault(`${name} runs version ${version}, not ${part.version}`)
  }
  for (const { name, must } of parts.values()) {
    const times = running.filter(thread => thread.name === name).length
    if (times > 1 || (must && times === 0)) world.fault(`${name} runs ${times} times`)
  }
}

/** As one of the workers sees them. */
function checkStatuses(world: World, { statuses }: SimWorker, wanted: Wanted): void {
  const runner = (thread: string) => world.up.find(({ alive }) => alive.includes(thread))?.workerId
  const owner = (name: string, task: number) => world.up.find(({ herder }) => herder.ownTasks(name).includes(task))?.workerId
  for (const [name, want] of wanted) {
    const connector = statuses.connector(name)
    const state = want === null ? undefined : { STARTED: 'RUNNING', PAUSED: 'PAUSED', STOPPED: 'STOPPED' }[want.target]
    if (connector?.state !== state) world.fault(`the status of ${name} is ${connector?.state}, not ${state}`)
    if (want === null || want.target === 'STOPPED') continue
    const at = runner(`connector ${name}`)
    if (at !== undefined && connector?.workerId !== at) world.fault(`${name} runs elsewhere than ${connector?.workerId}`)
    const tasks = storedTasks(world, name)
    if (statuses.tasks(name).length !== tasks)
      world.fault(`${statuses.tasks(name).length} of ${tasks} tasks of ${name} have a status`)
    for (const [task, found] of statuses.tasks(name)) {
      const isToFail = want.target === 'PAUSED' && isRefused(found, tasks)
      if (found.state !== state && !isToFail) world.fault(`the status of ${name}-${task} is ${found.state}, not ${state}`)
      const at = isToFail ? owner(name, task) : runner(`task ${name}-${task}`)
      if (found.workerId !== at) world.fault(`${name}-${task} ${isToFail ? 'belongs' : 'runs'} elsewhere than ${found.workerId}`)
    }
  }
}
