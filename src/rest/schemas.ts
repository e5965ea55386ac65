// What REST takes and answers, as JSON Schema (2020-12, the dialect of OpenAPI 3.1): each form has one name, under which the OpenAPI document
// lists it. Read by openapi.ts and by tests. Main thread.

export type JsonSchema = { readonly [keyword: string]: unknown }

/** A schema with a name of its own in the document. */
export interface NamedSchema {
  readonly name: string
  readonly schema: JsonSchema
}

export type Form = JsonSchema | NamedSchema

export function isNamed(form: Form): form is NamedSchema {
  return typeof form.name === 'string' && typeof form.schema === 'object'
}

const text: JsonSchema = { type: 'string' }
const textOrNull: JsonSchema = { type: ['string', 'null'] }
const texts: JsonSchema = { type: 'array', items: text }
const count: JsonSchema = { type: 'integer', minimum: 0 }

export const ref = ({ name }: NamedSchema): JsonSchema => ({ $ref: `#/components/schemas/${name}` })
export const listOf = (form: NamedSchema): JsonSchema => ({ type: 'array', items: ref(form) })
export const mapOf = (values: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties: values })

/** Exactly these fields; those in `optional` may be left out. */
function named(name: string, properties: Record<string, JsonSchema>, optional: readonly string[] = []): NamedSchema {
  const required = Object.keys(properties).filter(property => !optional.includes(property))
  return { name, schema: { type: 'object', properties, required, additionalProperties: false } }
}

export const errorMessage = named('ErrorMessage', {
  error_code: { type: 'integer', minimum: 400, maximum: 599 },
  message: textOrNull,
})
export const message = named('Message', { message: text })

export const serverInfo = named('ServerInfo', { version: text, commit: text, kafka_cluster_id: textOrNull })
export const health = named('Health', { status: { enum: ['healthy', 'starting', 'unhealthy'] }, message: text })

/** What a request may hold as a config: values of other types become their text. */
export const requestedConfig: NamedSchema = {
  name: 'RequestedConfig',
  schema: mapOf({ type: ['string', 'number', 'boolean', 'null'] }),
}
export const config: NamedSchema = { name: 'Config', schema: mapOf(text) }

export const taskId = named('TaskId', { connector: text, task: count })
const connectorType: JsonSchema = { enum: ['source', 'sink', 'unknown'] }
export const connectorInfo = named('ConnectorInfo', {
  name: text,
  config: ref(config),
  tasks: listOf(taskId),
  type: connectorType,
})
export const taskInfo = named('TaskInfo', { id: ref(taskId), config: ref(config) })

export const INITIAL_STATES = ['RUNNING', 'PAUSED', 'STOPPED'] as const
export const createRequest = named(
  'CreateConnectorRequest',
  {
    name: text,
    config: ref(requestedConfig),
    initial_state: { type: ['string', 'null'], description: `${INITIAL_STATES.join(', ')}, in any case.` },
  },
  ['name', 'initial_state'],
)

const STATES = ['UNASSIGNED', 'RUNNING', 'PAUSED', 'FAILED', 'RESTARTING']
const state = { worker_id: text, version: textOrNull, trace: text }
const stateOptional = ['version', 'trace']
export const connectorState = named('ConnectorState', { state: { enum: [...STATES, 'STOPPED'] }, ...state }, stateOptional)
export const taskState = named('TaskState', { id: count, state: { enum: STATES }, ...state }, stateOptional)
export const connectorStateInfo = named('ConnectorStateInfo', {
  name: text,
  connector: ref(connectorState),
  tasks: listOf(taskState),
  type: connectorType,
})
export const expandedConnector = named('ExpandedConnector', { info: ref(connectorInfo), status: ref(connectorStateInfo) }, [
  'info',
  'status',
])
export const activeTopics = named('ActiveTopics', { topics: texts })

const offsetMap = mapOf({ type: ['string', 'number', 'boolean', 'null'] })
export const connectorOffset = named('ConnectorOffset', {
  partition: offsetMap,
  offset: {
    ...offsetMap,
    type: ['object', 'null'],
    description: 'null: none; in a PATCH, the offset of this partition is removed.',
  },
})
export const connectorOffsets = named('ConnectorOffsets', { offsets: listOf(connectorOffset) })

const PLUGIN_TYPES = ['sink', 'source', 'transformation', 'predicate', 'converter', 'header_converter']
export const pluginInfo = named('PluginInfo', { class: text, type: { enum: PLUGIN_TYPES }, version: text }, ['version'])

const CONFIG_TYPES = ['BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD']
export const configKeyInfo = named('ConfigKeyInfo', {
  name: text,
  type: { enum: CONFIG_TYPES },
  required: { type: 'boolean' },
  default_value: textOrNull,
  importance: { enum: ['HIGH', 'MEDIUM', 'LOW'] },
  documentation: text,
  group: textOrNull,
  order_in_group: { type: 'integer' },
  width: { enum: ['NONE', 'SHORT', 'MEDIUM', 'LONG'] },
  display_name: text,
  dependents: texts,
})
export const configValueInfo = named('ConfigValueInfo', {
  name: text,
  value: textOrNull,
  recommended_values: texts,
  errors: texts,
  visible: { type: 'boolean' },
})
export const configInfo = named('ConfigInfo', {
  definition: { oneOf: [ref(configKeyInfo), { type: 'null' }] },
  value: ref(configValueInfo),
})
export const configInfos = named('ConfigInfos', { name: text, error_count: count, groups: texts, configs: listOf(configInfo) })

