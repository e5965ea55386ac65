// Scenarios of the integration tests of Java's Connect runtime and file connectors: those of connectors and their tasks; the others are in
// cluster-rows.ts. Read by table.ts.
import { badConfigs } from '../golden/config/validate-cases.ts'
import { clusterScenarios } from './cluster-rows.ts'
import type { RunRow, ScenarioPart } from './table.ts'

/** Java's names for the configs of test/golden/config, in their order. */
const VALIDATION = `testSinkConnectorHasNeitherTopicsListNorTopicsRegex testSinkConnectorHasBothTopicsListAndTopicsRegex
testSinkConnectorDeadLetterQueueTopicInTopicsList testSinkConnectorDeadLetterQueueTopicMatchesTopicsRegex
testSinkConnectorDefaultGroupIdConflictsWithWorkerGroupId testSinkConnectorOverriddenGroupIdConflictsWithWorkerGroupId
testSourceConnectorHasDuplicateTopicCreationGroups testConnectorHasDuplicateTransformations testConnectorHasMissingTransformClass
testConnectorHasInvalidTransformClass testConnectorHasNegationForUndefinedPredicate testConnectorHasDuplicatePredicates
testConnectorHasMissingPredicateClass testConnectorHasInvalidPredicateClass testConnectorHasMissingConverterClass
testConnectorHasInvalidConverterClassType testConnectorHasAbstractConverter testConnectorHasConverterWithNoSuitableConstructor
testConnectorHasConverterThatThrowsExceptionOnInstantiation testConnectorHasMisconfiguredConverter
testConnectorHasConverterWithNoConfigDef testConnectorHasMissingHeaderConverterClass testConnectorHasInvalidHeaderConverterClassType
testConnectorHasAbstractHeaderConverter testConnectorHasHeaderConverterWithNoSuitableConstructor
testConnectorHasHeaderConverterThatThrowsExceptionOnInstantiation testConnectorHasMisconfiguredHeaderConverter
testConnectorHasHeaderConverterWithNoConfigDef`.split(/\s+/)

const validationRows = badConfigs.map(([what, errors], i): RunRow => {
  const java = VALIDATION[i] ?? ''
  const scenario = `${what}: ${errors} ${errors === 1 ? 'error' : 'errors'}`
  if (!/abstract|construct/.test(what))
    return { java, scenario, name: `is refused, or taken, with as many errors as Java counts: ${what}` }
  return {
    java,
    scenario,
    file: 'test/plugins/validate-golden.test.ts',
    name: `a config that Java's integration test refuses: ${what}`,
    note: 'A module that does not load stands for the class; the count is that of a recorded Java worker.',
  }
})

