#!/usr/bin/env node
// `connect-standalone …`, the name Kafka Connect's users know: see src/cli/main.ts.
import { start } from './start.js'

start(['standalone', ...process.argv.slice(2)])
