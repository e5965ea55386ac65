// Connector files of the standalone command line: Java properties, a flat JSON map with `name`, or the JSON of a create request.
// Main thread; called by standalone.ts. Every message names the file.
import { readFile } from 'node:fs/promises'
import { ConfigError } from '../base/errors.ts'
import { parseProperties } from '../config/properties.ts'
import { configOf, createRequestOf } from '../rest/body.ts'
import { parseText } from '../rest/json-body.ts'
import type { InitialState, RequestedConfig } from '../supervisor/herder.ts'

export interface ConnectorFile {
  readonly name: string
  readonly config: RequestedConfig
  readonly initialState: InitialState | undefined
}

/** Reads a file as the user named it; `what` stands in the message. */
export async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new ConfigError('', `The ${what} ${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/** @throws ConfigError naming the file when it has none of the three forms */
export async function readConnectorFile(path: string): Promise<ConnectorFile> {
  const text = await readText(path, 'connector file')
  try {
    return text.trimStart().startsWith('{') ? fromJson(text) : fromFlat(parseProperties(text))
  } catch (error) {
    throw new ConfigError('', `The connector file ${path} is not usable: ${(error as Error).message}`, { cause: error })
  }
}

function fromJson(text: string): ConnectorFile {
  const parsed = parseText(text, 'its text') as Record<string, unknown>
  const isRequest = typeof parsed.config === 'object' && parsed.config !== null
  if (!isRequest) return fromFlat(configOf(parsed))
  // Unlike REST, a file may hold fields we do not know.
  const { name, config, initialState } = createRequestOf({
    name: parsed.name,
    config: parsed.config,
    initial_state: parsed.initial_state,
  })
  const known = name === '' ? named(config) : name
  return { name: known, config: withName(config, known), initialState }
}

function fromFlat(config: RequestedConfig): ConnectorFile {
  return { name: named(config), config, initialState: undefined }
}

function named(config: RequestedConfig): string {
  const name = config.name?.trim()
  if (name === undefined || name === '') throw new ConfigError('name', 'it has no "name": every connector needs one')
  return name
}

function withName(config: RequestedConfig, name: string): RequestedConfig {
  const included = config.name
  if (included !== undefined && included !== null && included !== name) {
    throw new ConfigError('name', `its "name" is ${name}, but the name in its "config" is ${included}`)
  }
  return Object.fromEntries([...Object.entries(config), ['name', name]])
}
