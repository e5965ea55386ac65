// What an oracle of `npm run test:oracle` is: something made at random from a seed, done by Java and by us, and compared. To add one:
// a file that exports an Oracle, and its line in main.ts.
import type { JavaPeer } from './java-peer.ts'

export interface OracleOptions {
  readonly seed: number
  /** how many cases or records */
  readonly count: number
  /** only this case of the seed, to see a mismatch again */
  readonly only: number | null
  /** how many to show; transforms shows one, made small */
  readonly mismatches: number
}

export interface Oracle {
  /** first argument of `npm run test:oracle --` */
  readonly name: string
  readonly countDefault: number
  startJava(): Promise<JavaPeer>
  /** Lines to print, and why it failed: mismatches, or that it tested too little. */
  run(java: JavaPeer, options: OracleOptions): Promise<OracleReport>
}

export interface OracleReport {
  readonly lines: readonly string[]
  /** empty: passed */
  readonly faults: readonly string[]
}
