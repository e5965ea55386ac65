// The loop of an oracle whose cases are independent questions: asks Java with a bounded number under way, and stops when enough mismatches
// are known. Main thread of `npm run test:oracle`.
import type { JavaPeer } from './java-peer.ts'
import type { OracleOptions } from './oracle.ts'

/**
 * @param check the words of a mismatch of case `number`, or null
 * @returns the mismatches, each with the command that shows it once more
 */
export async function compareCases(
  java: JavaPeer,
  name: string,
  { seed, count, only, mismatches }: OracleOptions,
  check: (number: number) => Promise<string | null>,
): Promise<string[]> {
  const found: string[] = []
  const waiting = new Set<Promise<void>>()
  const last = only ?? count - 1
  for (let number = only ?? 0; number <= last && found.length < mismatches; number++) {
    await java.ready()
    const checked = check(number).then(what => {
      waiting.delete(checked)
      if (what === null || found.length >= mismatches) return
      found.push(`${what}; once more: npm run test:oracle -- ${name} --seed ${seed} --case ${number}`)
    })
    waiting.add(checked)
  }
  await Promise.all(waiting)
  return found
}
