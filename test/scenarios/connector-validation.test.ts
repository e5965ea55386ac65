// Goal: `PUT /connector-plugins/{p}/config/validate` of a real worker counts the errors that Java's ConnectorValidationIntegrationTest expects, and creates no
// connector that has any. Method: the configs that test/golden/config has Java's own answers to, but for those whose class cannot be loaded in a
// way of Java's (test/plugins/validate-golden.test.ts has these); a worker whose group.id is theirs.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { BIN } from '../../scripts/sluice-worker.ts'
import { badConfigs } from '../golden/config/validate-cases.ts'
import { type Broker, broker } from '../support/broker.ts'
import { uniqueName } from '../support/topics.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'
import { PLAIN_CONVERTERS, WORKER_KEYS } from './stage.ts'

interface Infos {
  readonly error_count: number
  readonly configs: readonly { readonly value: { readonly errors: readonly string[] } }[]
}

/** Java's ways of having a class and not being able to use it. */
const OF_LOADING = /abstract|construct/

let kafka: Broker
let worker: WorkerProcess

before(async () => {
  kafka = await broker()
  const topics = Object.fromEntries(
    ['config', 'offset', 'status'].flatMap(what => [
      [`${what}.storage.topic`, uniqueName(`validation-${what}`)],
      [`${what}.storage.replication.factor`, '1'],
    ]),
  )
  worker = await startWorker({
    bootstrap: kafka.bootstrap,
    // the group of the recorded cases; nobody else on this broker has it
    worker: { ...WORKER_KEYS, ...topics, 'group.id': 'connect-workers', 'plugin.path': PLAIN_CONVERTERS },
    command: [process.execPath, BIN, 'distributed'],
  })
})

after(async () => {
  await worker?.stop()
  await kafka?.stop()
})

describe('a config', () => {
  for (const [what, errors, { config }] of badConfigs.filter(([what]) => !OF_LOADING.test(what)))
    it(`is refused, or taken, with as many errors as Java counts: ${what}`, async () => {
      const plugin = config['connector.class'] ?? ''
      const { status, body } = await worker.rest<Infos>(`/connector-plugins/${plugin}/config/validate`, {
        method: 'PUT',
        body: config,
      })
      assert.equal(status, 200)
      assert.equal(body.error_count, errors, JSON.stringify(body.configs.filter(({ value }) => value.errors.length > 0)))
      if (errors === 0) return
      const created = await worker.rest('/connectors', { method: 'POST', body: { name: config.name, config } })
      assert.equal(created.status, 400)
      assert.equal((await worker.rest(`/connectors/${config.name}`)).status, 404)
    })
})
