// Goal: workers that are stopped and started one after the other lose no record and write or read none twice, with each protocol and in a group with a Java
// worker. Method: three tasks of VerifiableSource to three of VerifiableSink; what was acknowledged, what is in the topic and what was flushed is held
// against each other. Java: connect_distributed_test.py, test_bounce.
import { after, before, it } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { SystemCluster } from './system-cluster.ts'
import { bounceScenario } from './system-delivery.ts'
import { groupText, MIXED, PROTOCOLS } from './system-parameters.ts'

let kafka: Broker

before(async () => {
  kafka = await broker()
})

after(() => kafka?.stop())

for (const protocol of PROTOCOLS)
  it(`clean bounces of source and sink: ${protocol}`, async t => {
    const cluster = await SystemCluster.start({ bootstrap: kafka.bootstrap, protocol })
    t.after(() => cluster.stop())
    await bounceScenario(cluster, kafka.bootstrap, true)
  })

it(`clean bounces of source and sink: ${groupText(MIXED)}`, async t => {
  const cluster = await SystemCluster.start({ bootstrap: kafka.bootstrap, protocol: 'sessioned', kinds: MIXED })
  t.after(() => cluster.stop())
  await bounceScenario(cluster, kafka.bootstrap, true)
})
