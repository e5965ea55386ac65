// What a file format is to a lake sink: it takes records as they come and gives the file's bytes at the end. Task threads.
import type { ColumnBatch } from '../../data/columns.ts'
import type { SinkRecord } from '../../data/record.ts'

/** A file in the making. Keeps encoded bytes or columns, never records: those hold views into a fetch buffer. */
export interface FileEncoder {
  /** Whether the record can stand in this file; else it is finished and another begins (a changed schema). Absent: always. */
  fits?(record: SinkRecord): boolean
  /** @throws DataError for a value that cannot be written; nothing of it is kept then */
  append(record: SinkRecord): void
  /**
   * Rows [from, to) of a batch of columns (D3), with the same outcome as appending each record. False, and nothing done, where they must come
   * as records: another schema, values that this format has no columns for.
   */
  appendColumns?(batch: ColumnBatch, from: number, to: number): boolean
  /** Up to which row of [from, to) a batch of columns can stand in this file: what `fits` is for a record. Absent: all. */
  fitting?(batch: ColumnBatch, from: number, to: number): number
  /** Of what was written: what limits of a file's size count. */
  readonly bytes: number
  /** Held besides: room that is not used yet, objects. With `bytes` it is what the file takes of a task's memory. */
  readonly spareBytes?: number
  /** Of these, those of the part of the file that still grows. Where they reach the format's `groupBytesMax`, endGroup is called before more rows come. */
  readonly groupBytes?: number
  /** Encodes that part, which is kept in its place. What was learned of the columns is fixed from now on: see fits. */
  endGroup?(): Promise<void>
  /** Whether the growing part would be encoded by another thread now, while this one goes on. Absent: never. */
  readonly goesAside?: boolean
  /**
   * No more rows come. Files that are finished together are sealed in the order in which they were opened, before the first is encoded: what the
   * format learns of them then does not hang on which upload is the quickest.
   */
  seal?(): void
  /** Hands over the whole file in pieces. May be called again after a failure; yields to the event loop in long files. */
  encode(write: (bytes: Uint8Array) => Promise<void>): Promise<void>
  /** The file is where it should be: its memory is given back at once. Nothing is asked of the encoder afterwards. */
  free?(): void
}

export interface FileFormat {
  /** with its dot, such as .json.gz */
  readonly extension: string
  /** its encoders have appendColumns */
  readonly takesColumns: boolean
  /** `bytes` of its encoders is brought up to date after the first row (of a group) and then after each so many */
  readonly weighRows: number
  /** Absent: files are not written in parts. */
  readonly groupBytesMax?: number
  /** @param topic files of one topic may share what was learned about its columns */
  open(topic: string): FileEncoder
}
