// Keys of the file sink; names, types and defaults are Java's. Task, connector and job threads.
import { defineConfig } from '../../config/define.ts'

export const fileSinkConfig = defineConfig({
  file: {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'The file that lines are appended to. Not set: standard output.',
  },
})
