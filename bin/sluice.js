#!/usr/bin/env node
// `sluice …`: see src/cli/main.ts.
import { start } from './start.js'

start(process.argv.slice(2))
