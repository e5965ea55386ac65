// How scripts/golden.ts records this folder.
import type { GoldenRecorder } from '../../../scripts/golden.ts'

export const recorders: readonly GoldenRecorder[] = [
  { java: 'RecordOffsets.java', args: ['record'] },
  { java: 'RecordConfigTopic.java', cases: 'config-topic-cases.ts' },
  { java: 'RecordStatusTopic.java', cases: 'status-topic-cases.ts' },
]
