// DropHeaders: takes headers with certain names off the record. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { defineConfig, filledList } from '../config/define.ts'
import { Headers } from '../data/headers.ts'
import type { ConnectRecord } from '../data/record.ts'
import { transform } from './definition.ts'

export const dropHeadersConfig = defineConfig({
  headers: { type: 'list', importance: 'high', check: filledList, doc: 'Names of the headers to drop.' },
})

class DropHeaders implements Transformation {
  #names: ReadonlySet<string> = new Set()

  configure(props: Props): void {
    this.#names = new Set(dropHeadersConfig.parse(props).headers)
  }

  /** Sinks that take columns see no headers. */
  columns(): ColumnStep {
    return () => true
  }

  apply<R extends ConnectRecord>(record: R): R {
    const kept = record.headers.entries.filter(header => !this.#names.has(header.key))
    return kept.length === record.headers.size ? record : (record.with({ headers: new Headers(kept) }) as R)
  }
}

export const plugins: readonly Plugin[] = [transform('DropHeaders', dropHeadersConfig, () => new DropHeaders())]
