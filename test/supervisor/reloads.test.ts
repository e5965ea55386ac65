// Values of config providers with a time to live: looked up again, and the connector told only when they have changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../../src/base/log.ts'
import { Reloads } from '../../src/supervisor/reloads.ts'
import { TestClock } from '../support/clock.ts'

function setUp() {
  const clock = new TestClock()
  const values: { now: string | null } = { now: 'one' }
  const variables = {
    ttlMs: (props: Readonly<Record<string, string>>) => (Object.values(props).includes('$var') ? 1_000 : null),
    resolve: (props: Readonly<Record<string, string>>) => {
      const { now } = values
      if (now === null) throw new Error('the file is gone')
      return Object.fromEntries(Object.entries(props).map(([k, v]) => [k, v.replace('$var', now)]))
    },
  }
  const restarts: string[] = []
  const reloads = new Reloads({ clock, log: silentLogger, variables })
  return {
    clock,
    values,
    reloads,
    restarts,
    watch: (props: Record<string, string>) => reloads.watch('c', props, () => restarts.push('c')),
  }
}

test('a connector is restarted once after its values have changed, not before', async () => {
  const { clock, values, watch, restarts } = setUp()
  watch({ password: '$var' })
  await clock.advance(3_000)
  assert.deepEqual(restarts, [])
  values.now = 'two'
  await clock.advance(999)
  assert.deepEqual(restarts, [])
  await clock.advance(1)
  await clock.advance(10_000)
  assert.deepEqual(restarts, ['c'])
})

test('config.action.reload=none, no time to live and a stopped connector mean no restart', async () => {
  for (const props of [{ password: '$var', 'config.action.reload': ' None ' }, { password: 'fixed' }]) {
    const { clock, values, watch, restarts } = setUp()
    watch(props as Record<string, string>)
    values.now = 'two'
    await clock.advance(10_000)
    assert.deepEqual(restarts, [])
  }
  const { clock, values, watch, restarts, reloads } = setUp()
  watch({ password: '$var' })
  reloads.forget('c')
  values.now = 'two'
  await clock.advance(10_000)
  assert.deepEqual(restarts, [])
})

test('values that cannot be looked up for a while restart nothing until they are there again, changed', async () => {
  const { clock, values, watch, restarts } = setUp()
  watch({ password: '$var' })
  values.now = null
  await clock.advance(5_000)
  values.now = 'one'
  await clock.advance(5_000)
  assert.deepEqual(restarts, [])
  values.now = 'two'
  await clock.advance(1_000)
  assert.deepEqual(restarts, ['c'])
})
