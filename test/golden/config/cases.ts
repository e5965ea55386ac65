// Prints all cases of Recorder.java as JSON. Run by scripts/golden.ts.
import { readFileSync } from 'node:fs'
import { providerCases, providerFiles } from './provider-cases.ts'
import { validateCases, workers } from './validate-cases.ts'

/** Texts that every worker and connector key is tried with. */
const probes = ['', ' ', 'x', '-5', '-1', '0', '1', '70000', '99999999999', '1.5', 'true', 'none', 'a,b,a', 'a,,b', 'a\u0007b', 'b[']

const cases = {
  ...JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8')),
  probes,
  providers: { files: providerFiles, cases: providerCases },
  workers,
  validate: validateCases,
}
process.stdout.write(JSON.stringify(cases))
