// A real Apache Kafka broker (KRaft, one process, free ports, temporary data), or the one KAFKA_BOOTSTRAP names. The tests, the benches
// and the quickstart start it here. It ends with this process, also when this process is SIGKILLed. Main thread.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Leashed, leashed } from './leash.ts'
import { cacheRoot, jars, KAFKA_VERSION, makeOnce, requireJava } from './maven.ts'
import { brokerAnswers, freePorts } from './probe.ts'

const ARTIFACTS = [`org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`, 'org.apache.logging.log4j:log4j-slf4j-impl:2.25.4']
const START_TIMEOUT_MS = 90_000
const STOP_TIMEOUT_MS = 20_000

export interface BrokerOptions {
  /** server.properties on top of the defaults below */
  config?: Record<string, string>
  /** listeners besides the plain one: security protocol by name, in capitals; their keys are in `config`, below `listener.name.<name>.` */
  listeners?: Record<string, string>
  heapMb?: number
}

export interface Broker {
  /** "127.0.0.1:port" */
  readonly bootstrap: string
  /** the address of one of `BrokerOptions.listeners` */
  bootstrapOf(listener: string): string
  /** 0 for a broker that is not ours */
  readonly pid: number
  readonly logFile: string
  stop(): Promise<void>
  /** SIGKILL */
  kill(): Promise<void>
  /** on the same port and data */
  restart(): Promise<void>
  /** SIGSTOP: connections stay, nothing answers */
  pause(): void
  resume(): void
}

const DEFAULTS = {
  'node.id': '1',
  'process.roles': 'broker,controller',
  'controller.listener.names': 'CONTROLLER',
  'auto.create.topics.enable': 'true',
  // tests write records with times of their own: none may be old enough to be deleted
  'log.retention.ms': '-1',
  'num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'controlled.shutdown.enable': 'false',
  // a restarted broker is let in only when the session of its former life has ended
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '500',
}

const LOG_CONFIG = `
status = error
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d] %p %m (%c{1})%n
`

function properties(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('')
}

/** Jars, and a data folder formatted once (a JVM start less for each broker): every broker starts on a copy. */
async function prepared(): Promise<{ lib: string; template: string }> {
  const lib = await jars(`kafka-${KAFKA_VERSION}`, ARTIFACTS)
  const template = await makeOnce(join(cacheRoot(), `kafka-${KAFKA_VERSION}-formatted`), async folder => {
    const config = join(folder, 'format.properties')
    const listeners = {
      listeners: 'PLAINTEXT://127.0.0.1:9,CONTROLLER://127.0.0.1:8',
      'controller.quorum.voters': '1@127.0.0.1:8',
    }
    writeFileSync(config, properties({ ...DEFAULTS, ...listeners, 'log.dirs': join(folder, 'data') }))
    const args = [
      '-Xmx256m',
      '-cp',
      join(lib, '*'),
      'kafka.tools.StorageTool',
      'format',
      '-t',
      'c2x1aWNlc2x1aWNlc2x1aQ',
      '-c',
      config,
    ]
    execFileSync(requireJava(), args, { stdio: ['ignore', 'ignore', 'pipe'] })
  })
  return { lib, template }
}

class KafkaProcess implements Broker {
  readonly bootstrap: string
  readonly logFile: string
  private readonly command: readonly string[]
  private readonly folder: string
  private readonly shared: boolean
  private readonly listeners: ReadonlyMap<string, string>
  private process: Leashed | null = null
  private removed = false

  constructor(folder: string, port: number, command: readonly string[], shared: boolean, listeners: ReadonlyMap<string, string>) {
    this.folder = folder
    this.listeners = listeners
    this.bootstrap = `127.0.0.1:${port}`
    this.logFile = join(folder, 'broker.log')
    this.command = command
    this.shared = shared
  }

  get pid(): number {
    return this.process?.pid ?? 0
  }

  bootstrapOf(listener: string): string {
    const address = this.listeners.get(listener)
    if (address === undefined) throw new Error(`the broker has no listener ${listener}`)
    return address
  }

