// DescribeConfigs and IncrementalAlterConfigs of topics and brokers. Any thread; used by admin.ts.
//
// DescribeConfigs version 2, not flexible.
// request  => [resources] include_synonyms(bool)      resources => type(int8) name(string) [config name(string)] or null for all
// response => throttle_time_ms(int32) [results]
//   results => error_code(int16) error_message(nullable string) type(int8) name(string) [configs]
//   configs => name(string) value(nullable string) read_only(bool) source(int8) is_sensitive(bool) [synonyms]
//   synonyms => name(string) value(nullable string) source(int8)
//
// IncrementalAlterConfigs version 0 (KIP-339), not flexible.
// request  => [resources] validate_only(bool)         resources => type(int8) name(string) [name(string) op(int8) value(nullable string)]
// response => throttle_time_ms(int32) [error_code(int16) error_message(nullable string) type(int8) name(string)]
import type { Api } from '../types.ts'
import type { NamedOutcome } from './admin-topics.ts'
import { Reader, Writer } from './wire.ts'

export const describeConfigsApi: Api = { key: 32, version: 2, name: 'DescribeConfigs' }
export const alterConfigsApi: Api = { key: 44, version: 0, name: 'IncrementalAlterConfigs' }

export const TOPIC = 2
export const BROKER = 4
const SET = 0
const DELETE = 1

export interface ConfigEntry {
  readonly name: string
  readonly value: string | null
  readonly isReadOnly: boolean
  /** 1: set on the topic itself; 5: the default of the software */
  readonly source: number
  readonly isSensitive: boolean
}

export interface DescribedConfigs extends NamedOutcome {
  readonly configs: readonly ConfigEntry[]
}

export function encodeDescribeConfigs(type: number, names: readonly string[], keys: readonly string[] | null): Buffer {
  return new Writer()
    .array(names, (w, name) => {
      w.int8(type).string(name)
      if (keys === null) w.int32(-1)
      else w.array(keys, (v, key) => v.string(key))
    })
    .int8(0)
    .finish()
}

export function decodeDescribeConfigs(body: Buffer): DescribedConfigs[] {
  const r = new Reader(body)
  r.int32()
  return r.array(() => {
    const errorCode = r.int16()
    const message = r.nullableString()
    r.int8()
    return { errorCode, message, name: r.string(), configs: r.array(() => readEntry(r)) }
  })
}

function readEntry(r: Reader): ConfigEntry {
  const entry = {
    name: r.string(),
    value: r.nullableString(),
    isReadOnly: r.int8() !== 0,
    source: r.int8(),
    isSensitive: r.int8() !== 0,
  }
  r.array(() => {
    r.string()
    r.nullableString()
    r.int8()
  })
  return entry
}

/** @param changes null removes the setting */
export function encodeAlterConfigs(type: number, name: string, changes: Readonly<Record<string, string | null>>): Buffer {
  return new Writer()
    .array([name], (w, resource) =>
      w
        .int8(type)
        .string(resource)
        .array(Object.entries(changes), (v, [key, value]) =>
          v
            .string(key)
            .int8(value === null ? DELETE : SET)
            .nullableString(value),
        ),
    )
    .int8(0)
    .finish()
}

export function decodeAlterConfigs(body: Buffer): NamedOutcome[] {
  const r = new Reader(body)
  r.int32()
  return r.array(() => {
    const errorCode = r.int16()
    const message = r.nullableString()
    r.int8()
    return { errorCode, message, name: r.string() }
  })
}
