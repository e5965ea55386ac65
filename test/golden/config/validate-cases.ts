// Connector configs for Java's validation and ours: workers by name, configs one by one. Read by cases.ts and test/plugins/validate-golden.test.ts.

export type Config = Readonly<Record<string, string | null>>

export interface ValidateCase {
  readonly worker: WorkerName
  readonly config: Config
}

const plain = {
  'bootstrap.servers': 'localhost:9092',
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'offset.storage.file.filename': '/tmp/recorder.offsets',
  'plugin.discovery': 'service_load',
}
const distributed = {
  ...plain,
  'group.id': 'connect-workers',
  'config.storage.topic': 'configs',
  'offset.storage.topic': 'offsets',
  'status.storage.topic': 'statuses',
}
const POLICY = 'connector.client.config.override.policy'

export const workers = {
  plain,
  converters: {
    ...plain,
    'key.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
    'header.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter.schemas.enable': 'false',
    'value.converter.replace.null.with.default': 'false',
  },
  shortNames: { ...plain, 'key.converter': 'LongConverter', 'value.converter': 'JsonConverter' },
  none: { ...plain, [POLICY]: 'None' },
  principal: { ...plain, [POLICY]: 'org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy' },
  allowlist: {
    ...plain,
    [POLICY]: 'Allowlist',
    'connector.client.config.override.allowlist': 'client.id, acks,linger.ms',
  },
  emptyAllowlist: { ...plain, [POLICY]: 'AllowlistConnectorClientConfigOverridePolicy' },
  noTopicCreation: { ...plain, 'topic.creation.enable': 'false' },
  distributed,
  exactlyOnce: { ...distributed, 'exactly.once.source.support': 'enabled' },
} satisfies Record<string, Record<string, string>>
export type WorkerName = keyof typeof workers

const sinkBase = { name: 'sink', 'connector.class': 'FileStreamSink', topics: 't' }
const sourceBase = { name: 'source', 'connector.class': 'FileStreamSource', topic: 't' }
const sink = (config: Config, worker: WorkerName = 'plain'): ValidateCase => ({ worker, config: { ...sinkBase, ...config } })
const source = (config: Config, worker: WorkerName = 'plain'): ValidateCase => ({
  worker,
  config: { ...sourceBase, ...config },
})
const raw = (config: Config, worker: WorkerName = 'plain'): ValidateCase => ({ worker, config })
const without = (config: Config, ...names: string[]): Config =>
  Object.fromEntries(Object.entries(config).filter(([name]) => !names.includes(name)))

const TRANSFORMS = 'org.apache.kafka.connect.transforms.'
const PREDICATES = `${TRANSFORMS}predicates.`

/** A source with one transform. */
const smt = (type: string, props: Config): ValidateCase =>
  source({ transforms: 'a', 'transforms.a.type': TRANSFORMS + type, ...below('transforms.a.', props) })
const predicate = (type: string, props: Config): ValidateCase =>
  source({ predicates: 'p', 'predicates.p.type': PREDICATES + type, ...below('predicates.p.', props) })
const below = (prefix: string, props: Config): Config =>
  Object.fromEntries(Object.entries(props).map(([name, value]) => [prefix + name, value]))

const names: ValidateCase[] = [
  raw({ name: 'sink', 'connector.class': 'FileStreamSink', topics: 'a,b', file: '/tmp/x', 'tasks.max': '2' }),
  raw({ name: 'sink', 'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector', 'topics.regex': 'a.*' }),
  raw({ name: 'source', 'connector.class': 'FileStreamSourceConnector', topic: 't', file: '/tmp/x' }),
  raw({ name: 'source', 'connector.class': 'FileStreamSource' }),
  raw({ 'connector.class': 'FileStreamSink', topics: 'a' }),
  raw({ name: '', 'connector.class': 'FileStreamSink', topics: 'a', 'tasks.max': '0' }),
  raw({ name: 'a\u0007b', 'connector.class': 'FileStreamSink' }),
  raw({ name: ' trimmed ', 'connector.class': ' FileStreamSink ', topics: ' ' }),
  raw({ name: 'x', 'connector.class': 'no.such.Connector' }),
  raw({ name: 'x', 'connector.class': '' }),
  raw({ name: 'x', 'connector.class': 'org.apache.kafka.connect.json.JsonConverter' }),
  raw({ name: 'x' }),
  sink({ 'no.such.key': 'x', file: null, other: null }),
  sink({ name: 'a/b c?d%e', file: '' }),
]

