// Scenarios of Kafka's system tests of Connect (tests/kafkatest/tests/connect). Read by table.ts.
import { groupText, MIXED, PROTOCOLS } from './system-parameters.ts'
import type { JavaOnlyRow, RunRow, ScenarioPart } from './table.ts'

const SASL_NOTE = 'PLAIN where Java has GSSAPI, which is refused here'

interface Scenario {
  /** method of the Java class */
  readonly java: string
  readonly file: string
  /** name of the test, up to its settings */
  readonly name: string
  /** parameters of the method, besides the protocol */
  readonly setting?: string
  readonly isMixed?: boolean
  readonly note?: string
}

/** A row for each protocol, and one for the group with a Java worker. */
function rowsOf({ java, file, name, setting, isMixed = false, note }: Scenario): RunRow[] {
  const row = (parameter: string, suffix: string): RunRow => {
    const parameters = [...(setting === undefined ? [] : [setting]), parameter].join(', ')
    return {
      java: `${java} (${parameters})`,
      file: `test/scenarios/${file}.test.ts`,
      name: `${name}: ${suffix}`,
      ...(note === undefined ? {} : { note }),
    }
  }
  const ofProtocols = PROTOCOLS.map(protocol => {
    const isExactlyOnce = setting?.includes('exactly once') && !file.startsWith('system-exactly-once')
    return row(protocol, isExactlyOnce ? `exactly once, ${protocol}` : protocol)
  })
  return isMixed ? [...ofProtocols, { ...row('mixed', groupText(MIXED)), isMixed }] : ofProtocols
}

const [RESTART, PAUSE, FILES] = ['system-restart', 'system-pause', 'system-file']

const distributed: readonly Scenario[] = [
  ...(['source', 'sink'] as const).flatMap((kind): Scenario[] => {
    const isMixed = kind === 'sink'
    const ofConnector = {
      java: 'test_restart_failed_connector',
      file: RESTART,
      name: `restart of a ${kind} connector that failed`,
    }
    const ofTask = { java: 'test_restart_failed_task', file: RESTART, name: `restart of a ${kind} task that failed` }
    const both = [
      { ...ofConnector, setting: kind, isMixed },
      { ...ofTask, setting: kind, isMixed },
    ]
    return isMixed ? both : [...both, ...[ofConnector, ofTask].map(one => ({ ...one, setting: 'exactly once source' }))]
  }),
  {
    java: 'test_restart_connector_and_tasks_failed_connector',
    file: RESTART,
    name: 'onlyFailed restart of a sink connector that failed, without its task',
    isMixed: true,
  },
  ...['source', 'sink'].map(kind => ({
    java: 'test_restart_connector_and_tasks_failed_task',
    file: RESTART,
    name: `restart of a ${kind} connector and its task that failed`,
    setting: kind,
    isMixed: true,
  })),
  ...[undefined, 'exactly once'].flatMap((setting): Scenario[] => {
    const more = setting === undefined ? { isMixed: true } : { setting }
    return [
      {
        java: 'test_pause_and_resume_source',
        file: PAUSE,
        name: 'a paused source sends nothing, and goes on when it is resumed',
        ...more,
      },
      {
        java: 'test_pause_state_persistent',
        file: PAUSE,
        name: 'a paused source is still paused when all workers have been restarted',
        ...more,
      },
      { java: 'test_file_source_and_sink', file: FILES, name: 'file to file, over a restart of all workers', ...more },
    ]
  }),
  {
    java: 'test_pause_and_resume_sink',
    file: PAUSE,
    name: 'a paused sink is given nothing, and goes on when it is resumed',
    isMixed: true,
  },
  {
    java: 'test_file_source_and_sink',
    file: 'system-security',
    name: 'file to file with SASL_SSL',
    setting: 'SASL_SSL',
    isMixed: true,
    note: SASL_NOTE,
  },
  {
    java: 'test_file_source_and_sink',
    file: 'system-security',
    name: 'file to file with SASL_SSL',
    setting: 'SASL_SSL, exactly once',
    note: SASL_NOTE,
  },
  { java: 'test_transformations', file: FILES, name: 'transforms of a source' },
  ...['clean', 'hard'].flatMap((how): Scenario[] => [
    {
      java: 'test_bounce',
      file: `system-bounce-${how}`,
      name: `${how} bounces of source and sink`,
      setting: how,
      isMixed: true,
    },
    {
      java: 'test_exactly_once_source',
      file: `system-exactly-once-${how}`,
      name: `exactly once over ${how} bounces`,
      setting: how,
      isMixed: how === 'clean',
    },
  ]),
]

