// A preview's report as text for a terminal: a block a record, a line a step. Pure; main thread, called by preview.ts.
import type {
  PreviewReport,
  RecordPreview,
  Shown,
  ShownRecord,
  SinkRecordPreview,
  SourceRecordPreview,
} from '../actor/preview-messages.ts'
import { printable } from './terminal-text.ts'

/** Of one value; --json shows more. */
const VALUE_CHARS_MAX = 200

export function previewText(report: PreviewReport): string {
  const { name, type, class: className, summary, notes, records } = report
  const failed = Object.entries(summary.failed_by_stage).map(([stage, count]) => `${count} in ${stage}`)
  const counts = [`${summary.read} read`, `${summary.ok} ok`, `${summary.dropped} dropped`, `${summary.ignored} ignored`]
  const lines = [
    `${name}: ${type} ${className}`,
    `${counts.join(', ')}, ${summary.failed} failed${failed.length === 0 ? '' : ` (${failed.join(', ')})`}; ${summary.ms} ms`,
    ...notes.map(note => `note: ${note}`),
    ...records.flatMap(record => ['', ...recordLines(record)]),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

function recordLines(record: RecordPreview): string[] {
  const lines = [`${placeOf(record)}: ${record.outcome}`]
  if (record.record !== null) lines.push(...valueLines('in', record.record))
  for (const step of record.transforms) {
    lines.push(`  ${step.alias} (${step.class.slice(step.class.lastIndexOf('.') + 1)}): ${step.result}`)
    if (step.record !== undefined) lines.push(...valueLines('  ', step.record))
  }
  if ('produced' in record && record.produced !== undefined) {
    const { topic, partition, key, value } = record.produced
    lines.push(`  to   topic ${topic}${partition === null ? '' : `, partition ${partition}`}: ${shown(key)} = ${shown(value)}`)
  }
  if ('target' in record && record.target !== undefined) lines.push(`  to   ${pathOf(record.target)}`)
  if (record.error !== undefined) {
    const { stage, transform, message } = record.error
    lines.push(`  ${stage}${transform === undefined ? '' : ` ${transform}`}: ${message}`)
  }
  return lines
}

function placeOf(record: SinkRecordPreview | SourceRecordPreview): string {
  if ('source_offset' in record) return `${shown(record.source_partition)} at ${shown(record.source_offset)}`
  return `${record.topic}-${record.partition} at offset ${record.offset}`
}

function valueLines(label: string, { topic, key, value, headers }: ShownRecord): string[] {
  const names = headers.map(header => `${header.name}: ${shown(header.value)}`)
  return [
    `  ${label}   ${topic}: ${shown(key.value)} = ${shown(value.value)}${names.length === 0 ? '' : ` {${names.join(', ')}}`}`,
  ]
}

function pathOf({ path, format }: { readonly [name: string]: Shown }): string {
  return `${String(path)}${format === undefined ? '' : ` (${String(format)})`}`
}

function shown(value: Shown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item))
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text
}
