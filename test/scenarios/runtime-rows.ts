// Scenarios of the integration tests of Java's Connect runtime and file connectors. Read by table.ts.
import type { ScenarioPart } from './table.ts'

export const runtimeScenarios: ScenarioPart = {
  title: 'Integration tests of the runtime and of the file connectors',
  intro:
    "`connect/runtime` and `connect/file`. Java's start a cluster in their own process and count through handles in it what connectors are asked; ours start worker processes and look at REST, topics, groups, logs and files.",
  classes: [
    {
      javaClass: 'SessionedProtocolIntegrationTest',
      file: 'test/broker/distributed.test.ts',
      rows: [
        {
          java: 'ensureInternalEndpointIsSecured',
          name: 'refuse requests between workers that are not signed',
          scenario: 'The endpoint for task configs takes no request without signature, nor one that is signed wrongly',
        },
      ],
    },
  ],
}
