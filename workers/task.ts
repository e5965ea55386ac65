// Entry of a task thread: runs the task of its spec until it is stopped or fails.
import { workerData } from 'node:worker_threads'
import type { TaskSpec } from '../src/actor/messages.ts'
import { trimHeap } from '../src/actor/trim-heap.ts'
import { runTask } from '../src/task/run-task.ts'

await runTask(workerData as TaskSpec, trimHeap)