export const loggerLevel = named('LoggerLevel', { level: text, last_modified: { type: ['integer', 'null'] } })
export const levelRequest: NamedSchema = {
  name: 'LevelRequest',
  schema: { type: 'object', properties: { level: text }, required: ['level'] },
}
export const loggerNames: JsonSchema = texts
export const connectorNames: JsonSchema = texts

/** Beyond Java: what would become of records (docs/preview.md). */
export const PREVIEW_FROM = ['first', 'newest'] as const
export const PREVIEW_RECORDS = { least: 1, most: 100, usual: 10 } as const
export const PREVIEW_TIMEOUT_MS = { least: 100, most: 20_000, usual: 10_000 } as const
const within = ({ least, most, usual }: { least: number; most: number; usual: number }, description: string): JsonSchema => ({
  type: 'integer',
  minimum: least,
  maximum: most,
  default: usual,
  description,
})
export const previewRequest = named(
  'PreviewRequest',
  {
    config: { ...ref(requestedConfig), description: 'For an existing connector: laid over its config; null removes a key.' },
    records: within(PREVIEW_RECORDS, 'How many are shown at most.'),
    from: { enum: PREVIEW_FROM, default: 'first', description: 'Sinks: the first or the newest records of the topics.' },
    topics: { ...texts, description: "Sinks: only these of the connector's topics." },
    partition: { type: ['integer', 'null'], minimum: 0, description: 'Sinks: only this partition of each topic.' },
    timeout_ms: within(PREVIEW_TIMEOUT_MS, 'Reading ends after this long, with what is there.'),
  },
  ['config', 'records', 'from', 'topics', 'partition', 'timeout_ms'],
)

const countOrNull: JsonSchema = { type: ['integer', 'null'] }
const anyValue: JsonSchema = { description: 'A Connect value as JSON.' }
const shownPart = { schema: anyValue, value: anyValue }
const previewHeader = named('PreviewHeader', { name: text, ...shownPart })
const shownRecord: JsonSchema = {
  type: ['object', 'null'],
  properties: {
    topic: text,
    partition: countOrNull,
    timestamp: countOrNull,
    key: { type: 'object', properties: shownPart },
    value: { type: 'object', properties: shownPart },
    headers: { type: 'array', items: previewHeader.schema },
  },
}
export const previewError = named('PreviewError', { stage: text, class: text, transform: text, message: text }, ['transform'])
const STEP_RESULTS = ['changed', 'unchanged', 'not_applied', 'dropped', 'failed']
export const previewStep = named(
  'PreviewStep',
  { alias: text, class: text, result: { enum: STEP_RESULTS }, record: shownRecord },
  ['record'],
)
const outcome = {
  outcome: { enum: ['ok', 'dropped', 'ignored', 'failed'] },
  record: { ...shownRecord, description: 'After the converters, or as the source polled it.' },
  transforms: listOf(previewStep),
  error: ref(previewError),
}
export const sinkRecordPreview = named(
  'SinkRecordPreview',
  {
    topic: text,
    partition: count,
    offset: count,
    timestamp: countOrNull,
    timestamp_type: text,
    key_bytes: countOrNull,
    value_bytes: countOrNull,
    ...outcome,
    raw: { type: 'object', description: 'Key and value as they are in the topic, where a converter failed.' },
    target: { type: 'object', description: 'Where the sink would write it: path, and what else its plugin tells.' },
  },
  ['error', 'raw', 'target'],
)
export const sourceRecordPreview = named(
  'SourceRecordPreview',
  {
    source_partition: anyValue,
    source_offset: anyValue,
    ...outcome,
    produced: { type: 'object', description: 'What would be sent: topic, partition (null: by the key), key, value, headers.' },
  },
  ['error', 'produced'],
)
export const previewReport = named('PreviewReport', {
  name: text,
  type: { enum: ['sink', 'source'] },
  class: text,
  summary: {
    type: 'object',
    properties: {
      ...{ read: count, ok: count, dropped: count, ignored: count, failed: count },
      failed_by_stage: mapOf(count),
      ended: { enum: ['records', 'end', 'time', 'bytes', 'error'] },
      ms: count,
    },
  },
  notes: texts,
  records: { type: 'array', items: { oneOf: [ref(sinkRecordPreview), ref(sourceRecordPreview)] } },
})
/** ConfigInfos with what every refusal has. */
export const previewRefusal = named(
  'PreviewRefusal',
  {
    error_code: { const: 400 },
    message: text,
    ...(configInfos.schema.properties as Record<string, JsonSchema>),
  },
  ['name', 'error_count', 'groups', 'configs'],
)