const badValues: ValidateCase[] = [
  source({ 'batch.size': 'many', 'tasks.max': 'x', 'errors.tolerance': 'some', 'errors.log.enable': 'yes' }),
  source({ 'batch.size': '0' }),
  source({ 'batch.size': '-1', 'tasks.max': '-1' }),
  source({ 'batch.size': '1.5', 'tasks.max': '1e3' }),
  source({ 'batch.size': '2147483648', 'tasks.max': '99999999999999999999' }),
  source({ 'batch.size': '', 'tasks.max': '', 'errors.log.enable': '', 'errors.tolerance': '' }),
  source({ 'batch.size': ' 7 ', 'tasks.max': ' 2\t', 'errors.log.enable': ' TRUE ', 'errors.tolerance': ' all ' }),
  source({ topic: '', file: '' }),
  source({ topic: 'a,b' }),
  source({
    'config.action.reload': 'never',
    'errors.retry.timeout': '-5',
    'errors.retry.delay.max.ms': '9223372036854775807',
    'tasks.max.enforce': 'no',
  }),
  source({ 'config.action.reload': 'RESTART', 'errors.tolerance': 'ALL' }),
  source({ 'errors.retry.timeout': 'soon', 'errors.retry.delay.max.ms': '9223372036854775808' }),
  source({ 'errors.log.include.messages': '1', 'errors.log.enable': 'true', 'errors.tolerance': 'all' }),
  source({ 'transaction.boundary': 'x', 'exactly.once.support': 'y', 'transaction.boundary.interval.ms': '-1' }),
  source({ 'transaction.boundary': 'INTERVAL', 'exactly.once.support': 'Requested', 'transaction.boundary.interval.ms': '0' }),
  source({ 'transaction.boundary.interval.ms': 'x', 'offsets.storage.topic': '' }),
  source({ 'offsets.storage.topic': ' own ' }),
  sink({ 'errors.deadletterqueue.topic.replication.factor': '99999', 'errors.deadletterqueue.context.headers.enable': 'maybe' }),
  sink({ 'errors.deadletterqueue.topic.replication.factor': 'x' }),
  sink({ 'key.converter': '', 'value.converter': ' ' }),
]

const topics: ValidateCase[] = [
  raw(without(sinkBase, 'topics')),
  sink({ 'topics.regex': 'b' }),
  sink({ topics: 'a,b,a' }),
  sink({ topics: 'a,,b' }),
  sink({ topics: '' }),
  sink({ topics: '', 'topics.regex': '' }),
  sink({ topics: ' a , b ' }),
  sink({ topics: '', 'topics.regex': 'b[' }),
  sink({ topics: '', 'topics.regex': '*' }),
  sink({ topics: '', 'topics.regex': '(?i)a.*|b\\d++' }),
  sink({ topics: 'a', 'topics.regex': 'b[' }),
  sink({ topics: 'a,dlq', 'errors.deadletterqueue.topic.name': 'dlq' }),
  sink({ topics: 'a', 'errors.deadletterqueue.topic.name': ' a ' }),
  sink({ topics: '', 'topics.regex': 'dl.', 'errors.deadletterqueue.topic.name': 'dlq' }),
  sink({ topics: '', 'topics.regex': 'dl', 'errors.deadletterqueue.topic.name': 'dlq' }),
  sink({ 'errors.deadletterqueue.topic.name': 'dlq', 'errors.tolerance': 'all' }),
  sink({ 'errors.deadletterqueue.topic.name': '  ' }),
  sink({ 'errors.deadletterqueue.topic.name': 'dlq', 'errors.deadletterqueue.topic.replication.factor': '0' }),
]

