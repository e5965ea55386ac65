#!/usr/bin/env node
// `connect-distributed …`, the name Kafka Connect's users know: see src/cli/main.ts.
import { start } from './start.js'

start(['distributed', ...process.argv.slice(2)])
