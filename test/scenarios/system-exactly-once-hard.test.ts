// Goal: with exactly.once.source.support=enabled, workers that are killed and started one after the other, also without time to recover, leave each record of a
// source in the topic once and in its order, with each protocol. Method: three tasks of VerifiableSource count; the
// topic is read with read_committed. Java: connect_distributed_test.py, test_exactly_once_source.
import { after, before, it } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { SystemCluster } from './system-cluster.ts'
import { exactlyOnceScenario } from './system-delivery.ts'
import { PROTOCOLS } from './system-parameters.ts'

let kafka: Broker

before(async () => {
  kafka = await broker()
})

after(() => kafka?.stop())

for (const protocol of PROTOCOLS)
  it(`exactly once over hard bounces: ${protocol}`, async t => {
    const cluster = await SystemCluster.start({ bootstrap: kafka.bootstrap, protocol, isExactlyOnce: true })
    t.after(() => cluster.stop())
    await exactlyOnceScenario(cluster, kafka.bootstrap, false)
  })