const chains: ValidateCase[] = [
  source({ transforms: 'a,a', 'transforms.a.type': 'RegexRouter' }),
  source({ transforms: 'a,b,a', 'transforms.a.type': `${TRANSFORMS}Filter`, 'transforms.b.type': `${TRANSFORMS}Filter` }),
  source({ transforms: 'a' }),
  source({ transforms: 'a', 'transforms.a.type': '' }),
  source({ transforms: 'a', 'transforms.a.type': 'no.such.Transform' }),
  source({ transforms: 'a', 'transforms.a.type': 'org.apache.kafka.connect.storage.StringConverter' }),
  source({ transforms: 'a', 'transforms.a.type': `${PREDICATES}RecordIsTombstone` }),
  source({ transforms: '', 'transforms.a.type': 'x' }),
  source({ transforms: ' a , b ', 'transforms.a.type': `${TRANSFORMS}Filter`, 'transforms.b.type': 'Filter' }),
  source({
    'topic.creation.groups': 'g,,default',
    transforms: 'a,,b',
    'transforms.a.type': `${TRANSFORMS}Filter`,
    'transforms.b.type': `${PREDICATES}RecordIsTombstone`,
  }),
  source({ transforms: 'a', 'transforms.a.type': 'MaskField$Value', 'transforms.a.fields': '' }),
  source({
    transforms: 'a',
    'transforms.a.type': 'Filter',
    'transforms.a.predicate': 'missing',
    'transforms.a.negate': 'perhaps',
  }),
  source({
    transforms: 'mask,route',
    'transforms.mask.type': `${TRANSFORMS}MaskField$Value`,
    'transforms.mask.fields': 'a,b',
    'transforms.route.type': `${TRANSFORMS}RegexRouter`,
    'transforms.route.regex': 'x',
    'transforms.route.predicate': 'p',
    'transforms.route.negate': 'true',
    predicates: 'p',
    'predicates.p.type': `${PREDICATES}TopicNameMatches`,
    'predicates.p.pattern': 'x',
  }),
  smt('RegexRouter', { regex: 'x', replacement: 'y', negate: 'true' }),
  smt('RegexRouter', { regex: 'x', replacement: 'y', negate: 'maybe' }),
  source({ predicates: 'p,p', 'predicates.p.type': `${PREDICATES}RecordIsTombstone` }),
  source({ predicates: 'p' }),
  source({ predicates: 'p', 'predicates.p.type': 'no.such.Predicate' }),
  source({ predicates: 'p', 'predicates.p.type': `${TRANSFORMS}Filter` }),
  source({ predicates: 'p', 'predicates.p.type': 'RecordIsTombstone' }),
]

