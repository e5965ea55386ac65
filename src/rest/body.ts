// Request bodies, read as strictly and as leniently as Java's Jackson: config values may be numbers or booleans and become their text,
// unknown fields are refused. What does not fit is an error with status 500, as in Java (CONNECT.md 1.1). Main thread.

import { BadRequestError } from '../base/errors.ts'
import { NumberText } from '../base/number-text.ts'
import { HttpError } from './errors.ts'
import type { AskedOffset, InitialState, RequestedConfig } from './herder-types.ts'
import { parseBody, unreadable, VALUES_MAX } from './json-body.ts'
import type { RequestBody } from './resource.ts'
import { connectorOffsets, createRequest, type Form, INITIAL_STATES, levelRequest, requestedConfig } from './schemas.ts'

export function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof NumberText) {
    throw unreadable(`${what} must be a JSON object`)
  }
  return value as Record<string, unknown>
}

export function refuseUnknown(object: object, known: readonly string[]): void {
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) throw unreadable(`Unrecognized field "${key}" (known: ${known.join(', ')})`)
  }
}

/** What is done with a config on this thread (checks, copies for other threads, the answer of validation) takes some 10 µs a key. */
export const CONFIG_KEYS_MAX = 2_000

/**
 * A config map; null values are kept for whoever knows what they mean.
 * @throws HttpError 413 for more keys, 500 for another form
 */
export function configOf(value: unknown, what = 'The configuration', keysMax = CONFIG_KEYS_MAX): RequestedConfig {
  const given = Object.entries(objectOf(value, what))
  if (given.length > keysMax)
    throw new HttpError(413, `${what} has ${given.length} keys, which is more than the ${keysMax} that are taken`)
  const entries = given.map(([key, item]): [string, string | null] => [key, textOf(key, item)])
  return Object.fromEntries(entries)
}

function textOf(key: string, item: unknown): string | null {
  if (item === null || typeof item === 'string') return item
  if (typeof item === 'boolean' || typeof item === 'number') return String(item)
  if (item instanceof NumberText) return item.text
  throw unreadable(`The value of "${key}" must be a string, a number or a boolean`)
}

export interface CreateRequest {
  readonly name: string
  readonly config: RequestedConfig
  readonly initialState: InitialState | undefined
}

export function createRequestOf(body: unknown): CreateRequest {
  const request = objectOf(body, 'The request')
  refuseUnknown(request, ['name', 'config', 'initial_state'])
  if (request.config === undefined || request.config === null) throw unreadable('The request holds no "config"')
  const name = textOf('name', request.name ?? null)
  const asked = textOf('initial_state', request.initial_state ?? null)
  const state = asked?.toUpperCase()
  if (state !== undefined && !(INITIAL_STATES as readonly string[]).includes(state)) {
    throw unreadable(`Invalid initial_state "${asked}", must be one of ${INITIAL_STATES.join(', ')}`)
  }
  return { name: (name ?? '').trim(), config: configOf(request.config), initialState: state as InitialState | undefined }
}

/** `{"offsets":[{"partition":{…},"offset":{…}|null}]}` */
export function offsetsOf(body: unknown): AskedOffset[] {
  const request = objectOf(body, 'The request')
  refuseUnknown(request, ['offsets'])
  const { offsets } = request
  if (offsets === undefined || offsets === null || (Array.isArray(offsets) && offsets.length === 0)) {
    throw new BadRequestError('Partitions / offsets need to be provided for an alter offsets request')
  }
  if (!Array.isArray(offsets)) throw unreadable('"offsets" must be a list')
  return offsets.map((entry: unknown) => {
    const { partition, offset } = objectOf(entry, 'An entry of "offsets"')
    refuseUnknown(entry as object, ['partition', 'offset'])
    if (partition === undefined || partition === null)
      throw new BadRequestError('The partition of an offset cannot be null or missing')
    return { partition: offsetMapOf(partition), offset: offset === undefined || offset === null ? null : offsetMapOf(offset) }
  })
}

function offsetMapOf(value: unknown): AskedOffset['partition'] {
  const entries = Object.entries(objectOf(value, 'A partition or offset')).map(([key, item]) => {
    if (item instanceof NumberText) return [key, item] as const
    if (item === null || typeof item === 'string' || typeof item === 'boolean' || typeof item === 'number')
      return [key, item] as const
    throw unreadable(`The value of "${key}" in a partition or offset must be a primitive`)
  })
  return Object.fromEntries(entries)
}

/** Of a body that is a config and little else. */
const CONFIG_VALUES_MAX = CONFIG_KEYS_MAX + 100

/**
 * @param read checks and reads the parsed JSON
 * @param valuesMax of the whole body
 */
export function jsonBody<T>(form: Form, read: (json: unknown) => T, valuesMax = CONFIG_VALUES_MAX): RequestBody<T> {
  return { form, read: bytes => read(parseBody(bytes, valuesMax)) }
}

/** The bodies that endpoints declare. */
export const configBody = jsonBody(requestedConfig, json => configOf(json))
export const patchBody = jsonBody(requestedConfig, json => configOf(json, 'The patch'))
export const createBody = jsonBody(createRequest, createRequestOf)
export const offsetsBody = jsonBody(connectorOffsets, offsetsOf, VALUES_MAX)

export const levelBody = jsonBody(levelRequest, json => {
  const { level } = configOf(json, 'The request')
  if (level === undefined || level === null) throw new BadRequestError("Desired 'level' parameter was not specified in request.")
  return level
})
