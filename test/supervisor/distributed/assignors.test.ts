// Goal: leaders share out exactly as Java's do. Method: random histories of a group as test/oracle/assignor makes them, with the answers of
// Java's EagerAssignor and IncrementalCooperativeAssignor (test/golden/group/rounds.json); 10,000 more: npm run test:oracle -- assignor.
// Where the comparison itself could be blind, a planted change must be seen.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { differs, type JavaAnswer } from '../../oracle/assignor/compare.ts'
import { type History, Leaders } from '../../oracle/assignor/history.ts'

interface Golden {
  readonly history: History
  readonly answers: readonly JavaAnswer[]
}

const golden = JSON.parse(readFileSync(new URL('../../golden/group/rounds.json', import.meta.url), 'utf8')) as Golden[]

async function answersOf({ maxDelay, rounds }: History) {
  const leaders = new Leaders(maxDelay)
  const answers = []
  for (const round of rounds) answers.push(await leaders.lead(round))
  return answers
}

test('what each member is sent, and who owns what, round after round', async () => {
  assert.ok(golden.length >= 16)
  for (const { history, answers } of golden) assert.equal(differs(history.rounds, await answersOf(history), answers), null)
})

test('the comparison sees another assignment, another delay and another owner', async () => {
  const { history, answers } = golden.find(({ answers: a }) => Object.keys(a[0]?.owners ?? {}).length > 1) as Golden
  const ours = await answersOf(history)
  const first = answers[0] as JavaAnswer
  const id = Object.keys(first.assignments)[0] as string
  const otherDelay = `${(first.assignments[id] as string).slice(0, -2)}7f`
  const changed = (answer: JavaAnswer) => differs(history.rounds, ours, [answer, ...answers.slice(1)])
  assert.match(changed({ ...first, assignments: { ...first.assignments, [id]: otherDelay } }) ?? '', /round 0 \(\w+\), member/)
  const owner = Object.keys(first.owners)[0] as string
  assert.match(changed({ ...first, owners: { ...first.owners, [owner]: 'http://nobody/' } }) ?? '', /round 0, owners/)
  assert.match(changed({ ...first, owners: { ...first.owners, 'connector nowhere': 'http://nobody/' } }) ?? '', /round 0, owners/)
})

test('the same history with another maximal delay is answered in another way', async () => {
  const delayed = golden.filter(({ history }) => history.maxDelay > 1000)
  let others = 0
  for (const { history, answers } of delayed)
    if (differs(history.rounds, await answersOf({ ...history, maxDelay: 0 }), answers) !== null) others++
  assert.ok(others > delayed.length / 4, `${others} of ${delayed.length}`)
})
