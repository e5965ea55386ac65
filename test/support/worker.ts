// The standalone worker as a child process of a test; see scripts/sluice-worker.ts. Main thread of a test file.
export {
  propertiesText,
  type RestAnswer,
  startWorker,
  type WorkerOptions,
  type WorkerProcess,
} from '../../scripts/sluice-worker.ts'
