// A record's headers: an immutable list, names may repeat. Any thread. Java: org.apache.kafka.connect.header.Headers.
import type { Schema } from './schema.ts'

export interface Header {
  readonly key: string
  readonly schema: Schema | null
  readonly value: unknown
}

export class Headers {
  readonly entries: readonly Header[]

  constructor(entries: readonly Header[]) {
    this.entries = entries
  }

  get size(): number {
    return this.entries.length
  }

  with(key: string, schema: Schema | null, value: unknown): Headers {
    return new Headers([...this.entries, { key, schema, value }])
  }

  without(key: string): Headers {
    return new Headers(this.entries.filter(h => h.key !== key))
  }

  lastWithName(key: string): Header | undefined {
    return this.entries.findLast(h => h.key === key)
  }
}

export const NO_HEADERS = new Headers([])
