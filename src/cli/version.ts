// Name and version of this program, from package.json. Main thread.
import { readFileSync } from 'node:fs'
import { PACKAGE_ROOT } from '../base/layout.ts'

const { version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8')) as { version: string }

export const VERSION = version
/** Not known in a source tree; a release build sets it. */
export const COMMIT = process.env.SLUICE_COMMIT ?? 'unknown'
