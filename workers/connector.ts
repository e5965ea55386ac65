// Entry of a connector thread: answers the supervisor about the connector of its spec until it is stopped.
import { workerData } from 'node:worker_threads'
import type { ConnectorSpec } from '../src/actor/messages.ts'
import { trimHeap } from '../src/actor/trim-heap.ts'
import { runConnector } from '../src/task/run-connector.ts'

await runConnector(workerData as ConnectorSpec, trimHeap)
