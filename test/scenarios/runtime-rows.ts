// Scenarios of the integration tests of Java's Connect runtime and file connectors. Read by table.ts.
import type { ScenarioPart } from './table.ts'

export const runtimeScenarios: ScenarioPart = {
  title: 'Integration tests of the runtime and of the file connectors',
  intro:
    "`connect/runtime` and `connect/file`. Java's start a cluster in their own process and count through handles in it what connectors are asked; ours start worker processes and look at REST, topics, groups, logs and files.",
  classes: [
    {
      javaClass: 'RestForwardingIntegrationTest',
      file: 'test/broker/workers-over-tls.test.ts',
      rows: [
        {
          java: 'testRestForwardLeaderSsl',
          name: 'a group that sluice (both, https) leads, with sluice (both, https), sluice (both, http), sluice (http)',
          scenario: 'Both have two listeners, only the leader advertises https: a follower sends on to it',
        },
        {
          java: 'testRestForwardFollowerSsl',
          name: 'a group that sluice (both, http) leads, with sluice (both, https), java (both, https)',
          scenario: 'Both have two listeners, only the follower advertises https: it sends on to the leader',
          note: 'A follower of ours and one of Java.',
        },
        {
          java: 'testRestForwardSslDualListener',
          name: 'a group that sluice (both, https) leads, with sluice (both, https), sluice (both, http), sluice (http)',
          scenario: 'Both have two listeners and advertise https',
        },
        {
          java: 'testRestForwardSsl',
          name: 'a group that sluice (https) leads, with sluice (https), java (https)',
          scenario: 'Both have https alone',
          note: 'A leader of Java stands in the same file.',
        },
      ],
    },
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
