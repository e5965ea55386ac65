// Entry of the pulse thread: a worker's heartbeats in its group, from a connection of its own. Made by src/supervisor/distributed/pulse-thread.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../src/base/clock.ts'
import { silentLogger } from '../src/base/log.ts'
import { clientConfigFrom } from '../src/kafka/client-config.ts'
import { Cluster } from '../src/kafka/cluster.ts'
import type { MemberIdentity } from '../src/kafka/codec/group-heartbeat.ts'
import { PulseLoop, type PulseSpec } from '../src/kafka/group-pulse.ts'

const { clientProps, clientId, lastAnswer, timeOriginMs, ...group } = workerData as PulseSpec
const answers = new Float64Array(lastAnswer)
// The main thread tells what is wrong with the cluster: it has the same connections.
const cluster = new Cluster(clientConfigFrom(clientProps, clientId), silentLogger)
const loop = new PulseLoop({
  ...group,
  cluster,
  log: silentLogger,
  clock: systemClock,
  protocolType: 'connect',
  answered(atMs) {
    // Each thread's time begins with the thread.
    answers[0] = atMs + performance.timeOrigin - timeOriginMs
  },
})
parentPort?.on('message', (identity: MemberIdentity | null) => loop.keep(identity))
await loop.run()