/** Every transform and predicate of Java's: a good config, then a bad one. */
const transformConfigs: readonly (readonly [type: string, good: Config, bad: Config])[] = [
  ['Cast$Key', { spec: 'int32' }, { spec: '' }],
  ['Cast$Value', { spec: 'a:int32,b:string' }, { spec: 'a:complex,b' }],
  ['DropHeaders', { headers: 'a,b' }, { headers: '' }],
  ['ExtractField$Key', { field: 'a' }, {}],
  ['ExtractField$Value', { field: 'a.b', 'field.syntax.version': 'V2' }, { field: 'a', 'field.syntax.version': 'V3' }],
  ['Filter', {}, { unknown: 'x' }],
  ['Flatten$Key', {}, { delimiter: '' }],
  ['Flatten$Value', { delimiter: '_' }, { delimiter: ' ' }],
  ['HeaderFrom$Key', { fields: 'a', headers: 'h', operation: 'move' }, { fields: 'a', headers: 'h', operation: 'steal' }],
  ['HeaderFrom$Value', { fields: 'a,b', headers: 'h,i', operation: 'copy' }, { fields: '', headers: 'h' }],
  ['HoistField$Key', { field: 'a' }, {}],
  ['HoistField$Value', { field: 'a' }, { field: '' }],
  ['InsertField$Key', { 'topic.field': 't' }, { 'replace.null.with.default': 'maybe' }],
  [
    'InsertField$Value',
    { 'topic.field': '!t', 'offset.field': '?o', 'partition.field': 'p', 'timestamp.field': 'ts', 'static.field': 's', 'static.value': 'v' },
    { 'static.field': 's' },
  ],
  ['InsertHeader', { header: 'h', 'value.literal': '1' }, { header: '' }],
  ['MaskField$Key', { fields: 'a' }, { fields: '' }],
  ['MaskField$Value', { fields: 'a', replacement: 'x', 'replace.null.with.default': 'false' }, { fields: 'a', replacement: '' }],
  ['RegexRouter', { regex: 'a', replacement: 'b' }, { regex: 'x[' }],
  ['ReplaceField$Key', { include: 'a' }, { renames: 'a' }],
  ['ReplaceField$Value', { exclude: 'a,b', renames: 'a:b,c:d' }, { renames: 'a:b:c', include: '' }],
  ['SetSchemaMetadata$Key', { 'schema.name': 'n', 'schema.version': '2' }, { 'schema.version': 'two' }],
  ['SetSchemaMetadata$Value', { 'schema.name': 'n' }, { 'schema.version': '1.5', 'replace.null.with.default': 'x' }],
  ['TimestampConverter$Key', { 'target.type': 'unix' }, { 'target.type': 'sundial' }],
  [
    'TimestampConverter$Value',
    { 'target.type': 'string', format: 'yyyy-MM-dd', field: 'ts', 'unix.precision': 'seconds' },
    { 'target.type': 'string', 'unix.precision': 'fortnights' },
  ],
  ['TimestampRouter', { 'topic.format': '${topic}-${timestamp}', 'timestamp.format': 'yyyyMM' }, { 'timestamp.format': '' }],
  ['ValueToKey', { fields: 'a,b' }, { fields: '', 'replace.null.with.default': '0' }],
]
const smts: ValidateCase[] = transformConfigs.flatMap(([type, good, bad]) => [smt(type, good), smt(type, bad)])

const predicates: ValidateCase[] = [
  predicate('TopicNameMatches', { pattern: 'a.*' }),
  predicate('TopicNameMatches', { pattern: 'x[' }),
  predicate('TopicNameMatches', {}),
  predicate('HasHeaderKey', { name: 'h' }),
  predicate('HasHeaderKey', { name: '' }),
  predicate('HasHeaderKey', {}),
  predicate('RecordIsTombstone', {}),
]

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter'
const BROKEN = 'Recorder$'
const converters: ValidateCase[] = [
  source({
    'value.converter': JSON_CONVERTER,
    'value.converter.schemas.enable': 'maybe',
    'value.converter.decimal.format': 'numeric',
    'key.converter': STRING_CONVERTER,
    'header.converter': 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  }),
  source({ 'value.converter': 'no.such.Converter', 'key.converter': 'FileStreamSink' }),
  source({ 'value.converter': 'JsonConverter', 'value.converter.schemas.enable': 'false' }),
  source({
    'value.converter': JSON_CONVERTER,
    'value.converter.decimal.format': 'hex',
    'value.converter.schemas.cache.size': 'x',
    'header.converter': STRING_CONVERTER,
    'header.converter.converter.encoding': 'UTF-16',
  }),
  source({ 'value.converter': JSON_CONVERTER, 'value.converter.schemas.cache.size': '-1', 'value.converter.unknown': 'x' }),
  source({ 'key.converter': JSON_CONVERTER, 'key.converter.replace.null.with.default': '' }),
  source({ 'header.converter': JSON_CONVERTER, 'header.converter.schemas.enable': 'no' }),
  source({ 'header.converter': 'no.such.HeaderConverter' }),
  source({ 'header.converter': 'org.apache.kafka.connect.file.FileStreamSinkConnector' }),
  ...['Short', 'Integer', 'Long', 'Float', 'Double', 'Boolean'].map(name =>
    sink({ 'key.converter': `org.apache.kafka.connect.converters.${name}Converter`, 'header.converter': `${name}Converter` }),
  ),
  sink({ 'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter' }),
  sink({ 'value.converter.schemas.enable': 'maybe' }),
  sink({}, 'converters'),
  source({ 'header.converter': 'org.apache.kafka.connect.storage.SimpleHeaderConverter' }, 'converters'),
  source({ 'value.converter': JSON_CONVERTER }, 'converters'),
  source({}, 'shortNames'),
]

