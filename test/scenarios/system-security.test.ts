// Goal: workers whose clients all use TLS and SASL do the same as others: lines of a file go through a topic into another file, for each protocol, exactly
// once and not, and in a group with a Java worker. Method: a broker of this file's own with a listener for them; the topics are made and looked at over
// its plain one. Java: connect_distributed_test.py, with GSSAPI in the place of PLAIN.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import type { Kind } from '../support/connect-cluster.ts'
import { type SecureBroker, secureBroker } from '../support/secure-broker.ts'
import { SystemCluster } from './system-cluster.ts'
import { fileToFile } from './system-file-parts.ts'
import { groupText, MIXED, PROTOCOLS, type Protocol } from './system-parameters.ts'

let kafka: SecureBroker
const folder = mkdtempSync(join(tmpdir(), 'sluice-system-security-'))

before(async () => {
  kafka = await secureBroker()
})

after(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** For the worker itself, and for the clients of its connectors. */
const clientKeys = () =>
  Object.fromEntries(
    ['', 'producer.', 'consumer.', 'admin.'].flatMap(prefix =>
      Object.entries(kafka.client).map(([key, value]) => [prefix + key, value]),
    ),
  )

interface Options {
  readonly protocol: Protocol
  readonly isExactlyOnce?: boolean
  readonly kinds?: readonly Kind[]
}

async function run(options: Options): Promise<void> {
  const cluster = await SystemCluster.start({ bootstrap: kafka.bootstrap, worker: clientKeys(), ...options })
  try {
    await fileToFile(cluster, kafka.broker.bootstrap, folder)
    const { body } = await cluster.ask<{ kafka_cluster_id: string }>('GET', '/')
    assert.match(body.kafka_cluster_id, /./)
  } finally {
    await cluster.stop()
  }
}

for (const protocol of PROTOCOLS) {
  it(`file to file with SASL_SSL: ${protocol}`, () => run({ protocol }))
  it(`file to file with SASL_SSL: exactly once, ${protocol}`, () => run({ protocol, isExactlyOnce: true }))
}

it(`file to file with SASL_SSL: ${groupText(MIXED)}`, () => run({ protocol: 'sessioned', kinds: MIXED }))
