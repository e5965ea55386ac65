// What bin/start.js runs on Node 24: command line in, exit code out. Main thread.
import { main } from './main.ts'

process.exit(await main(process.argv.slice(2)))
