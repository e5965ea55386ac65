// What must be so when a simulated cluster has come to rest: all config is everyone's and as it was asked for, everything runs exactly once,
// with the newest config, and the statuses say so. Main thread of the simulation.
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

interface Part {
  /** `connector a`, `task a-0` */
  readonly name: string
  /** null: any */
  readonly version: string | null
  /** false: it may have a thread */
  readonly must: boolean
}

/** What runs in the end. What is paused has the tasks it had. */
function expected(world: World, wanted: Wanted): Part[] {
  const config = world.up[0]?.configs.snapshot()
  return [...wanted].flatMap(([name, want]) => {
    if (want === null || want.target === 'STOPPED') return []
    const isPaused = want.target === 'PAUSED'
    const tasks = isPaused ? (config?.get(name)?.tasks.length ?? 0) : want.tasks
    const version = isPaused ? null : want.version
    const parts = Array.from({ length: tasks }, (_, task) => ({ name: `task ${name}-${task}`, version, must: true }))
    return [{ name: `connector ${name}`, version, must: !isPaused }, ...parts]
  })
}

function threadsOf({ cast }: SimWorker): { name: string; version: string }[] {
  return cast.actors
    .filter(({ exit }) => exit === null)
    .map(({ entry, name, data }) => {
      const props = 'task' in data ? data.taskProps : data.connectorProps
      return { name: `${entry} ${name}`, version: props.version ?? 'none' }
    })
}

function checkWork(world: World, wanted: Wanted): void {
  const running = world.up.flatMap(threadsOf)
  const parts = new Map(expected(world, wanted).map(part => [part.name, part]))
  for (const { name, version } of running) {
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
  for (const [name, want] of wanted) {
    const connector = statuses.connector(name)
    const state = want === null ? undefined : { STARTED: 'RUNNING', PAUSED: 'PAUSED', STOPPED: 'STOPPED' }[want.target]
    if (connector?.state !== state) world.fault(`the status of ${name} is ${connector?.state}, not ${state}`)
    if (want === null || want.target === 'STOPPED') continue
    const at = runner(`connector ${name}`)
    if (at !== undefined && connector?.workerId !== at) world.fault(`${name} runs elsewhere than ${connector?.workerId}`)
    const tasks = world.up[0]?.configs.snapshot().get(name)?.tasks.length
    if (statuses.tasks(name).length !== tasks)
      world.fault(`${statuses.tasks(name).length} of ${tasks} tasks of ${name} have a status`)
    for (const [task, found] of statuses.tasks(name)) {
      if (found.state !== state) world.fault(`the status of ${name}-${task} is ${found.state}, not ${state}`)
      if (found?.workerId !== runner(`task ${name}-${task}`))
        world.fault(`${name}-${task} runs elsewhere than ${found?.workerId}`)
    }
  }
}
