// The plugins of this package: the worker imports this module and reads `plugins`.
import type { Plugin } from 'sluice'
import { fieldEquals } from './field-equals.ts'
import { hashField } from './hash-field.ts'
import { sqliteSink } from './sqlite-sink.ts'

export const plugins: readonly Plugin[] = [sqliteSink, hashField, fieldEquals]
