// `response.http.headers.config`: rules `action Name: value` that are applied to every answer before anything else writes headers, with the
// parsing and the refusals of Java's worker (and Jetty's HeaderFilter). Main thread; used by app.ts, parsed at start.
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { ConfigError, toError } from '../base/errors.ts'

const KEY = 'response.http.headers.config'
const ACTIONS = ['set', 'add', 'setDate', 'addDate'] as const
type Action = (typeof ACTIONS)[number]

export interface HeaderRule {
  readonly action: Action
  readonly name: string
  /** of setDate and addDate: milliseconds from now */
  readonly value: string
}

/** What a rule is applied to. */
export interface HeaderTarget {
  getHeader(name: string): unknown
  header(name: string, value: string | string[]): unknown
}

/** At commas outside of quotes; a rule in quotes may hold commas. */
function split(text: string): string[] {
  const parts: string[] = []
  for (const [, quoted, plain] of text.matchAll(/\s*(?:"((?:[^"\\]|\\.)*)"[^,]*|([^,]*))(?:,|$)/g)) {
    const part = quoted?.replace(/\\(.)/g, '$1') ?? plain?.trim() ?? ''
    if (part !== '') parts.push(part)
  }
  return parts
}

function refuse(why: string): never {
  throw new ConfigError(KEY, `Invalid value for configuration ${KEY}: ${why}`)
}

function ruleOf(text: string): HeaderRule {
  const match = /^(\S+)\s+([\s\S]+)$/.exec(text.trim())
  if (match === null) refuse(`Invalid format of header config '${text}'. Expected: '[action] [header name]:[header value]'`)
  const [, written = '', header = ''] = match
  const action = ACTIONS.find(known => known.toLowerCase() === written.toLowerCase())
  if (action === undefined) refuse(`Invalid header config action: '${written}'. Expected one of [${ACTIONS.join(', ')}]`)
  const [name = '', value = '', ...more] = header.split(':').map(part => part.trim())
  if (value === '' || more.length > 0)
    refuse(`Invalid format of header name and header value pair '${header}'. Expected: '[header name]:[header value]'`)
  if (name === '' || /\s/.test(name)) refuse(`Invalid header name '${name}'. The '[header name]' cannot contain whitespace`)
  if (action.endsWith('Date') && !/^-?\d{1,15}$/.test(value)) refuse(`'${value}' of ${name} must be a number of milliseconds`)
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch (error) {
    refuse(toError(error).message)
  }
  return { action, name, value }
}

/** @throws ConfigError in Java's words */
export function parseHeaderRules(config: string): HeaderRule[] {
  return split(config).map(ruleOf)
}

export function applyHeaders(rules: readonly HeaderRule[], target: HeaderTarget, nowMs: number): void {
  for (const { action, name, value } of rules) {
    const text = action.endsWith('Date') ? new Date(nowMs + Number(value)).toUTCString() : value
    const present = target.getHeader(name)
    const isAdded = action.startsWith('add') && present !== undefined
    target.header(name, isAdded ? [present, text].flat().map(String) : text)
  }
}
