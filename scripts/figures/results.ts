// What bench/results/*.ndjson holds for the documentation, and how figures and their origin are written there. Called by `npm run docs`.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Provenance, wasQuiet } from '../../bench/machine.ts'
import type { Spread } from '../../bench/spread.ts'

const folder = fileURLToPath(new URL('../../bench/results/', import.meta.url))
/** A run with fewer of these is a trial. */
export const RECORDS_MIN = 1_000_000
export const ROUNDS_MIN = 3

/** Runs on a quiet machine, the oldest first. */
export function quietRuns<T>(name: string): (Provenance & T)[] {
  const file = `${folder}${name}.ndjson`
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  const runs = lines.filter(line => line !== '').map(line => JSON.parse(line) as Provenance & T)
  return runs.filter(wasQuiet)
}

export const thousands = (value: number) => Math.round(value).toLocaleString('en-US')
export const median = (value: Spread | null | undefined, digits: number) => (value == null ? '-' : value.median.toFixed(digits))
export const machineOnly = ({ machine }: Provenance) => `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB`

/** What was run, for the reader to run again. @param name of the bench, as in `npm run bench:NAME` */
export const commandText = (name: string, { args = [] }: Provenance) =>
  `\`npm run bench:${name}${args.length === 0 ? '' : ` -- ${args.join(' ')}`}\``

export function machineText(run: Provenance): string {
  return `commit ${run.commit}, Node ${run.node}, ${run.at.slice(0, 10)}, ${machineOnly(run)}`
}
