// Keys of the file source; names, types and defaults are Java's. Task, connector and job threads.
import { defineConfig, nonEmpty, type Parsed } from '../../config/define.ts'

export const fileSourceConfig = defineConfig({
  file: {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'The file to read. Not set: standard input is read, and offsets are not tracked.',
  },
  topic: {
    type: 'string',
    importance: 'high',
    check: nonEmpty,
    doc: 'The topic that lines are written to.',
  },
  'batch.size': {
    type: 'int',
    default: 2000,
    importance: 'low',
    doc: 'The most lines that one poll hands over; at least one.',
  },
})

export type FileSourceConfig = Parsed<typeof fileSourceConfig.keys>
