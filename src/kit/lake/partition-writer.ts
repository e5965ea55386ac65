// The open files of one Kafka partition: the unit of commit. A file per folder (encoded partition); all are finished together, then
// the offset behind their last record is safe. Task threads; one writer an assigned partition, made by LakeTask.
//
// Finishing encodes first and forgets last: an upload that fails leaves the file as it was, and the same call may be made again.
// Files already written then are not written twice, and the safe offset does not move before the last of them is. Where another thread encodes, rows
// go into the next files meanwhile; those wait for the earlier ones, so files become visible in the order of their offsets.
import { ConnectError, codeOf, DataError, isRetriable, toError } from '../../base/errors.ts'
import type { ColumnBatch } from '../../data/columns.ts'
import type { SinkRecord } from '../../data/record.ts'
import type { FileEncoder, FileFormat } from '../formats/format.ts'
import type { ObjectStore, UploadOwner } from '../object-store/object-store.ts'
import type { Partitioner, RowPlaces } from '../partitioning/partitioner.ts'
import { Rotation, type RotationRules } from '../rotation.ts'

/** Files written at the same time: each waits for the disk several times. */
const UPLOADS_MAX = 8
/** More rows than a batch of columns has, with some to spare for rows larger than the average. */
const NEAR_ROWS = 8192
/** Of an open file besides what its encoder holds: objects and names. */
const FILE_BYTES = 1024

export interface WriterParts {
  readonly store: ObjectStore
  readonly format: FileFormat
  readonly partitioner: Partitioner
  readonly rules: RotationRules
  /** `<topics.dir>/` or '' */
  readonly root: string
  readonly directoryDelimiter: string
  readonly fileDelimiter: string
  readonly offsetDigits: number
}

interface OpenFile {
  readonly topic: string
  readonly encoded: string
  readonly startOffset: number
  readonly encoder: FileEncoder
  /** the encoder's bytes as last counted */
  bytes: number
  /** the same, with what is held besides them */
  heldBytes: number
  rows: number
  /** of the part that still grows: see FileEncoder.groupBytes */
  groupRows: number
  lastOffset: number
}

/** Files that take no more rows, until the last of them is visible. */
interface Closing {
  readonly files: Map<string, OpenFile>
  readonly firstOffset: number | null
  /** how many there were */
  readonly count: number
  bytes: number
  /** null: it failed, and is to be tried again before anything is added */
  running: Promise<void> | null
}

/** Names are compared up to their offset: with `file.delim=-` those of partition 1 of t begin as those of topic t-1 do. */
function ownerOf(topic: string, partition: number, parts: WriterParts): UploadOwner {
  const { root, directoryDelimiter, fileDelimiter, format } = parts
  const name = `${topic}${fileDelimiter}${partition}${fileDelimiter}`
  const owns = (key: string) =>
    key.endsWith(format.extension) &&
    key
      .slice(0, -format.extension.length || undefined)
      .replace(/\d+$/, '')
      .endsWith(`${directoryDelimiter}${name}`)
  return { prefix: root, name, owns }
}

export class PartitionWriter {
  readonly topic: string
  readonly partition: number
  readonly #parts: WriterParts
  readonly #rotation: Rotation
  readonly #owner: UploadOwner
  /** by topic (an SMT may change it) and encoded partition */
  #files = new Map<string, OpenFile>()
  #latest: OpenFile | null = null
  #firstOffset: number | null = null
  #lastOffset = -1
  #bytes = 0
  #closing: Closing | null = null

  constructor(topic: string, partition: number, parts: WriterParts, nowMs: number) {
    this.topic = topic
    this.partition = partition
    this.#parts = parts
    this.#rotation = new Rotation(parts.rules, nowMs)
    this.#owner = ownerOf(topic, partition, parts)
  }

  /** Held in memory. */
  get bytes(): number {
    return this.#bytes + (this.#closing?.bytes ?? 0)
  }

  /** The first record that is not in a finished file, or null: then all that was put is safe. */
  get firstOpenOffset(): number | null {
    return this.#closing?.firstOffset ?? this.#firstOffset
  }

  /** Offset of the last record taken, refused ones included; -1 before the first. */
  get lastOffset(): number {
    return this.#lastOffset
  }

  /** A finish failed and is to be tried again before anything is added. */
  get isFinishing(): boolean {
    return this.#closing?.running === null
  }

  /** Files are being written while rows go into the next ones. */
  get isClosing(): boolean {
    return this.#closing !== null
  }

  /** Whether `closeAside` is better than `finish`: the open file would be encoded by another thread. */
  get goesAside(): boolean {
    return this.#files.size === 1 && this.#latest?.encoder.goesAside === true
  }

  /** Removes what a dead task left half uploaded. */
  async open(): Promise<void> {
    await this.#parts.store.discard?.(this.#owner)
  }

  /** The folder of a record. @throws DataError where the record lacks what the partitioner needs */
  encodedPartition(record: SinkRecord): string {
    return this.#parts.partitioner.encode(record)
  }