  /** Resolves when the broker answers metadata; rejects with the end of its log when it died or never answered. */
  async start(): Promise<void> {
    const child = await leashed(requireJava(), this.command, { logFile: this.logFile, folder: this.folder, cwd: this.folder })
    this.process = child
    const port = Number(this.bootstrap.split(':')[1])
    const deadline = performance.now() + START_TIMEOUT_MS
    while (!(await brokerAnswers('127.0.0.1', port))) {
      if (!child.running() || performance.now() > deadline) {
        child.signal('SIGKILL')
        const what = child.running() ? 'did not answer in time' : `ended with ${await child.exited}`
        throw new Error(`the Kafka broker ${what}; the end of its log:\n${readFileSync(this.logFile, 'utf8').slice(-3000)}`)
      }
      await delay(50)
    }
    child.unref()
  }

  async stop(): Promise<void> {
    if (this.shared) return // other tests of this process use it; it ends with the process
    await this.end('SIGTERM')
    if (this.removed) return
    this.removed = true
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  async restart(): Promise<void> {
    if (this.removed) throw new Error('the broker was stopped and its data is gone')
    await this.end('SIGTERM')
    await this.start()
  }

  pause(): void {
    this.process?.signal('SIGSTOP')
  }

  resume(): void {
    this.process?.signal('SIGCONT')
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.process
    if (!child?.running()) return
    child.signal(signal)
    child.signal('SIGCONT')
    const late = setTimeout(() => child.signal('SIGKILL'), STOP_TIMEOUT_MS)
    await child.exited
    clearTimeout(late)
  }
}

async function start(options: BrokerOptions, shared: boolean): Promise<Broker> {
  const { lib, template } = await prepared()
  // a port found free may be taken by the time Kafka binds it: another try with others
  for (let attempt = 1; ; attempt++) {
    const more = Object.entries(options.listeners ?? {})
    const [port = 0, controllerPort = 0, ...ports] = await freePorts(2 + more.length)
    const addresses = new Map(more.map(([name], i) => [name, `127.0.0.1:${ports[i]}`]))
    const urls = [['PLAINTEXT', `127.0.0.1:${port}`], ...addresses].map(([name, address]) => `${name}://${address}`).join(',')
    const folder = mkdtempSync(join(tmpdir(), 'sluice-kafka-'))
    cpSync(join(template, 'data'), join(folder, 'data'), { recursive: true })
    const config = {
      ...DEFAULTS,
      listeners: `${urls},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': urls,
      'listener.security.protocol.map': [['CONTROLLER', 'PLAINTEXT'], ['PLAINTEXT', 'PLAINTEXT'], ...more]
        .map(([name, protocol]) => `${name}:${protocol}`)
        .join(','),
      'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
      'log.dirs': join(folder, 'data'),
      ...options.config,
    }
    writeFileSync(join(folder, 'server.properties'), properties(config))
    writeFileSync(join(folder, 'log4j2.properties'), LOG_CONFIG)
    const heapMb = options.heapMb ?? 1024
    const jvm = [`-Xmx${heapMb}m`, '-Xms256m', '-XX:+UseG1GC', '-Djava.awt.headless=true']
    const log = `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`
    const command = [...jvm, log, '-cp', join(lib, '*'), 'kafka.Kafka', join(folder, 'server.properties')]
    const kafka = new KafkaProcess(folder, port, command, shared, addresses)
    try {
      await kafka.start()
      return kafka
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      if (attempt === 3 || !/Address already in use|bind/i.test((error as Error).message)) throw error
    }
  }
}

/** A broker of somebody else's: nothing of it is ours to stop. */
function given(bootstrap: string): Broker {
  const notOurs = (): never => {
    throw new Error('the broker that KAFKA_BOOTSTRAP names is not ours to stop: use ownBroker()')
  }
  const none = {
    stop: async () => {},
    kill: async () => notOurs(),
    restart: async () => notOurs(),
    pause: notOurs,
    resume: notOurs,
    bootstrapOf: notOurs,
  }
  return { bootstrap, pid: 0, logFile: '', ...none }
}

let one: Promise<Broker> | null = null

/** The broker of this process, started by the first call; stop() leaves it to the others, it ends with the process. */
export function broker(): Promise<Broker> {
  const bootstrap = process.env.KAFKA_BOOTSTRAP
  if (one === null) one = bootstrap ? Promise.resolve(given(bootstrap)) : start({}, true)
  return one
}

/** A broker for this caller alone, who may kill, pause and restart it, and must stop it. */
export function ownBroker(options: BrokerOptions = {}): Promise<Broker> {
  return start(options, false)
}
