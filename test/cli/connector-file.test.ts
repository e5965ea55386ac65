// The three forms of a connector file.
import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { readConnectorFile } from '../../src/cli/connector-file.ts'
import { Folder } from './sluice.ts'

const folder = new Folder()
after(() => folder.remove())

const read = (name: string, text: string) => readConnectorFile(folder.write(name, text))

it('Java properties', async () => {
  assert.deepEqual(await read('a.properties', '# comment\nname = a\ntopics=x,\\\n  y\n'), {
    name: 'a',
    config: { name: 'a', topics: 'x,y' },
    initialState: undefined,
  })
})

it('a flat JSON map with a name; numbers become text', async () => {
  assert.deepEqual(await read('b.json', '{"name":"b","tasks.max":2}'), {
    name: 'b',
    config: { name: 'b', 'tasks.max': '2' },
    initialState: undefined,
  })
})

it('the JSON of a create request, with fields we do not know', async () => {
  assert.deepEqual(await read('c.json', '\n {"name":"c","config":{"topics":"t"},"initial_state":"stopped","comment":"x"}'), {
    name: 'c',
    config: { topics: 't', name: 'c' },
    initialState: 'STOPPED',
  })
})

it('a create request whose config has another name is refused', async () => {
  await assert.rejects(read('d.json', '{"name":"c","config":{"name":"d"}}'), /d\.json.*"name" is c.*is d/)
})
