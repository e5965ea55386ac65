// The keys of a worker: those Java has for every worker, those of a standalone one, and Sluice's own (CONNECT.md 2.1). Main thread at
// start; task threads read their part. Keys of distributed workers stand in distributed-config.ts.

import {
  all,
  atLeast,
  type Check,
  type ConfigDef,
  defineConfig,
  eachItem,
  ifPresent,
  type KeyDefs,
  oneOf,
  oneOfIgnoringCase,
  type Parsed,
  uniqueFilledList,
  uniqueNonEmptyList,
} from './define.ts'
import { key, required } from './key.ts'
import { isTcpPort, LISTENER_DEFAULT, listenerFault, someListener, withLegacyListener } from './listeners.ts'

const KIB = 1024
const MIB = 1024 * KIB

const CONVERTERS = 'Converter of'

/** Short name or Java's class. */
const isPolicy: Check = (_name, value) =>
  /^(?:(?:.*\.)?(?:All|None|Principal|Allowlist)ConnectorClientConfigOverridePolicy|All|None|Principal|Allowlist)$/.test(
    String(value),
  )
    ? null
    : 'There are the policies All, None, Principal and Allowlist'

const converters = defineConfig({
  'key.converter': required(
    'class',
    `${CONVERTERS} record keys, for connectors that do not name their own. Its keys stand below \`key.converter.\`.`,
  ),
  'key.converter.plugin.version': key('string', null, 'low', 'Version of the converter of record keys.'),
  'value.converter': required(
    'class',
    `${CONVERTERS} record values, for connectors that do not name their own. Its keys stand below \`value.converter.\`.`,
  ),
  'value.converter.plugin.version': key('string', null, 'low', 'Version of the converter of record values.'),
  'header.converter': key('class', 'org.apache.kafka.connect.storage.SimpleHeaderConverter', 'low', `${CONVERTERS} headers.`),
  'header.converter.plugin.version': key('string', null, 'low', 'Version of the converter of headers.'),
})

/** What task threads read of the worker's config besides converters and client keys. */
const taskKeys = defineConfig({
  'offset.flush.interval.ms': key(
    'long',
    60_000,
    'low',
    'Time between commits of offsets, for sinks and sources.',
    ifPresent(atLeast(1)),
  ),
  'offset.flush.timeout.ms': key(
    'long',
    5_000,
    'low',
    'How long a commit of offsets may take before it is given up until the next one.',
    ifPresent(atLeast(1)),
  ),
  'topic.creation.enable': key(
    'boolean',
    true,
    'low',
    'Whether the worker creates topics for sources that have `topic.creation.*` keys.',
  ),
})

const sluiceTaskKeys = defineConfig({
  'task.buffer.memory.bytes': key(
    'long',
    64 * MIB,
    'medium',
    'Bytes a sink task may hold: fetched, waiting, and not yet durable at the connector. Lake sinks finish their largest file early to stay within it; other sinks are asked for a commit, and fetching waits. What a source task may hold is `producer.buffer.memory`.',
    atLeast(2 * MIB),
  ),
  'sink.buffer.max.bytes': key(
    'long',
    12 * MIB,
    'medium',
    "The share of `task.buffer.memory.bytes` for what is fetched and waits, at most half of it; the rest is the connector's. Above it the task stops fetching.",
    atLeast(MIB),
  ),
})

const sluiceKeys = defineConfig({
  'task.memory.max.mb': key(
    'int',
    512,
    'medium',
    "Heap of a task's thread in MiB. A task that needs more fails with CONNECT_TASK_OOM; the worker goes on.",
    atLeast(16),
  ),
  'task.restart.enable': key(
    'boolean',
    true,
    'medium',
    'Whether a failed task or connector is started again. Off: it stays FAILED until somebody restarts it, as in Java.',
  ),
  'task.restart.backoff.unit.ms': key(
    'long',
    10_000,
    'low',
    'Unit of the wait before a restart: the n-th one comes after n²+n units, at most an hour.',
    atLeast(1),
  ),
  'task.restart.max.attempts': key('int', 10, 'low', 'Restarts in a row before a task stays FAILED.', atLeast(0)),
  'task.restart.healthy.ms': key(
    'long',
    600_000,
    'low',
    'A task that ran this long without failing has its restarts forgotten.',
    atLeast(1),
  ),
  'task.stuck.timeout.ms': key(
    'long',
    300_000,
    'low',
    'A task thread that has not answered for this long is reported as stuck, with a trace of where it is.',
    atLeast(1),
  ),
  ...sluiceTaskKeys.keys,
  'rest.auth.login.config': key(
    'string',
    null,
    'low',
    "JAAS file of the basic-auth extension, whose entry KafkaConnect names the file of users. Not given: `-Djava.security.auth.login.config=` in the environment variable KAFKA_OPTS, as Java's scripts have it.",
  ),
  'log.level': key(
    'string',
    'info',
    'low',
    'Least level of log lines: trace, debug, info, warn, error, fatal.',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  ),
  'log.format': key(
    'string',
    null,
    'low',
    'Log lines as readable `text` or as `json`; by default text on a terminal, else json.',
    ifPresent(oneOf('text', 'json')),
  ),
})