const OVERRIDES = {
  'producer.override.linger.ms': '5',
  'producer.override.acks': 'all',
  'producer.override.sasl.jaas.config': 'x',
  'producer.override.client.id': 'me',
  'producer.override.no.such': 'x',
}
const overrides: ValidateCase[] = [
  source({ ...OVERRIDES, 'consumer.override.max.poll.records': '5' }),
  sink({ 'consumer.override.max.poll.records': '5', 'producer.override.linger.ms': '5' }),
  sink({ 'consumer.override.max.poll.records': 'many' }),
  sink({ 'consumer.override.auto.offset.reset': 'middle', 'consumer.override.fetch.min.bytes': '-1' }),
  sink({ 'admin.override.retries': '5', 'producer.override.linger.ms': '5', 'errors.deadletterqueue.topic.name': 'dlq' }),
  sink({ 'consumer.override.sasl.jaas.config': 'secret', 'consumer.override.bootstrap.servers': 'a:1, b:2' }),
  source({ 'admin.override.retries': '5' }),
  source({
    'admin.override.retries': '5',
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
  }),
  ...(['none', 'principal', 'allowlist', 'emptyAllowlist'] as const).flatMap(worker => [
    source(OVERRIDES, worker),
    sink({ 'consumer.override.client.id': 'test' }, worker),
    sink({ 'consumer.override.security.protocol': 'PLAINTEXT' }, worker),
    sink({}, worker),
  ]),
]

const topicCreation: ValidateCase[] = [
  source({
    'topic.creation.groups': 'g',
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
  }),
  source({ 'topic.creation.groups': 'g1, g2, g1' }),
  source({ 'topic.creation.groups': 'g,g', 'offsets.storage.topic': '' }),
  source({ 'topic.creation.default.partitions': 'x', 'topic.creation.default.replication.factor': '0' }),
  source({ 'topic.creation.default.partitions': '0', 'topic.creation.default.replication.factor': '-2' }),
  source({ 'topic.creation.default.partitions': '-1', 'topic.creation.default.replication.factor': '-1' }),
  source({
    'topic.creation.groups': 'g',
    'topic.creation.g.include': 'a[',
    'topic.creation.g.exclude': 'b.*',
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
  }),
  source({
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
    'topic.creation.default.cleanup.policy': 'compact',
  }),
  source(
    { 'topic.creation.default.partitions': '1', 'topic.creation.default.replication.factor': '1' },
    'noTopicCreation',
  ),
]

