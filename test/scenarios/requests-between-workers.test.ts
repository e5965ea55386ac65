// Goal: what workers say to each other over REST, as Java's SessionedProtocolIntegrationTest and RestForwardingIntegrationTest have it: the endpoint for task
// configs takes signed requests only, and what a follower cannot do itself the leader answers. Method: two workers with one listener each and one
// with two, asked as no worker would ask.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { freePorts } from '../../scripts/kafka/probe.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { Stage } from './stage.ts'

let stage: Stage

before(async () => {
  stage = await Stage.open(2, { 'connect.protocol': 'sessioned' })
})

after(() => stage?.close())

it('task configs are refused without a signature (400) and with a wrong one (403), whether the connector is there or not', async () => {
  const name = uniqueName('sink')
  const wrong = { 'X-Connect-Authorization': 'S2Fma2Flc3F1ZQ==', 'X-Connect-Request-Signature-Algorithm': 'HmacSHA256' }
  const refused = async () => {
    for (const member of stage.cluster.members)
      for (const [headers, status] of [
        [{}, 400],
        [wrong, 403],
      ] as const) {
        const answer = await member.rest(`/connectors/${name}/tasks`, { method: 'POST', body: [], headers })
        assert.equal(answer.status, status, JSON.stringify(answer.body))
      }
  }
  await refused()
  await createTopic(stage.kafka.bootstrap, name)
  await stage.put(name, stage.sink(name, name))
  await stage.running(name, 2)
  await refused()
  await stage.running(name, 2)
  await stage.remove(name)
})

for (const { name: title, listeners } of [
  { name: 'a request to either worker is answered: by the leader, over HTTP', listeners: 1 },
  {
    name: 'a request to a worker with two listeners is answered by the leader, and it can be reached at the one it advertises',
    listeners: 2,
  },
])
  it(title, async () => {
    const ports = await freePorts(listeners)
    const urls = ports.map(port => `http://127.0.0.1:${port}`)
    const keys = listeners === 2 ? { listeners: urls.join(','), 'rest.advertised.port': String(ports[0]) } : {}
    if (listeners === 2) await stage.cluster.add('sluice', keys, { port: ports[0] ?? 0 })
    const asked = listeners === 2 ? urls : stage.cluster.members.map(({ url }) => url)
    for (const url of asked) {
      const name = uniqueName('forwarded')
      await createTopic(stage.kafka.bootstrap, name)
      const request = (method: string, path: string, body?: unknown) =>
        fetch(url + path, {
          method,
          headers: { 'content-type': 'application/json' },
          body: body === undefined ? null : JSON.stringify(body),
        })
      const put = await request('PUT', `/connectors/${name}/config`, stage.sink(name, name))
      assert.equal(put.status, 201, await put.clone().text())
      assert.deepEqual(await put.json(), {
        name,
        config: { ...stage.sink(name, name), name },
        tasks: [],
        type: 'sink',
      })
      assert.equal(put.headers.get('location'), `${url}/connectors/${name}`)
      await stage.running(name, 2)
      assert.equal((await request('DELETE', `/connectors/${name}`)).status, 204)
    }
  })
