// A Kafka cluster as one client sees it: its brokers, who leads which partition, and one connection per broker and lane.
// Runs in the thread that made it; everything in kafka/ that talks to a broker does so through `call`.
//
// THE SEAM: the only file that knows kafkajs. Authentication (SASL PLAIN, SCRAM, OAUTHBEARER) is kafkajs's, from its private
// `network/connection`; the authenticated socket is then taken over by our own Connection. kafkajs is loaded only when SASL is
// configured: loading it costs a thread 4 MB and 30 ms (docs/decisions/0016). test/kafka/kafkajs-seam.test.ts fails if the seam is gone.
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { type Clock, systemClock, type Timer } from '../base/clock.ts'
import { AbortedError, KafkaError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { type Address, formatAddress, openReusingSocket, openSocket, parseAddress } from './broker-socket.ts'
import { ErrorCode, errorInfo, kafkaError } from './codec/errors.ts'
import {
  apiVersionsApi,
  type CoordinatorKind,
  decodeApiVersions,
  decodeFindCoordinator,
  decodeMetadata,
  encodeFindCoordinator,
  encodeMetadata,
  findCoordinatorApi,
  type MetadataAnswer,
  metadataApi,
  type Node,
  type VersionRange,
} from './codec/metadata.ts'
import { Connection } from './connection.ts'
import { FreeBuffers } from './free-buffers.ts'
import type { Api, ClientConfig, Lane, RequestBody, TopicMetadata } from './types.ts'

interface Link {
  readonly connection: Connection
  readonly versions: ReadonlyMap<number, VersionRange>
  /** when the SASL session ends (KIP-368); Infinity without */
  readonly expiresAtMs: number
}

interface Slot {
  readonly address: Address
  readonly opening: Promise<Link>
  link: Link | null
}

interface CachedTopic {
  /** node ids by partition */
  readonly leaders: ReadonlyMap<number, number>
  readonly atMs: number
}

interface Refresh {
  readonly running: Promise<void>
  endedAtMs: number | null
}

const EMPTY = Buffer.alloc(0)
/** A SASL session is renewed by a new connection after this share of its life. */
const SESSION_SHARE = 0.85
/** Some answers of 4 MB: four partitions at the default max.partition.fetch.bytes. */
const FREE_ANSWER_BYTES_MAX = 16 << 20

export class Cluster {
  readonly #config: ClientConfig
  readonly #log: Logger
  readonly #clock: Clock
  #nodes = new Map<number, Node>()
  #controllerId = -1
  readonly #topics = new Map<string, CachedTopic>()
  readonly #slots = new Map<string, Slot>()
  readonly #coordinators = new Map<string, number>()
  readonly #refreshes = new Map<string, Refresh>()
  /** nodes that could not be reached at the last try: so that the log tells of a change, not of every try */
  readonly #down = new Set<number>()
  #isClosed = false
  /** memory of answers that their reader gave back, for the next ones */
  readonly freeAnswers = new FreeBuffers(FREE_ANSWER_BYTES_MAX)

  constructor(config: ClientConfig, log: Logger, clock: Clock = systemClock) {
    this.#config = config
    this.#log = log
    this.#clock = clock
  }

  /** Finds the brokers. Fails with a retriable KafkaError that names bootstrap.servers when none of them answers. */
  async connect(): Promise<void> {
    await this.metadata([])
  }

  /** Closes all connections; what waits for an answer fails. */
  async close(): Promise<void> {
    this.#isClosed = true
    const slots = [...this.#slots.values()]
    this.#slots.clear()
    await Promise.allSettled(slots.map(async slot => (await slot.opening).connection.close()))
  }

  /**
   * One request and the body of its answer, uninterpreted.
   * Fails with a retriable KafkaError (errorCode -1) when the broker cannot be reached or does not answer, and with
   * UNSUPPORTED_VERSION when it does not speak that version.
   */
  async call(
    nodeId: number,
    lane: Lane,
    api: Api,
    body: RequestBody,
    timeoutMs = this.#config.requestTimeoutMs,
  ): Promise<Buffer> {
    const link = await this.#link(nodeId, lane)
    this.#checkVersion(link, nodeId, api)
    return link.connection.request(api, body, timeoutMs)
  }

  /** One request that the broker does not answer (Produce with acks=0); settles when it has been handed to the socket. */
  async tell(nodeId: number, lane: Lane, api: Api, body: RequestBody): Promise<void> {
    const link = await this.#link(nodeId, lane)
    this.#checkVersion(link, nodeId, api)
    link.connection.tell(api, body)
  }

  /** A broker to ask what any may answer: one that is connected, else one that was not found dead. */
  anyNode(): number {
    const id = this.#nodesByPromise()[0]?.id
    if (id === undefined) throw new KafkaError('Metadata', -1, `no broker is known yet (${this.#bootstrapText()})`, true)
    return id
  }

  /** The node that takes administrative requests; with KRaft any broker does and passes them on. */
  controller(): number {
    return this.#nodes.has(this.#controllerId) ? this.#controllerId : this.anyNode()
  }

  nodes(): Node[] {
    return [...this.#nodes.values()]
  }

  /**
   * Asks for topics (null: all of them) and refreshes the cache with the answer. Errors of single topics are in the answer.
   * @param autoCreate lets the broker make a topic that is missing, if its own configuration allows (auto.create.topics.enable)
   */
  async metadata(topics: readonly string[] | null, autoCreate = false): Promise<TopicMetadata[]> {
    const answer = decodeMetadata(await this.#ask(metadataApi, encodeMetadata(topics, autoCreate)))
    this.#learn(answer, topics)
    return [...answer.topics]
  }

  /** Node id, or -1 where none is known: then `refresh`. From the cache; an old entry is renewed in the background. */
  leaderOf(topic: string, partition: number): number {
    return this.#cached(topic)?.get(partition) ?? -1
  }

  partitionCount(topic: string): number | undefined {
    return this.#cached(topic)?.size
  }

  /** Renews the cache for these topics; at most once per retry.backoff.ms for the same ones, however many ask. */
  refresh(topics: readonly string[], autoCreate = false): Promise<void> {
    const key = `${autoCreate} ${[...topics].sort().join(' ')}`
    const last = this.#refreshes.get(key)
    if (last !== undefined && last.endedAtMs === null) return last.running
    const nowMs = this.#clock.monotonicMs()
    for (const [k, r] of this.#refreshes)
      if (r.endedAtMs !== null && nowMs - r.endedAtMs > this.#config.retryBackoffMs) this.#refreshes.delete(k)
    const waitMs = last?.endedAtMs == null ? 0 : last.endedAtMs + this.#config.retryBackoffMs - nowMs
    const run = async () => {
      if (waitMs > 0) await this.#clock.sleep(waitMs)
      await this.metadata(topics, autoCreate)
    }
    const refresh: Refresh = {
      endedAtMs: null,
      running: run().finally(() => {
        refresh.endedAtMs = this.#clock.monotonicMs()
      }),
    }
    this.#refreshes.set(key, refresh)
    return refresh.running
  }

  /** The broker that coordinates the group or transaction, cached until `forgetCoordinator`. One try. */
  async coordinator(kind: CoordinatorKind, id: string): Promise<number> {
    const key = `${kind} ${id}`
    const cached = this.#coordinators.get(key)
    if (cached !== undefined) return cached
    const answer = decodeFindCoordinator(await this.#ask(findCoordinatorApi, encodeFindCoordinator(kind, id)))
    if (answer.errorCode !== ErrorCode.NONE) throw kafkaError('FindCoordinator', answer.errorCode, `${kind} ${id}`)
    this.#nodes.set(answer.node.id, answer.node)
    this.#coordinators.set(key, answer.node.id)
    return answer.node.id
  }

  forgetCoordinator(kind: CoordinatorKind, id: string): void {
    this.#coordinators.delete(`${kind} ${id}`)
  }

  // ---- metadata

  #cached(topic: string): ReadonlyMap<number, number> | undefined {
    const entry = this.#topics.get(topic)
    if (entry === undefined) return undefined
    if (this.#clock.monotonicMs() - entry.atMs > this.#config.metadataMaxAgeMs && !this.#isClosed)
      this.refresh([topic]).catch(error => this.#log.debug({ topic, error }, 'metadata not renewed'))
    return entry.leaders
  }

  #learn(answer: MetadataAnswer, asked: readonly string[] | null): void {
    if (answer.nodes.length > 0) {
      this.#nodes = new Map(answer.nodes.map(node => [node.id, node]))
      this.#controllerId = answer.controllerId
      this.#dropStrangers()
    }
    if (asked === null) this.#topics.clear()
    else for (const topic of asked) this.#topics.delete(topic)
    const atMs = this.#clock.monotonicMs()
    for (const { name, partitions } of answer.topics)
      if (partitions.length > 0) this.#topics.set(name, { leaders: new Map(partitions.map(p => [p.partition, p.leader])), atMs })
  }

  /** Connections to brokers that are gone or have moved close when their last answer has come. */
  #dropStrangers(): void {
    for (const [key, slot] of this.#slots) {
      const node = this.#nodes.get(Number(key.split('/')[0]))
      if (node !== undefined && node.host === slot.address.host && node.port === slot.address.port) continue
      this.#slots.delete(key)
      slot.link?.connection.retire()
    }
  }

  /** Any broker's answer: of those known, then of bootstrap.servers, since all that are known may have moved. */
  async #ask(api: Api, body: Buffer): Promise<Buffer> {
    const failures: string[] = []
    for (const node of this.#nodesByPromise()) {
      try {
        return await this.call(node.id, 'meta', api, body)
      } catch (error) {
        if (!isOutage(error)) throw error
        failures.push((error as Error).message)
      }
    }
    for (const server of this.#config.bootstrapServers) {
      if (this.#isClosed) throw new AbortedError('the Kafka client is closed')
      try {
        const link = await this.#open(parseAddress(server), server)
        try {
          this.#checkVersion(link, server, api)
          return await link.connection.request(api, body, this.#config.requestTimeoutMs)
        } finally {
          link.connection.close()
        }
      } catch (error) {
        if (!isOutage(error)) throw error
        failures.push((error as Error).message)
      }
    }
    throw new KafkaError(api.name, -1, `no broker of ${this.#bootstrapText()} answered: ${failures.join('; ')}`, true)
  }

  #bootstrapText(): string {
    return `bootstrap.servers ${this.#config.bootstrapServers.join(',')}`
  }

  #nodesByPromise(): Node[] {
    const rank = (node: Node) => (this.#down.has(node.id) ? 2 : this.#slots.get(`${node.id}/meta`)?.link ? 0 : 1)
    return [...this.#nodes.values()].sort((a, b) => rank(a) - rank(b))
  }

  // ---- connections

  #link(nodeId: number, lane: Lane): Promise<Link> {
    const key = `${nodeId}/${lane}`
    const slot = this.#slots.get(key)
    // The same promise for all callers, also when it is open: they go on in the order they came, which the producer relies on.
    if (slot !== undefined && !(slot.link !== null && this.#clock.monotonicMs() > slot.link.expiresAtMs)) return slot.opening
    slot?.link?.connection.retire()
    return this.#openSlot(key, nodeId, lane)
  }

  #openSlot(key: string, nodeId: number, lane: Lane): Promise<Link> {
    if (this.#isClosed) return Promise.reject(new AbortedError('the Kafka client is closed'))
    const node = this.#nodes.get(nodeId)
    if (node === undefined) return Promise.reject(new KafkaError('', -1, `broker ${nodeId} is not known`, true))
    const name = `broker ${nodeId} at ${formatAddress(node)}`
    const forget = () => {
      if (this.#slots.get(key) === slot) this.#slots.delete(key)
    }
    const opening = this.#open(node, name, forget).then(
      link => {
        slot.link = link
        if (this.#down.delete(nodeId)) this.#log.info({ broker: name }, 'broker is back')
        this.#log.debug({ broker: name, lane }, 'connected')
        return link
      },
      (error: Error) => {
        forget()
        if (!this.#isClosed && !this.#down.has(nodeId)) {
          this.#down.add(nodeId)
          this.#log.warn({ broker: name, error }, 'broker cannot be reached; trying again')
        }
        throw error
      },
    )
    const slot: Slot = { address: node, opening, link: null }
    this.#slots.set(key, slot)
    return opening
  }

  async #open(address: Address, name: string, onClose: () => void = () => {}): Promise<Link> {
    const { clientId, connectTimeoutMs } = this.#config
    const startedMs = this.#clock.monotonicMs()
    const { socket, sessionMs } = await openAuthenticated(address, name, this.#config, this.#log, this.#clock)
    if (this.#isClosed) {
      socket.destroy()
      throw new AbortedError('the Kafka client is closed')
    }
    const free = this.freeAnswers
    const connection = new Connection({ socket, name, clientId, log: this.#log, clock: this.#clock, free, onClose })
    const { errorCode, versions } = decodeApiVersions(await connection.request(apiVersionsApi, EMPTY, connectTimeoutMs))
    if (errorCode !== ErrorCode.NONE) {
      connection.close()
      throw kafkaError('ApiVersions', errorCode, name)
    }
    return { connection, versions, expiresAtMs: sessionMs === 0 ? Infinity : startedMs + sessionMs * SESSION_SHARE }
  }

  #checkVersion(link: Link, where: number | string, api: Api): void {
    const range = link.versions.get(api.key)
    if (range !== undefined && api.version >= range.min && api.version <= range.max) return
    const spoken = range === undefined ? 'does not know it at all' : `speaks ${range.min} to ${range.max}`
    const text = `${api.name} version ${api.version} is not spoken by broker ${where}, which ${spoken}; Sluice needs Kafka 2.3 or newer`
    throw new KafkaError(api.name, ErrorCode.UNSUPPORTED_VERSION, text, errorInfo(ErrorCode.UNSUPPORTED_VERSION).retriable)
  }
}

/** No answer, as against an answer that says no. */
function isOutage(error: unknown): boolean {
  return error instanceof KafkaError && error.errorCode === -1 && error.retriable
}

// ---- opening a socket, and the seam

interface OpenSocket {
  readonly socket: Socket
  /** how long the broker will accept it without a new authentication; 0: for ever */
  readonly sessionMs: number
}

function openAuthenticated(address: Address, name: string, config: ClientConfig, log: Logger, clock: Clock): Promise<OpenSocket> {
  return new Promise((resolve, reject) => {
    let timer: Timer | null = null
    let socket: Socket | null = null
    const failed = (why: string, cause?: unknown) => {
      timer?.cancel()
      socket?.destroy()
      const code = setupErrorCode(cause)
      reject(new KafkaError('', code ?? -1, `no connection to ${name}: ${why}`, code === null, cause))
    }
    const done = (opened: OpenSocket) => {
      timer?.cancel()
      opened.socket.removeAllListeners()
      resolve(opened)
    }
    const watch = (opened: Socket) => {
      socket = opened
      opened.on('error', error => failed(error.message, error))
      // Before kafkajs hears of it: it would call a connection that is lost in the middle a failed authentication.
      opened.on('end', () => failed('the broker closed it while it was being set up (is security.protocol right?)'))
      opened.on('close', () => failed('it was closed while being set up (is security.protocol right?)'))
      return opened
    }
    timer = clock.after(config.connectTimeoutMs, () =>
      failed(`not set up within ${config.connectTimeoutMs} ms (socket.connection.setup.timeout.ms)`),
    )
    try {
      if (config.sasl === null) {
        const onConnect = () => done({ socket: plain, sessionMs: 0 })
        const plain = watch(
          config.tls === null ? openReusingSocket(address, onConnect) : openSocket(address, config.tls, onConnect),
        )
      } else authenticate(address, config, log, watch).then(done, error => failed(toError(error).message, error))
    } catch (error) {
      failed(toError(error).message, error)
    }
  })
}

interface KafkaJsLogger {
  namespace(name: string): KafkaJsLogger
  info(message: string, extra?: object): void
  error(message: string, extra?: object): void
  warn(message: string, extra?: object): void
  debug(message: string, extra?: object): void
}

/** What we use of kafkajs's private `network/connection`. */
interface KafkaJsConnection {
  connect(): Promise<unknown>
  authenticate(): Promise<void>
  setVersions(versions: object): void
  setSupportAuthenticationProtocol(isSupported: boolean): void
  readonly sessionLifetime: { toNumber(): number }
  readonly requestQueue: { pending: unknown[]; scheduleCheckPendingRequests(): void; destroy(): void }
}
type KafkaJsConnectionClass = new (options: object) => KafkaJsConnection

const SASL_HANDSHAKE = 17
const SASL_AUTHENTICATE = 36
/** Every broker since 2.2 speaks these, so kafkajs need not ask; what it knows is looked up in them. */
const SASL_VERSIONS = {
  [SASL_HANDSHAKE]: { minVersion: 0, maxVersion: 1 },
  [SASL_AUTHENTICATE]: { minVersion: 0, maxVersion: 1 },
}

async function authenticate(
  address: Address,
  config: ClientConfig,
  log: Logger,
  watch: (socket: Socket) => Socket,
): Promise<OpenSocket> {
  const KafkaJs = createRequire(import.meta.url)('kafkajs/src/network/connection') as KafkaJsConnectionClass
  const sockets: Socket[] = []
  const connection = new KafkaJs({
    ...address,
    logger: kafkaJsLogger(log),
    socketFactory: ({ onConnect }: { onConnect: () => void }) => {
      const socket = watch(openSocket(address, config.tls, onConnect))
      sockets.push(socket)
      return socket
    },
    ssl: config.tls,
    sasl: { ...config.sasl },
    clientId: config.clientId,
    connectionTimeout: config.connectTimeoutMs,
    requestTimeout: config.connectTimeoutMs,
    enforceRequestTimeout: true,
  })
  // Its queue sets a timer for "-1 - now" after every answer, of which Node 24 warns. There is something to look after only
  // when requests wait.
  const queue = connection.requestQueue
  const schedule = queue.scheduleCheckPendingRequests.bind(queue)
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule()
  }
  try {
    await connection.connect()
    connection.setVersions(SASL_VERSIONS)
    connection.setSupportAuthenticationProtocol(true)
    await connection.authenticate()
    const socket = sockets[0]
    if (socket === undefined) throw new KafkaError('', -1, 'kafkajs did not open a socket: the seam is gone', false)
    return { socket, sessionMs: connection.sessionLifetime.toNumber() }
  } finally {
    queue.destroy()
  }
}

const SETUP_ERRORS: Readonly<Record<string, number>> = {
  UNSUPPORTED_SASL_MECHANISM: 33,
  ILLEGAL_SASL_STATE: 34,
  SASL_AUTHENTICATION_FAILED: 58,
  KafkaJSSASLAuthenticationError: 58,
}
const TLS_REFUSAL = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/

/** Kafka's code for what the user must mend (credentials, mechanism, certificates; -1 where it has none); null for what may pass. */
function setupErrorCode(error: unknown): number | null {
  // of our own making: a token that is refused, or not
  if (error instanceof KafkaError) return error.retriable ? null : error.errorCode
  const { name = '', type = '', code } = (error ?? {}) as { name?: string; type?: string; code?: unknown }
  const known = SETUP_ERRORS[type] ?? SETUP_ERRORS[name]
  if (known !== undefined) return known
  return typeof code === 'string' && TLS_REFUSAL.test(code) ? -1 : null
}

function kafkaJsLogger(log: Logger): KafkaJsLogger {
  const write = (message: string, extra: object = {}) => log.debug({ kafkajs: extra }, message)
  const logger: KafkaJsLogger = { namespace: () => logger, info: write, error: write, warn: write, debug: write }
  return logger
}
