// How scripts/golden.ts records this folder.
import type { GoldenRecorder } from '../../../scripts/golden.ts'

export const recorders: readonly GoldenRecorder[] = [{ java: 'Recorder.java', cases: 'cases.ts' }]
