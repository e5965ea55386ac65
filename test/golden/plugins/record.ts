// How scripts/golden.ts records this folder: the order of every pair of versions in cases.json, and what each range means.
import type { GoldenRecorder } from '../../../scripts/golden.ts'

export const recorders: readonly GoldenRecorder[] = [{ java: 'Recorder.java', cases: 'cases.json' }]