/** The configs of Java's ConnectorValidationIntegrationTest, with file connectors in place of its test connectors. */
export const badConfigs: readonly (readonly [what: string, errors: number, ValidateCase])[] = [
  ['neither topics nor topics.regex', 2, raw(without(sinkBase, 'topics'), 'distributed')],
  ['both topics and topics.regex', 2, sink({ topics: 't1', 'topics.regex': 'r.*' }, 'distributed')],
  ['dead letters in topics', 1, sink({ topics: 't1', 'errors.deadletterqueue.topic.name': 't1' }, 'distributed')],
  [
    'dead letters match topics.regex',
    1,
    raw({ ...without(sinkBase, 'topics'), 'topics.regex': 'r.*', 'errors.deadletterqueue.topic.name': 'ruh.roh' }, 'distributed'),
  ],
  ['default group id is the workers', 1, sink({ name: 'workers' }, 'distributed')],
  ['overridden group id is the workers', 1, sink({ 'consumer.override.group.id': 'connect-workers' }, 'distributed')],
  ['topic creation group twice', 1, source({ 'topic.creation.groups': 'g1, g2, g1' }, 'distributed')],
  ['transform twice', 1, sink({ transforms: 't, t', 'transforms.t.type': `${TRANSFORMS}Filter` }, 'distributed')],
  ['no such transform', 1, sink({ transforms: 't', 'transforms.t.type': 'WheresTheFruit' }, 'distributed')],
  [
    'transform of another kind',
    1,
    sink({ transforms: 't', 'transforms.t.type': 'org.apache.kafka.connect.file.FileStreamSinkConnector' }, 'distributed'),
  ],
  [
    'negation without predicate',
    1,
    sink({ transforms: 't', 'transforms.t.type': `${TRANSFORMS}Filter`, 'transforms.t.negate': 'true' }, 'distributed'),
  ],
  ['predicate twice', 1, sink({ predicates: 'p, p', 'predicates.p.type': `${PREDICATES}RecordIsTombstone` }, 'distributed')],
  ['no such predicate', 1, sink({ predicates: 'p', 'predicates.p.type': 'WheresTheFruit' }, 'distributed')],
  [
    'predicate of another kind',
    1,
    sink({ predicates: 'p', 'predicates.p.type': 'org.apache.kafka.connect.file.FileStreamSinkConnector' }, 'distributed'),
  ],
  ...(['key.converter', 'header.converter'] as const).flatMap(
    (key): (readonly [string, number, ValidateCase])[] => [
      [`no such ${key}`, 1, sink({ [key]: 'WheresTheFruit' }, 'distributed')],
      [`${key} of another kind`, 1, sink({ [key]: 'org.apache.kafka.connect.file.FileStreamSinkConnector' }, 'distributed')],
      [`abstract ${key}`, 1, sink({ [key]: `${BROKEN}Abstract` }, 'distributed')],
      [`${key} that cannot be constructed`, 1, sink({ [key]: `${BROKEN}WithoutConstructor` }, 'distributed')],
      [`${key} whose constructor throws`, 1, sink({ [key]: `${BROKEN}Throwing` }, 'distributed')],
      [`misconfigured ${key}`, 1, sink({ [key]: `${BROKEN}Plain`, [`${key}.prop`]: 'notaboolean' }, 'distributed')],
      [`${key} without config`, 0, sink({ [key]: `${BROKEN}WithoutConfig` }, 'distributed')],
    ],
  ),
]

const distributedOnly: ValidateCase[] = [
  sink({ 'consumer.override.group.id': 'own' }, 'distributed'),
  source({ 'offsets.storage.topic': 'own', 'consumer.override.fetch.min.bytes': '2', 'admin.override.retries': '1' }, 'distributed'),
  source({ 'consumer.override.fetch.min.bytes': '2' }, 'exactlyOnce'),
  source({ 'transaction.boundary': 'x', 'exactly.once.support': 'y' }, 'exactlyOnce'),
  source({ 'exactly.once.support': 'required' }, 'exactlyOnce'),
  source({ 'exactly.once.support': 'REQUIRED', file: '/tmp/lines' }, 'exactlyOnce'),
  source({ 'exactly.once.support': 'required', file: '/tmp/lines' }, 'distributed'),
  source({ 'exactly.once.support': 'required' }, 'distributed'),
  source({ 'transaction.boundary': 'connector' }, 'exactlyOnce'),
  source({ 'transaction.boundary': 'CONNECTOR', file: '/tmp/lines' }, 'distributed'),
]

const versions: ValidateCase[] = [
  source({ 'connector.plugin.version': 'latest' }),
  source({ 'connector.plugin.version': '99.0' }),
  source({ 'key.converter': JSON_CONVERTER, 'key.converter.plugin.version': '99.0' }),
  source({ transforms: 'a', 'transforms.a.type': `${TRANSFORMS}Filter`, 'transforms.a.plugin.version': '99.0' }),
]

export const validateCases: readonly ValidateCase[] = [
  ...names,
  ...badValues,
  ...topics,
  ...chains,
  ...smts,
  ...predicates,
  ...converters,
  ...overrides,
  ...topicCreation,
  ...badConfigs.map(([, , one]) => one),
  ...distributedOnly,
  ...versions,
]
