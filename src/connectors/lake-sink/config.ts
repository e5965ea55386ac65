// Keys of the lake sink: those of every lake sink, and where the folder is. Task, connector and job threads.
import { type Check, defineConfig } from '../../config/define.ts'
import { lakeKeys } from '../../kit/lake/lake-config.ts'
import { storeUrlError } from '../../kit/object-store/open-store.ts'

const openable: Check = (_name, value) => (typeof value === 'string' ? storeUrlError(value) : null)

export const lakeSinkConfig = defineConfig({
  'store.url': {
    type: 'string',
    importance: 'high',
    group: 'Storage',
    check: openable,
    doc: 'The folder that files are written below: a path or a file:// URL. It is made if absent.',
  },
  ...lakeKeys,
})