  /** Whether finish must be called before this record is added. */
  isDueBefore(record: SinkRecord, encoded: string, nowMs: number): boolean {
    if (this.#files.size === 0 && !this.#rotation.usesRecordTime) return this.#rotation.isDueBefore(encoded, 0, nowMs)
    const timeMs = this.#rotation.usesRecordTime ? this.#parts.partitioner.timeOf(record) : 0
    if (this.#rotation.isDueBefore(encoded, timeMs, nowMs)) return true
    const file = this.#find(record.topic, encoded)
    return file?.encoder.fits !== undefined && !file.encoder.fits(record)
  }

  /** @throws DataError for a value that the format cannot write or a name that no file can have; the record counts as taken then */
  add(record: SinkRecord, encoded: string): void {
    this.#lastOffset = record.originalKafkaOffset
    const timeMs = this.#rotation.usesRecordTime ? this.#parts.partitioner.timeOf(record) : 0
    const known = this.#find(record.topic, encoded)
    const file = known ?? this.#newFile(record.topic, record.originalKafkaOffset, encoded)
    file.encoder.append(record)
    if (known === undefined) this.#keep(file)
    this.#rotation.added(encoded, timeMs)
    file.rows++
    file.groupRows++
    file.lastOffset = record.originalKafkaOffset
    this.#weigh(file)
  }

  /**
   * Adds rows from `from` on that go into one file, up to where something is due before the next one; returns the row after them, `from` where the
   * first one must come as a record (or `finish` must be called first: isDueBefore tells of a record).
   */
  addRows(batch: ColumnBatch, places: RowPlaces, from: number, nowMs: number): number {
    const rotation = this.#rotation
    const { usesRecordTime } = rotation
    const encoded = places.encode(from)
    const firstMs = usesRecordTime ? places.timeOf(from) : 0
    if (rotation.isDueBefore(encoded, firstMs, nowMs)) return from
    const known = this.#find(batch.topic, encoded)
    const file = known ?? this.#newFile(batch.topic, batch.offsets[from]!, encoded)
    const most = Math.min(batch.count, from + rotation.room, from + this.#pieceRows(file))
    let to = from + 1
    while (to < most && this.#goesWith(places, to, encoded, usesRecordTime ? firstMs : null)) to++
    to = file.encoder.fitting?.(batch, from, to) ?? to
    if (to === from) return from
    if (file.encoder.appendColumns?.(batch, from, to) !== true) return from
    if (known === undefined) this.#keep(file)
    this.#lastOffset = batch.offsets[to - 1]!
    rotation.added(encoded, firstMs, to - from)
    file.rows += to - from
    file.groupRows += to - from
    file.lastOffset = this.#lastOffset
    this.#weigh(file)
    return to
  }

  #goesWith(places: RowPlaces, row: number, encoded: string, firstMs: number | null): boolean {
    try {
      return places.encode(row) === encoded && (firstMs === null || !this.#rotation.isSpanOver(places.timeOf(row), firstMs))
    } catch (error) {
      // Bad data is reported when it is this row's turn.
      if (error instanceof DataError) return false
      throw error
    }
  }

  /** Near a limit of bytes a file grows by as many rows as the row path weighs at a time: both then end it, or its group, at the same record. */
  #pieceRows({ encoder, bytes, groupRows }: OpenFile): number {
    const { weighRows, groupBytesMax = Number.POSITIVE_INFINITY } = this.#parts.format
    const groupBytes = encoder.groupBytes ?? bytes
    const left = Math.min(this.#parts.rules.fileBytesMax - bytes, groupBytesMax - groupBytes)
    const perRow = groupRows === 0 ? 1024 : groupBytes / groupRows
    if (left > perRow * NEAR_ROWS) return Number.POSITIVE_INFINITY
    return weighRows - ((groupRows + weighRows - 1) % weighRows)
  }

  #weigh(file: OpenFile): void {
    this.#latest = file
    const { bytes, spareBytes = 0 } = file.encoder
    const heldBytes = FILE_BYTES + bytes + spareBytes
    this.#bytes += heldBytes - file.heldBytes
    file.bytes = bytes
    file.heldBytes = heldBytes
  }

  /** A record that goes into no file: its offset is safe with those before it. */
  skip(record: SinkRecord): void {
    this.#lastOffset = record.originalKafkaOffset
  }

  /** The key of the open file that a record was added to. */
  keyOf(topic: string, encoded: string): string | undefined {
    const file = this.#find(topic, encoded)
    return file === undefined ? undefined : this.#keyOf(file)
  }

  /** Whether the files are full after the last add. */
  isFull(): boolean {
    return this.#rotation.isFull(this.#latest?.bytes ?? 0)
  }

  /** Whether endGroup is to be called after the last add, where no file is full. */
  get isGroupFull(): boolean {
    const { groupBytesMax } = this.#parts.format
    return groupBytesMax !== undefined && (this.#latest?.encoder.groupBytes ?? 0) >= groupBytesMax
  }

  async endGroup(): Promise<void> {
    const file = this.#latest
    if (file === null) return
    await file.encoder.endGroup?.()
    file.groupRows = 0
    this.#weigh(file)
  }

  isSlotOver(nowMs: number): boolean {
    return this.#rotation.isSlotOver(nowMs)
  }

  /** Writes all open files and makes them visible. After a failure call it again, or `settle`. Returns how many files were written. */
  async finish(nowMs: number): Promise<number> {
    const before = await this.settle()
    this.#close(nowMs)
    return before + (await this.settle())
  }

  /** As finish, but rows may be added to new files at once. Not while `isClosing`. The outcome is that of `settle`. */
  closeAside(nowMs: number): Promise<number> {
    this.#close(nowMs)
    return this.settle()
  }

  /** Waits for the files that are being written; after a failure tries them again. Returns how many there were. */
  async settle(): Promise<number> {
    const closing = this.#closing
    if (closing === null) return 0
    closing.running ??= this.#write(closing)
    const { running } = closing
    try {
      await running
    } catch (error) {
      // Another who waited may have begun the next try already.
      if (closing.running === running) closing.running = null
      throw error
    }
    if (this.#closing !== closing) return 0
    this.#closing = null
    return closing.count
  }

  /** No more rows go into the open files. */
  #close(nowMs: number): void {
    const files = this.#files
    for (const { encoder } of files.values()) encoder.seal?.()
    const closing: Closing = { files, firstOffset: this.#firstOffset, count: files.size, bytes: this.#bytes, running: null }
    this.#files = new Map()
    this.#bytes = 0
    this.#reset(nowMs)
    this.#closing = closing
    closing.running = this.#write(closing)
    closing.running.catch(() => undefined)
  }

  async #write(closing: Closing): Promise<void> {
    const waiting = [...closing.files]
    const lanes = Math.min(UPLOADS_MAX, waiting.length)
    const errors: unknown[] = []
    const lane = async (): Promise<void> => {
      // After a failure none begins any more; those on their way end before it is told.
      for (let next = waiting.shift(); next !== undefined && errors.length === 0; next = waiting.shift()) {
        const [name, file] = next
        try {
          await this.#upload(file)
          closing.files.delete(name)
          closing.bytes -= file.heldBytes
        } catch (error) {
          errors.push(error)
        }
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    if (errors.length > 0) throw errors.find(error => !isRetriable(error)) ?? errors[0]
  }

  /** The partition's offsets begin anew: no record counts as taken. Open files stay as they are. */
  forgetLast(): void {
    this.#lastOffset = -1
  }

  /** Forgets the open files without writing them: for previews. */
  abandon(nowMs: number): void {
    this.#files.clear()
    this.#bytes = 0
    this.#reset(nowMs)
  }

  #reset(nowMs: number): void {
    this.#firstOffset = null
    this.#latest = null
    this.#rotation.finished(nowMs)
  }

  #find(topic: string, encoded: string): OpenFile | undefined {
    const latest = this.#latest
    if (latest !== null && latest.encoded === encoded && latest.topic === topic) return latest
    return this.#files.get(`${topic}\0${encoded}`)
  }

  #newFile(topic: string, startOffset: number, encoded: string): OpenFile {
    const encoder = this.#parts.format.open(topic)
    const file = { topic, encoded, startOffset, encoder, bytes: 0, heldBytes: 0, rows: 0, groupRows: 0, lastOffset: startOffset }
    const reason = this.#parts.store.keyError?.(this.#keyOf(file)) ?? null
    if (reason !== null) throw new DataError(reason)
    return file
  }

  #keep(file: OpenFile): void {
    this.#files.set(`${file.topic}\0${file.encoded}`, file)
    this.#firstOffset ??= file.startOffset
  }

  async #upload(file: OpenFile): Promise<void> {
    const content = { firstOffset: file.startOffset, lastOffset: file.lastOffset, records: file.rows }
    const key = this.#keyOf(file)
    const upload = await this.#parts.store.begin(key, this.#owner, content)
    try {
      await file.encoder.encode(bytes => upload.write(bytes))
      await upload.complete()
    } catch (error) {
      await upload.abort()
      // It knows nothing of files. The rows went with it: the task fails, and reads them again.
      if (codeOf(error) !== 'CONNECT_JOB_FAILED') throw error
      throw new ConnectError(`${key} was not written: ${toError(error).message}`, { code: 'CONNECT_JOB_FAILED', cause: error })
    }
    file.encoder.free?.()
  }

  /** The consumed topic and partition stand in the name, whatever an SMT made of the topic: two topics never share a name. */
  #keyOf(file: OpenFile): string {
    const { root, directoryDelimiter: slash, fileDelimiter: plus, offsetDigits, format } = this.#parts
    const offset = String(file.startOffset).padStart(offsetDigits, '0')
    return `${root}${file.topic}${slash}${file.encoded}${slash}${this.topic}${plus}${this.partition}${plus}${offset}${format.extension}`
  }
}
