// Filter: drops every record it is asked about; a predicate says which. Task threads.
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { defineConfig } from '../config/define.ts'
import { transform } from './definition.ts'

class Filter implements Transformation {
  configure(): void {}

  apply(): null {
    return null
  }

  columns(): ColumnStep {
    return batch => {
      batch.count = 0
      return true
    }
  }
}

export const plugins: readonly Plugin[] = [transform('Filter', defineConfig({}), () => new Filter())]
