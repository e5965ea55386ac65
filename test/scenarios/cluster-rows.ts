// Scenarios of the integration tests of Java's Connect runtime and file connectors: those of workers, topics and records. Read by runtime-rows.ts.
import type { ScenarioClass } from './table.ts'

const BROKER = 'test/broker'

export const clusterScenarios: readonly ScenarioClass[] = [
  {
    javaClass: 'ConnectorClientPolicyIntegrationTest',
    file: 'test/scenarios/client-policy.test.ts',
    rows: [
      { java: 'testCreateWithOverridesForNonePolicy', name: 'None: an override is refused' },
      { java: 'testCreateWithNoAllowedOverridesForNonePolicy', name: 'None: no override is fine' },
      { java: 'testCreateWithNotAllowedOverridesForPrincipalPolicy', name: 'Principal: one more than the principal is refused' },
      { java: 'testCreateWithAllowedOverridesForPrincipalPolicy', name: 'Principal: the protocol is taken' },
      { java: 'testCreateWithAllowedOverridesForAllPolicy', name: 'All: a client id is taken' },
      { java: 'testCreateWithAllowedOverridesForDefaultPolicy', name: 'no policy: a client id is taken' },
      { java: 'testCreateWithoutOverridesForAllowlistPolicy', name: 'Allowlist: no override is fine' },
      { java: 'testCreateWithNotAllowedOverridesForAllowlistPolicy', name: 'Allowlist: a key that is not on it is refused' },
      { java: 'testCreateWithAllowedOverridesForAllowlistPolicy', name: 'Allowlist: a key that is on it is taken' },
    ],
  },
  {
    javaClass: 'RestForwardingIntegrationTest',
    file: 'test/scenarios/requests-between-workers.test.ts',
    rows: [
      { java: 'testRestForwardNoSsl', name: 'a request to either worker is answered: by the leader, over HTTP' },
      {
        java: 'testRestForwardNoSslDualListener',
        name: 'a request to a worker with two listeners is answered by the leader, and it can be reached at the one it advertises',
        note: 'Both listeners speak HTTP.',
      },
      {
        java: 'testRestForwardLeaderSsl',
        file: 'test/broker/workers-over-tls.test.ts',
        name: 'a group that sluice (both, https) leads, with sluice (both, https), sluice (both, http), sluice (http)',
        scenario: 'Both have two listeners, only the leader advertises https: a follower sends on to it',
      },
      {
        java: 'testRestForwardFollowerSsl',
        file: 'test/broker/workers-over-tls.test.ts',
        name: 'a group that sluice (both, http) leads, with sluice (both, https), java (both, https)',
        scenario: 'Both have two listeners, only the follower advertises https: it sends on to the leader',
        note: 'A follower of ours and one of Java.',
      },
      {
        java: 'testRestForwardSslDualListener',
        file: 'test/broker/workers-over-tls.test.ts',
        name: 'a group that sluice (both, https) leads, with sluice (both, https), sluice (both, http), sluice (http)',
        scenario: 'Both have two listeners and advertise https',
      },
      {
        java: 'testRestForwardSsl',
        file: 'test/broker/workers-over-tls.test.ts',
        name: 'a group that sluice (https) leads, with sluice (https), java (https)',
        scenario: 'Both have https alone',
        note: 'A leader of Java stands in the same file.',
      },
    ],
  },
  {
    javaClass: 'SessionedProtocolIntegrationTest',
    file: 'test/scenarios/requests-between-workers.test.ts',
    rows: [
      {
        java: 'ensureInternalEndpointIsSecured',
        name: 'task configs are refused without a signature (400) and with a wrong one (403), whether the connector is there or not',
      },
    ],
  },
  {
    javaClass: 'InternalTopicsIntegrationTest',
    file: 'test/scenarios/internal-topics.test.ts',
    rows: [
      {
        java: 'testCreateInternalTopicsWithDefaultSettings testCreateInternalTopicsWithFewerReplicasThanBrokers',
        name: 'made with default settings: 1, 25 and 5 partitions, compacted, and found again by the next worker',
        note: 'On one broker, with its default replication factor (-1).',
      },
      {
        java: 'testFailToCreateInternalTopicsWithMoreReplicasThanBrokers',
        name: 'more replicas than brokers: the worker ends, and says which key',
      },
      {
        java: 'testFailToStartWhenInternalTopicsAreNotCompacted',
        name: 'topics that are not compacted: the worker ends until all three are',
      },
      {
        java: 'testStartWhenInternalTopicsCreatedManuallyWithCompactForBrokersDefaultCleanupPolicy',
        name: 'topics that somebody made by hand, compacted: the worker takes them',
      },
    ],
  },
  {
    javaClass: 'RebalanceSourceConnectorsIntegrationTest',
    file: 'test/scenarios/rebalance.test.ts',
    rows: [
      { java: 'testStartTwoConnectors', name: 'start two connectors', scenario: 'Three workers start two connectors' },
      {
        java: 'testReconfigConnector',
        name: 'restart connector and tasks for a new config, which goes to another topic',
        scenario: 'Connector and tasks are restarted for a new config, which goes to another topic',
      },
      {
        java: 'testDeleteConnector',
        name: 'are balanced after one of four connectors is deleted',
        scenario: 'Balanced after one of four connectors is deleted',
      },
      {
        java: 'testAddingWorker',
        name: 'are balanced after a fourth has come',
        scenario: 'Balanced after a fourth worker has come',
      },
      { java: 'testRemovingWorker', name: 'are balanced after one has gone', scenario: 'Balanced after a worker has gone' },
      {
        java: 'testMultipleWorkersRejoining',
        name: 'are balanced after two have gone and two have come',
        scenario: 'Balanced after two workers have gone and two have come',
      },
    ],
  },
  {
    javaClass: 'SourceConnectorsIntegrationTest',
    file: 'test/scenarios/topics-that-come-and-go.test.ts',
    rows: [
      {
        java: 'testTopicsAreCreatedWhenAutoCreateTopicsIsEnabledAtTheBroker',
        file: `${BROKER}/source-contract.test.ts`,
        name: 'with topic.creation.enable=false the groups mean nothing: the broker makes the topic its way',
      },
      {
        java: 'testTopicsAreCreatedWhenTopicCreationIsEnabled',
        name: 'are made as the groups of topic.creation say',
        scenario: 'Topics of a source are made as the groups of topic.creation say',
      },
      {
        java: 'testSwitchingToTopicCreationEnabled',
        name: 'are made once a rolling restart has switched topic.creation.enable on',
        scenario: 'Topics of a source are made once a rolling restart has switched topic.creation.enable on',
      },
    ],
  },
  {
    javaClass: 'SinkConnectorsIntegrationTest',
    file: 'test/scenarios/topics-that-come-and-go.test.ts',
    rows: [
      {
        java: 'testEagerConsumerPartitionAssignment',
        name: 'under an eager assignor',
        scenario: 'How often each partition is opened, closed and committed under an eager assignor as topics come and go',
      },
      {
        java: 'testCooperativeConsumerPartitionAssignment',
        name: 'under a cooperative assignor',
        scenario: 'The same under a cooperative one',
      },
    ],
  },
  {
    javaClass: 'ErrorHandlingIntegrationTest',
    file: 'test/scenarios/records.test.ts',
    rows: [
      {
        java: 'testSkipRetryAndDLQWithHeaders',
        name: 'in a transform, after retries: skipped, and in the dead-letter topic with their context',
        scenario: 'Records that fail in a transform, after retries, are skipped and dead letters with their context',
        note: `All headers and bytes are held against Java's by [broker/dead-letters-java](../${BROKER}/dead-letters-java.test.ts).`,
      },
      {
        java: 'testErrantRecordReporter',
        name: 'as a sink reports them in put: in the dead-letter topic, and put all the same',
        scenario: 'Records that a sink reports in put are dead letters',
      },
    ],
  },
  {
    javaClass: 'ExactlyOnceSourceIntegrationTest',
    file: 'test/scenarios/exactly-once.test.ts',
    rows: [
      { java: 'testPreflightValidation', name: 'support and boundaries are asked of the connector before it is created' },
      {
        java: 'testPollBoundary',
        file: `${BROKER}/exactly-once.test.ts`,
        name: 'poll: each batch is a transaction with its offset; the task is told after it, and of polls without records too',
      },
      {
        java: 'testIntervalBoundary',
        file: `${BROKER}/exactly-once.test.ts`,
        name: 'interval: transactions end by themselves when the time is over',
      },
      {
        java: 'testConnectorBoundary',
        file: `${BROKER}/exactly-once.test.ts`,
        name: 'connector: ends behind records and batches; what is aborted is dropped, its offset is committed',
      },
      { java: 'testFencedLeaderRecovery', name: 'a leader whose right to write the config topic was taken gets it back' },
      { java: 'testConnectorReconfiguration', name: 'more and fewer tasks, again and again: every number of every task once' },
      {
        java: 'testTasksFailOnInabilityToFence',
        file: 'test/supervisor/distributed/fencing.test.ts',
        name: 'producers that cannot be fenced, an unreadable topic and a connector that is gone are told, and the next try is free',
        note: 'With a client that refuses, not with ACLs of a broker.',
      },
      {
        java: 'testSeparateOffsetsTopic',
        name: 'records and offsets on another cluster; a copy in the topic of the worker; then without transactions: nothing is missing',
      },
      {
        java: 'testPotentialDeadlockWhenProducingToOffsetsTopic',
        file: `${BROKER}/exactly-once.test.ts`,
        name: 'records for the offsets topic fail the task at once',
      },
    ],
  },
  {
    javaClass: 'TransformationIntegrationTest',
    file: 'test/scenarios/records.test.ts',
    rows: [
      {
        java: 'testFilterOnTopicNameWithSinkConnector',
        name: 'by topic name: the sink gets the records of the other topic, all are committed',
        scenario: 'Filter by topic name on a sink',
      },
      {
        java: 'testFilterOnTombstonesWithSinkConnector',
        name: 'of tombstones: the sink gets the half that has values, all are committed',
        scenario: 'Filter of tombstones on a sink',
      },
      {
        java: 'testFilterOnHasHeaderKeyWithSourceConnectorAndTopicCreation',
        name: 'by header key at a source that makes its topic: only records with the header are there',
        scenario: 'Filter by header key on a source that makes its topic',
      },
    ],
  },
  {
    javaClass: 'StandaloneWorkerIntegrationTest',
    file: 'test/scenarios/standalone.test.ts',
    rows: [
      {
        java: 'testDynamicLogging',
        name: 'levels of loggers: a namespace is changed with all below it and nothing else; bad levels and unknown loggers are refused',
      },
      {
        java: 'testCreateConnectorWithStoppedInitialState',
        name: 'a connector created STOPPED has no tasks, and runs once it is resumed',
      },
      {
        java: 'testHealthCheck',
        name: 'a connector of the command line that never starts does not make a worker unwell',
        note: "Java's worker answers 503 until it has started: its start waits for the connector, ours does not.",
      },
    ],
  },
  {
    javaClass: 'ExampleConnectIntegrationTest',
    file: 'test/scenarios/records.test.ts',
    rows: [
      { java: 'testSinkConnector', name: 'sink: each task has a partition, every record is put once and committed' },
      { java: 'testSourceConnector', name: 'source: every record of each task is in the topic once, and its offset committed' },
    ],
  },
  {
    javaClass: 'RestExtensionIntegrationTest',
    rows: [
      {
        java: 'testRestExtensionApi',
        scenario: 'A REST extension registers resources, reads the state of the cluster and is closed',
        not: 'Extensions are Java classes; the worker does not start with one that it does not know ([differences](differences.md#rest))',
      },
    ],
  },
  {
    javaClass: 'MonitorableSourceIntegrationTest',
    rows: [
      {
        java: 'testMonitorableSourceConnectorAndTask',
        scenario: 'Metrics that a source plugin registers by itself',
        not: "Read from Java's metrics registry in the process; plugins here have no metrics of their own yet",
      },
    ],
  },
  {
    javaClass: 'MonitorableSinkIntegrationTest',
    rows: [
      {
        java: 'testMonitorableSinkConnectorAndTask',
        scenario: 'Metrics that a sink plugin registers by itself',
        not: 'As above',
      },
    ],
  },
  {
    javaClass: 'FileStreamSourceConnectorIntegrationTest',
    file: 'test/scenarios/file-connectors.test.ts',
    rows: [
      { java: 'testSimpleSource', name: 'each line is a record, in order' },
      { java: 'testStopResumeSavedOffset', name: 'stopped and resumed it goes on behind what it has sent' },
      { java: 'testAlterOffsets', name: 'a changed position is read from there' },
      { java: 'testResetOffsets', name: 'reset it reads the file anew' },
    ],
  },
  {
    javaClass: 'FileStreamSinkConnectorIntegrationTest',
    file: 'test/scenarios/file-connectors.test.ts',
    rows: [
      { java: 'testSimpleSink', name: 'each record is a line, in order' },
      { java: 'testAlterOffsets', name: 'a changed offset is put from there' },
      { java: 'testResetOffsets', name: 'reset it puts the topic anew' },
      { java: 'testSinkMultipleTopicsWithMultipleTasks', name: 'two topics by two tasks into one file: every line of both' },
    ],
  },
]