const logging: readonly RunRow[] = [
  { java: 'test_dynamic_logging', name: 'levels of one worker and of all, asked of the first: ours, ours, ours' },
  {
    java: 'test_dynamic_logging (mixed, asked of ours)',
    name: 'levels of one worker and of all, asked of the first: ours, Java, ours',
    isMixed: true,
  },
  {
    java: 'test_dynamic_logging (mixed, asked of Java)',
    name: 'levels of one worker and of all, asked of the first: Java, ours, ours',
    isMixed: true,
  },
].map(row => ({ ...row, file: 'test/scenarios/system-logging.test.ts' }))

const brokers: JavaOnlyRow = {
  java: 'test_broker_compatibility (older brokers)',
  scenario: 'Workers start, and lines go from file to file, on brokers from 0.10.0 on',
  not: 'is about brokers: only one version, 4.3.0, is kept here; on it the scenario is that of test_file_source_and_sink',
}

const REST = 'the REST API from an empty list to an empty list'
const STANDALONE = 'standalone workers, file to file over a restart'
const LETTERS = 'standalone workers, records that are no JSON go to the dead letters'

export const systemScenarios: ScenarioPart = {
  title: 'System tests',
  intro:
    "Kafka's `tests/kafkatest/tests/connect`, which start Connect's scripts on several machines and watch the lines of its verifiable connectors, files and REST. Ours do the same with processes on one machine; where Java's wait for a while, ours wait for what another connector has done meanwhile. In parentheses: the parameters; mixed: one Java worker in the group.",
  classes: [
    {
      javaClass: 'connect_rest_test.ConnectRestApiTest',
      file: 'test/scenarios/system-rest.test.ts',
      rows: [
        { java: 'test_rest_api (compatible)', name: `${REST}: ours, ours; compatible` },
        { java: 'test_rest_api (eager)', name: `${REST}: ours, ours; eager` },
        {
          java: 'test_rest_api (mixed)',
          name: `${REST}: Java, ours; compatible`,
          note: 'both workers answer the same',
          isMixed: true,
        },
      ],
    },
    {
      javaClass: 'connect_distributed_test.ConnectDistributedTest',
      rows: [...distributed.flatMap(rowsOf), ...logging, brokers],
    },
    {
      javaClass: 'connect_test.ConnectStandaloneFileTest',
      file: 'test/scenarios/system-standalone.test.ts',
      rows: [
        { java: 'test_file_source_and_sink (JsonConverter, schemas)', name: `${STANDALONE}: JSON with schemas` },
        { java: 'test_file_source_and_sink (JsonConverter)', name: `${STANDALONE}: JSON without schemas` },
        { java: 'test_file_source_and_sink (StringConverter)', name: `${STANDALONE}: strings` },
        { java: 'test_file_source_and_sink (SASL_SSL)', name: `${STANDALONE}: SASL_SSL`, note: SASL_NOTE },
        { java: 'test_skip_and_log_to_dlq (none)', name: `${LETTERS}: errors.tolerance=none` },
        { java: 'test_skip_and_log_to_dlq (all)', name: `${LETTERS}: errors.tolerance=all` },
      ],
    },
    {
      javaClass: 'connect_plugin_discovery_test.ConnectPluginDiscoveryTest',
      rows: [
        {
          java: 'test_plugin_discovery_migration',
          scenario: 'Modes of plugin.discovery, and the tool that migrates plugin paths for them',
          not: 'jar files with and without service manifests: plugins are JavaScript modules here',
        },
      ],
    },
  ],
}
