// Goal: the broker that tests and the quickstart start never outlives them, and is what it says it is.
// Method: real brokers; a child process that starts one and is SIGKILLed.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { brokerAnswers } from '../../scripts/kafka/probe.ts'
import { ownBroker } from '../support/broker.ts'

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await condition()) return
    await delay(50)
  }
  assert.fail(`never came true: ${what}`)
}

const portOf = (bootstrap: string) => Number(bootstrap.split(':')[1])

test('broker and data are gone when the process that started them is SIGKILLed', async () => {
  const launcher = new URL('../support/broker.ts', import.meta.url).href
  const script = `const b = await (await import(${JSON.stringify(launcher)})).ownBroker(); console.log(b.pid + ' ' + b.logFile); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', data => resolve(String(data).trim()))
      child.once('exit', code => reject(new Error(`the child ended with ${code}`)))
    })
    const [pid, logFile = ''] = line.split(' ')
    assert.ok(isAlive(Number(pid)))
    child.kill('SIGKILL')
    await until('java is gone', () => !isAlive(Number(pid)))
    await until('its folder is gone', () => !existsSync(dirname(logFile)))
  } finally {
    child.kill('SIGKILL')
  }
})

test('a killed broker comes back on its port, a paused one stays silent until resumed, a stopped one leaves nothing', async () => {
  const kafka = await ownBroker()
  try {
    const port = portOf(kafka.bootstrap)
    const firstPid = kafka.pid
    await kafka.kill()
    assert.equal(await brokerAnswers('127.0.0.1', port), false)
    await kafka.restart()
    assert.notEqual(kafka.pid, firstPid)
    assert.equal(await brokerAnswers('127.0.0.1', port), true)
    kafka.pause()
    assert.equal(await brokerAnswers('127.0.0.1', port, 300), false)
    kafka.resume()
    await until('it answers again', () => brokerAnswers('127.0.0.1', port))
  } finally {
    await kafka.stop()
  }
  assert.equal(isAlive(kafka.pid), false)
  assert.equal(existsSync(dirname(kafka.logFile)), false)
})

test('a broker that cannot start says so with the end of its log', async () => {
  await assert.rejects(
    ownBroker({ config: { 'num.network.threads': 'many' } }),
    /the Kafka broker ended with [\s\S]*num\.network\.threads/,
  )
})
