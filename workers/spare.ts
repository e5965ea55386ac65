// Entry of a spare thread: has loaded what tasks and connectors need, and is the thread of the one that it is given.
import { parentPort, workerData } from 'node:worker_threads'
import type { Begin, SpareData } from '../src/actor/spare-threads.ts'
import { trimHeap } from '../src/actor/trim-heap.ts'
import { Catalogue } from '../src/plugins/catalogue.ts'
import { runConnector } from '../src/task/run-connector.ts'
import { runTask } from '../src/task/run-task.ts'
import '../src/task/source-task/open.ts'

const { converters } = workerData as SpareData
const builtIn = new Catalogue()
// One that is not built in, or written as a variable, is loaded by the tasks that use it.
await Promise.allSettled(converters.map(name => builtIn.load('converter', name)))
trimHeap()
// The host listens before this returns: no message behind the first is missed.
parentPort?.once('message', (begin: Begin) => void (begin.entry === 'task' ? runTask(begin.data) : runConnector(begin.data)))