const kafka = defineConfig({
  'bootstrap.servers': required('list', 'Brokers to find the cluster by, as host:port; some suffice.', uniqueFilledList),
  'client.dns.lookup': key(
    'string',
    'use_all_dns_ips',
    'medium',
    "How a broker's name is looked up.",
    oneOf('use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'),
  ),
})

const work = defineConfig({
  'task.shutdown.graceful.timeout.ms': key(
    'long',
    5_000,
    'low',
    'Time all tasks together have to end in order when the worker stops.',
    ifPresent(atLeast(0)),
  ),
  ...taskKeys.keys,
  'plugin.path': key(
    'list',
    null,
    'low',
    'Where further plugins are: files (.ts, .js, .mjs, .cjs), folders with an index file, npm packages, or folders of them. Taken as written, without variables.',
    ifPresent(uniqueFilledList),
  ),
  'plugin.discovery': key(
    'string',
    'hybrid_warn',
    'low',
    "Understood for the sake of Java's files; Sluice has one way of finding plugins.",
    oneOfIgnoringCase('only_scan', 'service_load', 'hybrid_warn', 'hybrid_fail'),
  ),
  'config.providers': key(
    'list',
    [],
    'low',
    'Names of config providers: `config.providers.<name>.class` says which (env, file or directory), `.param.*` configures it. Values refer to them by `{name:path:key}` behind a dollar sign.',
    uniqueNonEmptyList,
  ),
  'connector.client.config.override.policy': key(
    'string',
    'All',
    'medium',
    'Which client keys connectors may override: All, None, Principal or Allowlist.',
    isPolicy,
  ),
  'connector.client.config.override.allowlist': key(
    'list',
    [],
    'low',
    'The client keys that connectors may override under the policy Allowlist.',
  ),
  'topic.tracking.enable': key('boolean', true, 'low', 'Whether the topics that each connector uses are tracked.'),
  'topic.tracking.allow.reset': key('boolean', true, 'low', 'Whether a user may reset the set of tracked topics.'),
  'metrics.sample.window.ms': key('long', 30_000, 'low', 'Length of a window that rates are computed over.', atLeast(0)),
  'metrics.num.samples': key('int', 2, 'low', 'Windows that rates are computed over.', atLeast(1)),
  'metrics.recording.level': key(
    'string',
    'INFO',
    'low',
    "Understood for the sake of Java's files; all metrics are recorded.",
    oneOf('INFO', 'DEBUG'),
  ),
  'metric.reporters': key(
    'list',
    'org.apache.kafka.common.metrics.JmxReporter',
    'low',
    "Understood for the sake of Java's files; metrics are at /metrics for Prometheus.",
    uniqueNonEmptyList,
  ),
})

const rest = defineConfig({
  listeners: key(
    'list',
    LISTENER_DEFAULT,
    'low',
    'Where REST listens: `http://host:port` or `https://host:port`, several with commas between; host empty for all interfaces, port 0 for a free one. `rest.host.name` and `rest.port`, of old Connect versions, are understood where `listeners` is not given.',
    all(
      someListener,
      eachItem((_name, item) => listenerFault(String(item))),
    ),
  ),
  'rest.advertised.host.name': key(
    'string',
    null,
    'low',
    "Host by which other workers and users reach this one; without it that of the listener, or the machine's address. With https name one that the certificate has.",
  ),
  'rest.advertised.port': key('int', null, 'low', 'Port by which other workers and users reach this one.', ifPresent(isTcpPort)),
  'rest.advertised.listener': key(
    'string',
    null,
    'low',
    'Scheme by which other workers reach this one: http or https.',
    ifPresent(oneOfIgnoringCase('http', 'https')),
  ),
  'access.control.allow.origin': key(
    'string',
    '',
    'low',
    'Origins that browsers may call from (CORS), with commas between: each a regular expression for the whole origin, or `*`; empty: none.',
  ),
  'access.control.allow.methods': key(
    'string',
    '',
    'low',
    'Methods that browsers may use from other origins; empty: GET, POST and HEAD.',
  ),
  'response.http.headers.config': key(
    'string',
    '',
    'low',
    'Headers of all answers: `action Name: value` with commas between, in quotes where a comma is inside. Actions: set, add, setDate, addDate (milliseconds from now).',
  ),
  'rest.extension.classes': key(
    'list',
    [],
    'low',
    'REST extensions: `org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension` asks for user and password; others are refused.',
    uniqueNonEmptyList,
  ),
  'admin.listeners': key(
    'list',
    null,
    'low',
    'Listeners of their own for /admin, without extensions, CORS and added headers; empty: no /admin at all; not given: /admin is on `listeners`.',
    ifPresent(uniqueNonEmptyList),
  ),
  'ssl.client.auth': key(
    'string',
    'none',
    'low',
    'Whether https callers must show a certificate: none, requested or required.',
    oneOf('required', 'requested', 'none'),
  ),
})

