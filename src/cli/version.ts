// Name and version of this program, from package.json. Main thread.
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

export const VERSION = version
/** Not known in a source tree; a release build sets it. */
export const COMMIT = process.env.SLUICE_COMMIT ?? 'unknown'
