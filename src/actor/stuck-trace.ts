// Where a thread that no longer answers spends its time: a short CPU profile, taken from outside, read as a stack. Main thread.
import type { Worker } from 'node:worker_threads'
import type { Clock } from '../base/clock.ts'

interface ProfileNode {
  readonly id: number
  readonly hitCount?: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    readonly lineNumber: number
    readonly columnNumber: number
  }
  readonly children?: readonly number[]
}

/** Long enough for some hundred samples at V8's 1 ms interval. */
const PROFILE_MS = 200
/** A thread inside one native call takes no samples; do not wait for it for long. */
const PROFILE_WAIT_MS_MAX = 3_000

/** The busiest stack as `    at f (file:line:column)` lines, innermost first; '' where none could be taken. */
export async function stuckTrace(worker: Worker, clock: Clock): Promise<string> {
  const taken = (async () => {
    const profile = await worker.startCpuProfile()
    await clock.sleep(PROFILE_MS)
    return busiestStack(await profile.stop())
  })()
  taken.catch(() => undefined)
  return Promise.race([taken, clock.sleep(PROFILE_WAIT_MS_MAX).then(() => '')]).catch(() => '')
}

function busiestStack(profileJson: string): string {
  const { nodes } = JSON.parse(profileJson) as { nodes: readonly ProfileNode[] }
  const parentOf = new Map<number, ProfileNode>()
  for (const node of nodes) for (const child of node.children ?? []) parentOf.set(child, node)
  let busiest: ProfileNode | undefined
  for (const node of nodes) {
    const isIdle = node.callFrame.functionName.startsWith('(')
    if (!isIdle && (node.hitCount ?? 0) > (busiest?.hitCount ?? 0)) busiest = node
  }
  const lines: string[] = []
  for (let node = busiest; node !== undefined; node = parentOf.get(node.id)) {
    const { functionName, url, lineNumber, columnNumber } = node.callFrame
    if (functionName === '(root)') break
    lines.push(`    at ${functionName || '<anonymous>'} (${url}:${lineNumber + 1}:${columnNumber + 1})`)
  }
  return lines.join('\n')
}
