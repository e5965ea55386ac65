// How scripts/golden.ts records this folder.
import type { GoldenRecorder } from '../../../scripts/golden.ts'

export const recorders: readonly GoldenRecorder[] = [{ java: 'recorder/KafkaGolden.java' }, { java: 'recorder/RecordBatchGolden.java' }]
