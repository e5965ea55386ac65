// The real pool over threads of the test's own.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { type JobPoolOptions, PiscinaJobPool } from '../../src/supervisor/job-pool.ts'
import { until } from '../support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-jobs-'))
const pools: PiscinaJobPool[] = []
after(async () => {
  await Promise.all(pools.map(pool => pool.close()))
  rmSync(folder, { recursive: true, force: true })
})

function open(source: string, options: JobPoolOptions = {}): PiscinaJobPool {
  const file = join(folder, `entry-${pools.length}.mjs`)
  writeFileSync(file, source)
  const pool = new PiscinaJobPool({ w: '1' }, silentLogger, { entry: pathToFileURL(file), clock: systemClock, ...options })
  pools.push(pool)
  return pool
}

describe('the job pool', () => {
  it('answers with the value, or throws the error with its code', async () => {
    const pool = open(`
      export const pluginConfig = async ({ name, version, workerProps }) => ({ value: [name, version, workerProps.w] })
      export const validate = async () => ({ error: { name: 'ConfigError', code: 'CONNECT_CONFIG', message: 'no', stack: '', retriable: false } })
      export const plugins = async () => ({ value: [] })
      export const connector = async () => ({ value: {} })`)
    assert.deepEqual(await pool.pluginConfig('p', '2'), ['p', '2', '1'])
    await assert.rejects(pool.validate({}), { code: 'CONNECT_CONFIG', message: 'no' })
  })

  it('an idle thread goes, unless it is kept', async () => {
    const source = `
      import { threadId } from 'node:worker_threads'
      export const pluginConfig = async () => ({ value: threadId })`
    const [going, kept] = [open(source, { idleMs: 20 }), open(source, { idleMs: 20, keepsThread: true })]
    const threadOf = (pool: PiscinaJobPool) => pool.pluginConfig('p', '1') as unknown as Promise<number>
    const [first, keptFirst] = [await threadOf(going), await threadOf(kept)]
    await until(async () => (await threadOf(going)) !== first)
    assert.equal(await threadOf(kept), keptFirst)
  })

  it('tells the jobs when the thread does not load, instead of trying for ever', async () => {
    const pool = open("throw new Error('no module')")
    const jobs = [pool.validate({}), pool.connector('x', undefined), pool.plugins()]
    for (const job of await Promise.allSettled(jobs)) assert.equal(job.status, 'rejected')
  })

  it('a plugin that throws behind the back of a job costs that job, not the next', async () => {
    const pool = open(`
      export const validate = async ({ props }) => {
        if (props.bad) { setImmediate(() => { throw new Error('behind the back') }); return new Promise(() => {}) }
        return { value: { name: 'ok' } }
      }`)
    await assert.rejects(pool.validate({ bad: '1' }), /behind the back/)
    assert.deepEqual(await pool.validate({}), { name: 'ok' })
  })

  it('a job that does not end fails after its time, and those behind it are served by a new thread', async () => {
    const pool = open(
      'export const validate = async ({ props }) => { while (props.spins) {} return { value: { name: "ok" } } }',
      { jobMsMax: 2_000 },
    )
    const spinning = assert.rejects(pool.validate({ spins: '1' }), /did not end within 2000 ms/)
    const behind = pool.validate({})
    await spinning
    assert.deepEqual(await behind, { name: 'ok' })
  })

  it('jobs behind one that takes long do not wait for its end, but no more hang at a time than there may be threads', async () => {
    const pool = open(
      'export const validate = ({ props }) => (props.hangs ? new Promise(() => {}) : { value: { name: "ok" } })',
      { jobMsMax: 8_000 },
    )
    const hanging = [1, 2, 3].map(() => assert.rejects(pool.validate({ hangs: '1' }), /did not end within 8000 ms/))
    let isOver = false
    void Promise.all(hanging).then(() => (isOver = true))
    assert.deepEqual(await pool.validate({}), { name: 'ok' })
    assert.ok(!isOver)
    await Promise.all(hanging)
  })

  it('a job that hangs does not keep the worker from closing', async () => {
    const pool = open('export const validate = ({ props }) => (props.hangs ? new Promise(() => {}) : { value: {} })')
    await pool.validate({})
    const job = assert.rejects(pool.validate({ hangs: '1' }))
    // It is in the thread when the pool is closed.
    await new Promise(resolve => setImmediate(resolve))
    await pool.close()
    await job
  })
})
