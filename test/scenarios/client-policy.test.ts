// Goal: overrides of client settings are taken or refused by the worker's policy as Java's ConnectorClientPolicyIntegrationTest has it. Method: a worker for
// each policy; connectors are created, not only validated, and run.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTopic, uniqueName } from '../support/topics.ts'
import { type Config, Stage } from './stage.ts'

const POLICY = 'connector.client.config.override.policy'
const ALLOWLIST = 'connector.client.config.override.allowlist'
const JAAS = {
  'consumer.override.sasl.jaas.config':
    'org.apache.kafka.common.security.plain.PlainLoginModule required username="somebody" password="unlikely";',
}
const CLIENT_ID = { 'consumer.override.client.id': 'test' }

interface PolicyCase {
  readonly name: string
  readonly overrides: Config
  readonly isTaken: boolean
}

const policies: readonly { readonly policy: string; readonly worker: Config; readonly cases: readonly PolicyCase[] }[] = [
  {
    policy: 'None',
    worker: { [POLICY]: 'None' },
    cases: [
      { name: 'None: an override is refused', overrides: JAAS, isTaken: false },
      { name: 'None: no override is fine', overrides: {}, isTaken: true },
    ],
  },
  {
    policy: 'Principal',
    worker: { [POLICY]: 'Principal' },
    cases: [
      {
        name: 'Principal: one more than the principal is refused',
        overrides: { ...JAAS, 'consumer.override.auto.offset.reset': 'latest' },
        isTaken: false,
      },
      {
        name: 'Principal: the protocol is taken',
        overrides: { 'consumer.override.security.protocol': 'PLAINTEXT' },
        isTaken: true,
      },
    ],
  },
  {
    policy: 'All',
    worker: { [POLICY]: 'All' },
    cases: [{ name: 'All: a client id is taken', overrides: CLIENT_ID, isTaken: true }],
  },
  {
    policy: 'of a worker that names none',
    worker: {},
    cases: [{ name: 'no policy: a client id is taken', overrides: CLIENT_ID, isTaken: true }],
  },
  {
    policy: 'Allowlist of client.rack',
    worker: { [POLICY]: 'Allowlist', [ALLOWLIST]: 'client.rack' },
    cases: [
      { name: 'Allowlist: no override is fine', overrides: {}, isTaken: true },
      { name: 'Allowlist: a key that is not on it is refused', overrides: CLIENT_ID, isTaken: false },
    ],
  },
  {
    policy: 'Allowlist of client.id',
    worker: { [POLICY]: 'Allowlist', [ALLOWLIST]: 'client.id' },
    cases: [{ name: 'Allowlist: a key that is on it is taken', overrides: CLIENT_ID, isTaken: true }],
  },
]

for (const { policy, worker, cases } of policies)
  describe(`the policy ${policy}`, () => {
    let stage: Stage

    before(async () => {
      stage = await Stage.open(1, worker)
    })

    after(() => stage?.close())

    for (const { name: title, overrides, isTaken } of cases)
      it(title, async () => {
        const name = uniqueName('policy')
        await createTopic(stage.kafka.bootstrap, name)
        const config = stage.sink(name, name, overrides)
        if (isTaken) {
          await stage.create(name, config)
          await stage.running(name, 2)
          return stage.remove(name)
        }
        const { message } = await stage.expect(400, 'POST', '/connectors', { name, config })
        for (const key of Object.keys(overrides).filter(key => policy !== 'Principal' || !key.includes('sasl')))
          assert.ok(message?.includes(key.replace('consumer.override.', '')), message)
        await stage.expect(404, 'GET', `/connectors/${name}`)
      })
  })
