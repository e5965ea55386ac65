// Hazard: a thread that cannot be ended keeps its owner, and with it a worker's shutdown, waiting for ever. Method: a real thread in a call of the
// operating system that waits for somebody to open the other end of a FIFO, which the test does at its end.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { abandonedThreads } from '../../src/base/abandoned-threads.ts'
import { ThreadPool } from '../../src/base/thread-pool.ts'
import { MIB } from '../../src/base/units.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

for (const end of ['close', 'giveUp', 'the watch'] as const)
  test(`${end} leaves a thread behind that a call of the operating system holds, and counts it until it is gone`, async t => {
    const folder = tempFolder(t)
    const fifo = join(folder, 'fifo')
    const begun = join(folder, 'begun')
    execFileSync('mkfifo', [fifo])
    const source = `import { readFileSync, writeFileSync } from 'node:fs'
      export default () => { writeFileSync(${JSON.stringify(begun)}, ''); readFileSync(${JSON.stringify(fifo)}) }`
    writeFileSync(join(folder, 'entry.mjs'), source)
    const pool = new ThreadPool({
      entry: pathToFileURL(join(folder, 'entry.mjs')),
      does: 'waits for a test',
      resourceLimits: { maxOldGenerationSizeMb: 16 },
      idleMs: Number.POSITIVE_INFINITY,
      limitsOf: () => ({ buffersBytes: 64 * MIB, cpuMs: end === 'the watch' ? 100 : Number.POSITIVE_INFINITY }),
    })
    const job = assert.rejects(pool.run({}))
    await until(() => existsSync(begun))
    if (end === 'close') await pool.close()
    else if (end === 'giveUp') pool.giveUp(new Error('as told'))
    await until(() => abandonedThreads.count === 1)
    // Opening lets the thread's open return, closing its read.
    closeSync(openSync(fifo, 'r+'))
    await until(() => abandonedThreads.count === 0)
    await job
  })
