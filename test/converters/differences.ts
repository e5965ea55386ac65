// Golden cases where Sluice differs from Java on purpose, with the reason; docs/differences.md says the same to users.
import type { GoldenCase } from '../golden/converters/tagged.ts'

export function reasonToDiffer(_c: GoldenCase): string | null {
  return null
}
