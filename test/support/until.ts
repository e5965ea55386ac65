// Waits for a condition by looking again and again; see scripts/until.ts. Main thread of a test file.
export { until } from '../../scripts/until.ts'
