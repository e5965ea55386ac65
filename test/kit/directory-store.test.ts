// The folder as an object store, under the store suite.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { directoryStore } from '../../src/kit/object-store/directory-store.ts'
import { storeConformance } from '../conformance/store.ts'
import { tempFolder } from '../support/temp-folder.ts'

storeConformance({
  name: 'folder',
  partBytes: 1 << 20,
  async setUp(t) {
    const root = tempFolder(t)
    const staged = () => {
      try {
        return readdirSync(join(root, '.sluice-staging')).length
      } catch {
        return 0
      }
    }
    return { store: directoryStore(root), unfinished: async () => staged() }
  },
})
