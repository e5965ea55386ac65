// Scenarios of Java Connect's own integration and system tests, and which test of ours shows each. docs/conformance.md is made of it, and
// test/scenario-table.test.ts holds it against the files. Main thread of tests and scripts.
import { runtimeScenarios } from './runtime-rows.ts'
import { systemScenarios } from './system-rows.ts'

/** A test of ours. */
export interface TestName {
  /** below the repository */
  readonly file: string
  /** as the test is called; where the file makes it of a template, with the values filled in */
  readonly name: string
}

interface RowOfJava {
  /** method of the Java class; several that differ in a setting only share a row */
  readonly java: string
  readonly note?: string
}

/** A scenario that a test of ours shows; what it is about is said by that test's name unless `scenario` says it. */
export interface RunRow extends RowOfJava {
  readonly name: string
  /** unless it is the file of the class */
  readonly file?: string
  readonly scenario?: string
  /** a Java worker among ours: a case that Java's test does not have */
  readonly isMixed?: boolean
}

/** A scenario that only means something within Java's process. */
export interface JavaOnlyRow extends RowOfJava {
  readonly scenario: string
  /** why it cannot be run from outside */
  readonly not: string
}

export interface ScenarioClass {
  readonly javaClass: string
  /** where its tests are, unless a row says otherwise */
  readonly file?: string
  readonly rows: readonly (RunRow | JavaOnlyRow)[]
}

/** A chapter of docs/conformance.md. */
export interface ScenarioPart {
  readonly title: string
  /** what the tests of this part run against */
  readonly intro: string
  readonly classes: readonly ScenarioClass[]
}

export interface TableRow {
  readonly javaClass: string
  readonly java: string
  readonly scenario: string
  /** a case that Java's test does not have */
  readonly isMixed: boolean
  /** null where it cannot be run from outside */
  readonly test: TestName | null
  /** what is different in ours, or why it cannot be run */
  readonly note: string
}

export const parts: readonly ScenarioPart[] = [runtimeScenarios, systemScenarios]

/** @throws Error where a row names a test without a file */
export function rowsOf(part: ScenarioPart): TableRow[] {
  return part.classes.flatMap(({ javaClass, file: ofClass, rows }) =>
    rows.map(row => {
      const { java } = row
      if ('not' in row) return { javaClass, java, isMixed: false, scenario: row.scenario, test: null, note: row.not }
      const file = row.file ?? ofClass
      const isMixed = row.isMixed === true
      if (file === undefined) throw new Error(`${javaClass}.${java}: no file`)
      const { name } = row
      const notes = [...(row.note === undefined ? [] : [row.note]), ...(isMixed ? ['not among those of Java'] : [])]
      return { javaClass, java, isMixed, scenario: row.scenario ?? name, test: { file, name }, note: notes.join('; ') }
    }),
  )
}