export const runtimeScenarios: ScenarioPart = {
  title: 'Integration tests of the runtime and of the file connectors',
  intro:
    "`connect/runtime` and `connect/file`. Java's start a cluster in their own process and count through handles in it what connectors are asked; ours start worker processes and look at REST, topics, groups, logs and files.",
  classes: [
    {
      javaClass: 'ConnectWorkerIntegrationTest',
      file: 'test/scenarios/connector-states.test.ts',
      rows: [
        {
          java: 'testAddAndRemoveWorker',
          file: 'test/scenarios/rebalance.test.ts',
          name: 'a worker more takes part, and the work goes on when it has left',
        },
        {
          java: 'testRestartFailedTask',
          name: 'a task that failed at its start runs again once its config is right and it is restarted',
        },
        {
          java: 'testBrokerCoordinator',
          file: 'test/scenarios/rebalance.test.ts',
          name: 'ends the work of connectors and tasks, and they are started again when it is back',
          scenario: 'A broker that is away for longer than the session ends the work; it is started again when it is back',
          note: "`/health` stays 200 meanwhile where the worker answers its own question; Java's herder thread is blocked by the broker.",
        },
        {
          java: 'testTaskStatuses',
          file: 'test/scenarios/connector-configs.test.ts',
          name: 'tasks.max up and down: as many tasks are shown as there are',
        },
        {
          java: 'testSourceTaskNotBlockedOnShutdownWithNonExistentTopic',
          file: 'test/scenarios/topics-that-come-and-go.test.ts',
          name: 'that never come do not hold up the end of the tasks',
          scenario: 'Source tasks whose topic never comes are ended all the same',
        },
        { java: 'testPauseStopResume', name: 'running, paused, stopped: every change from one to another, each asked twice' },
        {
          java: 'testStoppedState',
          name: 'a connector that fails in start, or in stop, can be stopped, changed, resumed and deleted',
        },
        {
          java: 'testCreateConnectorWithPausedInitialState',
          name: 'a connector created PAUSED has no tasks before it is resumed',
        },
        {
          java: 'testCreateSourceConnectorWithStoppedInitialStateAndModifyOffsets',
          name: 'a source created STOPPED begins at the offset it is given before it is resumed',
        },
        {
          java: 'testCreateSinkConnectorWithStoppedInitialStateAndModifyOffsets',
          name: 'a sink created STOPPED begins at the offset it is given before it is resumed',
        },
        {
          java: 'testDeleteConnectorCreatedWithPausedOrStoppedInitialState',
          name: 'connectors created PAUSED or STOPPED can be deleted',
        },
        {
          java: 'testPatchConnectorConfig',
          file: 'test/scenarios/connector-configs.test.ts',
          name: 'a patch changes, adds and removes keys, and the tasks follow',
        },
        {
          java: 'testRequestTimeouts',
          scenario: 'A request that waits too long names the stage of the worker',
          not: "Java's test shortens the time of 90 s from within the process; the sentence about the stage is checked by test/rest/app.test.ts",
        },
        {
          java: 'testPollTimeoutExpiry',
          scenario: 'A member whose herder is blocked by a task for longer than the rebalance timeout leaves the group',
          not: "It is made to happen by Java's herder waiting for a task in its only thread; ours waits for no task there",
        },
        {
          java: 'testTasksMaxEnforcement',
          file: 'test/scenarios/connector-configs.test.ts',
          name: 'more tasks than tasks.max fail the connector, and the tasks of a stored set that is too large; tasks.max.enforce=false lets them run',
        },
        {
          java: 'testCompactedDeletedOlderConnectorConfig',
          file: 'test/scenarios/connector-configs.test.ts',
          name: 'the task configs that compaction left of a deleted connector are not those of a new one of its name',
        },
        {
          java: 'testReconfigureConnectorWithFailingTaskConfigs',
          file: 'test/scenarios/connector-configs.test.ts',
          name: 'the tasks go on with a new config though a value of the old one cannot be looked up any more',
        },
        {
          java: 'testRuntimePropertyReconfiguration',
          file: 'test/scenarios/connector-configs.test.ts',
          name: 'another converter reaches the tasks of a connector whose task configs stay as they are',
        },
        {
          java: 'testPluginAliases',
          file: 'test/scenarios/connector-configs.test.ts',
          name: 'short names of connector, converters, transforms and predicates',
        },
      ],
    },
    {
      javaClass: 'BlockingConnectorTest',
      file: 'test/scenarios/blocking.test.ts',
      rows: [
        { java: 'testBlockInConnectorValidate', name: 'in validate: the request waits, nothing is created, others go on' },
        {
          java: 'testBlockInConnectorConfig',
          scenario: 'A connector that blocks while it is asked for its keys',
          not: 'Keys of a plugin are declared data here, nothing is called for them',
        },
        {
          java: 'testBlockInConnectorInitialize testBlockInConnectorStart',
          name: 'in start: others go on; a restart ends the thread that hangs, and so does a deletion',
          note: 'There is no initialize; [differences](differences.md#rest) says what becomes of a connector that hangs.',
        },
        { java: 'testBlockInConnectorStop', name: 'in stop of the connector: its deletion goes through, others go on' },
        { java: 'testBlockInSourceTaskStart', name: 'in start of a source task: others go on, and it can be deleted' },
        { java: 'testBlockInSourceTaskStop', name: 'in stop of a source task: its deletion goes through, others go on' },
        { java: 'testBlockInSinkTaskStart', name: 'in start of a sink task: others go on, and it can be deleted' },
        { java: 'testBlockInSinkTaskStop', name: 'in stop of a sink task: its deletion goes through, others go on' },
        {
          java: 'testWorkerRestartWithBlockInConnectorStart',
          name: 'in start, and the worker is replaced: it blocks again, the others of before go on',
        },
        {
          java: 'testWorkerRestartWithBlockInConnectorStop',
          name: 'in stop, and the worker is replaced: it ends all the same, and both run again',
        },
      ],
    },
    {
      javaClass: 'ConnectorRestartApiIntegrationTest',
      file: 'test/scenarios/connector-restart.test.ts',
      rows: [
        {
          java: 'testRestartUnknownConnectorNoParams testRestartUnknownConnector',
          name: 'of a connector that is not there is 404, with and without parameters',
        },
        { java: 'testRunningConnectorAndTasksRestartOnlyConnector', name: 'running, neither: the connector alone' },
        { java: 'testRunningConnectorAndTasksRestartBothConnectorAndTasks', name: 'running, with tasks: all' },
        { java: 'testRunningConnectorAndTasksRestartOnlyFailedConnectorNoop', name: 'running, only failed: nothing' },
        {
          java: 'testRunningConnectorAndTasksRestartBothConnectorAndTasksNoop',
          name: 'running, only failed, with tasks: nothing',
        },
        { java: 'testFailedConnectorRestartOnlyConnector', name: 'connector failed, neither: the connector' },
        { java: 'testFailedConnectorRestartBothConnectorAndTasks', name: 'connector failed, with tasks: the connector' },
        {
          java: 'testFailedConnectorRestartOnlyFailedConnectorAndTasks',
          name: 'connector failed, only failed, with tasks: the connector',
        },
        { java: 'testFailedTasksRestartOnlyConnector', name: 'tasks failed, neither: the connector alone' },
        { java: 'testFailedTasksRestartOnlyTasks', name: 'tasks failed, only failed, with tasks: the tasks' },
        { java: 'testFailedTasksRestartWithoutIncludeTasksNoop', name: 'tasks failed, only failed: nothing' },
        { java: 'testFailedTasksRestartBothConnectorAndTasks', name: 'tasks failed, with tasks: all' },
        { java: 'testOneFailedTasksRestartOnlyOneTasks', name: 'one task failed, only failed, with tasks: that task' },
        { java: 'testMultiWorkerRestartOnlyConnector', name: 'three workers, neither: the connector alone' },
        { java: 'testMultiWorkerRestartBothConnectorAndTasks', name: 'three workers, with tasks: all' },
      ],
    },
    {
      javaClass: 'OffsetsApiIntegrationTest',
      file: 'test/scenarios/offsets-api.test.ts',
      rows: [
        {
          java: 'testGetNonExistentConnectorOffsets testAlterOffsetsNonExistentConnector',
          name: 'of a connector that is not there are 404',
          scenario: 'Offsets of a connector that is not there are 404',
        },
        {
          java: 'testAlterOffsetsNonStoppedConnector',
          name: 'of a connector that runs or is paused are not changed: 400',
          scenario: 'Offsets of a connector that runs or is paused are not changed: 400',
        },
        ...offsetRows('Sink', {
          '': 'under the default group',
          OverriddenConsumerGroupId: 'under a group of its own',
          DifferentKafkaClusterTargeted: 'of another cluster',
        }),
        {
          java: 'testAlterSinkConnectorOffsetsZombieSinkTasks',
          name: 'are not changed while consumers are in the group; once a task that does not stop is ended, and the others are gone, they are',
          scenario: 'Offsets of a sink are not changed while consumers are in the group',
          note: 'A task that does not stop is ended here, so that the request goes through in the end; in Java the worker has to be restarted.',
        },
        {
          java: 'testResetSinkConnectorOffsetsZombieSinkTasks',
          name: 'are not reset while consumers are in the group; once a task that does not stop is ended, and the others are gone, they are',
          scenario: 'Offsets of a sink are not reset while consumers are in the group',
          note: 'As above.',
        },
        {
          java: 'testAlterSinkConnectorOffsetsInvalidRequestBody',
          name: 'are refused in a body that is none, with what is wrong',
          scenario: 'Offsets of a sink in a body that is none: 400 with what is wrong',
        },
        ...offsetRows('Source', {
          '': "in the worker's topic",
          CustomOffsetsTopic: 'in a topic of its own',
          DifferentKafkaClusterTargeted: 'whose records go to another cluster',
        }),
        {
          java: 'testAlterSourceConnectorOffsetsExactlyOnceSupportEnabled',
          file: 'test/scenarios/exactly-once.test.ts',
          name: 'offsets of an exactly-once source are changed, and it goes on behind them',
        },
        {
          java: 'testResetSourceConnectorOffsetsExactlyOnceSupportEnabled',
          file: 'test/scenarios/exactly-once.test.ts',
          name: 'offsets of an exactly-once source are reset, twice, and it begins anew',
        },
        {
          java: 'testAlterSourceConnectorOffsetsInvalidRequestBody',
          name: 'are refused in a body that is none',
          scenario: 'Offsets of a source in a body that is none: 400 or 500, as Java has it',
        },
      ],
    },
    {
      javaClass: 'ConnectorTopicsIntegrationTest',
      file: 'test/scenarios/active-topics.test.ts',
      rows: [
        {
          java: 'testGetActiveTopics',
          name: 'appear with the first record, are reset, and go with the connector',
          scenario: 'Active topics appear with the first record, are reset, and go with the connector',
        },
        { java: 'testTopicTrackingResetIsDisabled', name: 'topics are tracked and cannot be reset: 403' },
        {
          java: 'testTopicTrackingIsDisabled',
          name: 'topics are neither shown nor reset (403), and none is in the status topic',
        },
      ],
    },
    {
      javaClass: 'ConnectorValidationIntegrationTest',
      file: 'test/scenarios/connector-validation.test.ts',
      rows: validationRows,
    },
    ...clusterScenarios,
  ],
}

/** Get, Alter and Reset of one kind of connector, in each of Java's three settings: suffix of its test -> words of ours. */
function offsetRows(kind: 'Sink' | 'Source', settings: Readonly<Record<string, string>>): RunRow[] {
  const names: Readonly<Record<string, Readonly<Record<'Sink' | 'Source', (words: string) => string>>>> = {
    Get: { Sink: words => `are read ${words}`, Source: words => `${words} are read` },
    Alter: {
      Sink: words => `are changed ${words}: one removed, others set, with and without the connector's own hook`,
      Source: words => `${words} are changed, with and without the connector's own hook, and it goes on behind them`,
    },
    Reset: {
      Sink: words => `are reset ${words}, twice, and read anew`,
      Source: words => `${words} are reset, twice, and it begins anew`,
    },
  }
  return Object.entries(names).flatMap(([verb, name]) =>
    Object.entries(settings).map(([suffix, words]): RunRow => {
      const ours = name[kind](words)
      return {
        java: `test${verb}${kind}ConnectorOffsets${suffix}`,
        name: ours,
        scenario: `Offsets of a ${kind.toLowerCase()} ${ours}`,
      }
    }),
  )
}
