// How scripts/golden.ts records this folder: protocol.json and rounds.json.
import type { GoldenRecorder } from '../../../scripts/golden.ts'

export const recorders: readonly GoldenRecorder[] = [{ java: 'Assignments.java', cases: 'cases.ts' }]
