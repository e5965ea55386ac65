// A consumer group as the broker knows it. Main thread of a test file.
import { Admin } from '../../src/kafka/admin.ts'
import { connected } from '../broker/producer-parts.ts'

/** Dead where there is none, Empty, Stable and so on. */
export async function groupState(bootstrap: string, groupId: string): Promise<string> {
  const cluster = await connected(bootstrap)
  try {
    return (await new Admin(cluster).describeGroup(groupId)).state
  } finally {
    await cluster.close()
  }
}
