// Goal: REST answers as Java Connect's does, values included. Method: one list of requests (steps.ts) goes to a Java worker and to ours, on
// the same broker, one after the other; status, headers and body are compared field by field (compare.ts). Every difference must be
// named by its step and explained in docs/differences.md, and every named one must be there. All of our answers must fit /openapi.json.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { classpath } from '../../scripts/kafka/java.ts'
import { requireJava } from '../../scripts/kafka/maven.ts'
import { routedUrl } from '../../src/rest/request-path.ts'
import { type Broker, broker } from '../support/broker.ts'
import { misfit } from '../support/openapi-fit.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'
import { type Answer, COMMON, compare, type Difference } from './compare.ts'
import { parityGroups, type Step } from './steps.ts'

const CALLS_MIN = 150
const folder = mkdtempSync(join(tmpdir(), 'sluice-parity-'))
const names = { source: uniqueName('source'), sink: uniqueName('sink'), topic: uniqueName('parity'), folder }
const groups = parityGroups(names)
const reasons = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8')
let kafka: Broker
let java: WorkerProcess
let ours: WorkerProcess
const counts = { calls: 0, equal: 0, differing: 0 }
const table: string[] = []

before(async () => {
  kafka = await broker()
  await createTopic(kafka.bootstrap, names.topic)
  const worker = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' }
  const command = [requireJava(), '-Xmx512m', '-cp', await classpath(), 'org.apache.kafka.connect.cli.ConnectStandalone']
  const started = await Promise.all([
    startWorker({ bootstrap: kafka.bootstrap, worker, command }),
    startWorker({ bootstrap: kafka.bootstrap, worker }),
  ])
  java = started[0]
  ours = started[1]
})

after(async () => {
  await Promise.all([java?.kill(), ours?.kill()])
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const sorted = (value: string | null) => value?.split(/,\s*/).sort().join(',') ?? null

async function send(worker: WorkerProcess, { method, path, body, headers }: Step): Promise<Answer> {
  const payload =
    body === undefined
      ? null
      : typeof body === 'string'
        ? body
        : Buffer.isBuffer(body)
          ? new Uint8Array(body)
          : JSON.stringify(body)
  const type = payload === null ? {} : { 'content-type': 'application/json' }
  const answer = await fetch(worker.url + path, { method, headers: { ...type, ...headers }, body: payload })
  const text = await answer.text()
  const contentType = answer.headers.get('content-type')
  return {
    status: answer.status,
    headers: {
      // Java sends errors of its HTTP server without a type
      'content-type': answer.status >= 400 ? null : contentType,
      location: answer.headers.get('location')?.replace(worker.url, '') ?? null,
      allow: answer.status === 405 ? null : sorted(answer.headers.get('allow')),
    },
    body: method === 'OPTIONS' && answer.status === 200 ? sorted(text) : bodyOf(text),
  }
}

function bodyOf(text: string): unknown {
  if (text === '') return null
  return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text
}

interface StateInfo {
  readonly connector?: { readonly state: string }
  readonly tasks?: readonly { readonly state: string }[]
}

/** So long for a state both must reach; after it the step goes on and shows in what state they are. */
const STATE_PATIENCE_MS = 60_000

async function untilBoth([connector, state]: readonly [string, string]): Promise<void> {
  const patience = AbortSignal.timeout(STATE_PATIENCE_MS)
  await until(async () => {
    if (patience.aborted) return true
    const answers = await Promise.all([java, ours].map(worker => worker.rest<StateInfo>(`/connectors/${connector}/status`)))
    return answers.every(({ body }) => body.connector?.state === state && body.tasks?.[0]?.state === state)
  })
}

/** What stays unordered in Java, and what only one of the two has installed, is made comparable first. */
function comparable(step: Step, answer: Answer, other: Answer): Answer {
  const { body } = answer
  if (step.method === 'GET' && step.path === '/admin/loggers') {
    const names = Object.keys(other.body as object)
    return { ...answer, body: Object.fromEntries(Object.entries(body as object).filter(([name]) => names.includes(name))) }
  }
  if (!Array.isArray(body) || answer.status !== 200) return answer
  if (step.method === 'GET' && /^\/connectors\/?$/.test(step.path)) return { ...answer, body: body.toSorted() }
  if (/^\/connector-plugins(\?|$)/.test(step.path)) {
    const keyOf = (plugin: { class: string; type: string }) => `${plugin.type} ${plugin.class}`
    const others = new Set((other.body as { class: string; type: string }[]).map(keyOf))
    return {
      ...answer,
      body: body.filter(plugin => others.has(keyOf(plugin))).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    }
  }
  return answer
}

const short = (value: unknown) => {
  const text = (JSON.stringify(value) ?? 'nothing').replaceAll('|', '\\|')
  return text.length > 110 ? `${text.slice(0, 107)}...` : text
}

function check(step: Step, label: string, found: readonly Difference[]): string[] {
  const { differs = {} } = step
  const used = new Set<string>()
  const problems: string[] = []
  const counted = new Map<string, { first: Difference; count: number }>()
  for (const one of found) {
    const rule = Object.keys(differs).find(name => name === '*' || one.field === name || one.field.startsWith(`${name}.`))
    if (rule !== undefined) used.add(rule)
    const why = rule === undefined ? COMMON.find(common => common.fits(one))?.id : differs[rule]
    if (why === undefined) problems.push(`${label}: ${one.field}: Java ${short(one.java)}, Sluice ${short(one.ours)}`)
    else if (!reasons.includes(`<a id="${why}"></a>`)) problems.push(`${label}: docs/differences.md has no <a id="${why}"></a>`)
    else counted.set(why, { first: counted.get(why)?.first ?? one, count: (counted.get(why)?.count ?? 0) + 1 })
  }
  for (const [why, { first, count }] of counted) {
    const field = count === 1 ? first.field : `${first.field} and ${count - 1} more`
    table.push(`${label} | ${field} | ${short(first.java)} | ${short(first.ours)} | ${why}`)
  }
  const stale = Object.keys(differs).filter(name => !used.has(name))
  return [...problems, ...stale.map(name => `${label}: ${name} does not differ any more: take it out of the step`)]
}

for (const [what, steps] of Object.entries(groups)) {
  it(`${what}: ${steps.length} requests are answered alike`, async () => {
    const problems: string[] = []
    for (const step of steps) {
      if (step.when !== undefined) await untilBoth(step.when)
      const [theirs, own] = await Promise.all([send(java, step), send(ours, step)])
      const label = `${step.method} ${step.path}${step.body === undefined ? '' : ` ${short(step.body)}`}`
      const found = compare(comparable(step, theirs, own), comparable(step, own, theirs))
      counts.calls++
      if (found.length === 0) counts.equal++
      else counts.differing++
      problems.push(...check(step, label, found))
      const wrong = misfit(step.method, routedUrl(step.path), own.status, own.body)
      if (wrong !== null) problems.push(`${label}: the answer does not fit /openapi.json: ${wrong}`)
    }
    assert.equal(problems.length, 0, `\n${problems.join('\n')}`)
  })
}

it(`there are at least ${CALLS_MIN} calls; each that differs is listed`, () => {
  assert.ok(counts.calls >= CALLS_MIN, `${counts.calls}`)
  console.log(['request | field | Java | Sluice | why', ...table].join('\n'))
  console.log(`parity: ${counts.calls} calls, ${counts.equal} equal, ${counts.differing} differing on purpose`)
})