const tls = defineConfig({
  'ssl.protocol': key('string', 'TLSv1.3', 'medium', 'Newest TLS version.'),
  'ssl.provider': key('string', null, 'medium', 'Java security provider; not used.'),
  'ssl.cipher.suites': key('list', [], 'low', 'Cipher suites; empty: the default ones.', uniqueNonEmptyList),
  'ssl.enabled.protocols': key('list', 'TLSv1.2,TLSv1.3', 'medium', 'TLS versions that are allowed.', uniqueNonEmptyList),
  'ssl.keystore.type': key('string', 'JKS', 'medium', 'Form of the key store: PEM, PKCS12 or JKS.'),
  'ssl.keystore.location': key('string', null, 'high', 'File with our key and certificate.'),
  'ssl.keystore.password': key('password', null, 'high', 'Password of the key store.'),
  'ssl.key.password': key('password', null, 'high', 'Password of the key in it.'),
  'ssl.keystore.key': key('password', null, 'high', 'The key itself, PEM.'),
  'ssl.keystore.certificate.chain': key('password', null, 'high', 'The certificates themselves, PEM.'),
  'ssl.truststore.certificates': key('password', null, 'high', 'Certificates we trust, PEM.'),
  'ssl.truststore.type': key('string', 'JKS', 'medium', 'Form of the trust store: PEM, PKCS12 or JKS.'),
  'ssl.truststore.location': key('string', null, 'high', 'File with the certificates we trust.'),
  'ssl.truststore.password': key('password', null, 'high', 'Password of the trust store.'),
  'ssl.keymanager.algorithm': key('string', 'SunX509', 'low', 'Java key manager; not used.'),
  'ssl.trustmanager.algorithm': key('string', 'PKIX', 'low', 'Java trust manager; not used.'),
  'ssl.endpoint.identification.algorithm': key(
    'string',
    'https',
    'low',
    "Whether a broker's certificate must have its name (https) or not (empty).",
  ),
  'ssl.secure.random.implementation': key('string', null, 'low', 'Java random source; not used.'),
  'ssl.engine.factory.class': key('class', null, 'low', 'Java TLS factory; not used.'),
})

const standalone = defineConfig({
  'offset.storage.file.filename': required(
    'string',
    'File that the offsets of sources are kept in. It is replaced as a whole at each flush.',
  ),
})

const commonKeys = { ...kafka.keys, ...converters.keys, ...work.keys, ...rest.keys, ...tls.keys }

/** The keys every worker has, Sluice's own included. */
export const workerKeys = { ...commonKeys, ...sluiceKeys.keys }

/** A worker's declaration: `rest.port` and `rest.host.name` stand in for a missing `listeners`. */
export function workerConfigOf<const K extends KeyDefs>(keys: K): ConfigDef<K> {
  const defined = defineConfig(keys)
  return {
    keys: defined.keys,
    names: defined.names,
    parse: props => defined.parse(withLegacyListener(props)),
    validate: props => defined.validate(withLegacyListener(props)),
  }
}

export const standaloneConfig = workerConfigOf({ ...workerKeys, ...standalone.keys })
export const workerTaskConfig = defineConfig({ ...taskKeys.keys, ...sluiceTaskKeys.keys })

export type StandaloneConfig = Parsed<typeof standaloneConfig.keys>
/** Of any worker. */
export type WorkerConfig = Parsed<typeof workerKeys>

/** For the reference: the keys by what they are about. */
export const workerSections: readonly (readonly [title: string, config: ConfigDef])[] = [
  ['Standalone workers', standalone],
  ['Kafka', kafka],
  ['Converters', converters],
  ['Work', work],
  ["Sluice's own", sluiceKeys],
  ['REST', rest],
  ['TLS', tls],
]
