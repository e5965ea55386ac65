// Where the program's own files lie: as TypeScript in the source tree, or as JavaScript in dist/, which scripts/build.ts lays out alike. Any
// thread.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Else built. */
export const IS_SOURCE = import.meta.url.endsWith('.ts')
/** This file is two folders deep in both: a bundle's shared chunks are kept at that depth. */
const TREE = pathToFileURL(join(import.meta.dirname, '..', '..', '/'))

/** Holds package.json, templates and node_modules. */
export const PACKAGE_ROOT = IS_SOURCE ? TREE : new URL('..', TREE)

/** @param path without extension, for example `workers/task` */
export function ownModule(path: string): URL {
  return new URL(`${path}.${IS_SOURCE ? 'ts' : 'js'}`, TREE)
}

/** Loads a package that most threads never need when it is first needed, at once: an import would cost each of them its time and memory. */
export const requirePackage = createRequire(import.meta.url)
