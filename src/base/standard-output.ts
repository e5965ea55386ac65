// Standard output of the process, written at once from whichever thread calls: what was printed before a kill is there after it, as with
// Java's System.out. Any thread; the log and the test connectors print here.
//
// Lines of several threads do not mix as long as each is one call: a file takes a write as a whole, a pipe takes up to 4096 bytes so. Limits:
// while a pipe is full the calling thread waits for its reader, as Java's does; where the reader is gone the text is lost.
import { writeSync } from 'node:fs'

const STDOUT = 1
/** A full pipe is looked at again after this pause. */
const PAUSE_MS = 1
const never = new Int32Array(new SharedArrayBuffer(4))

/** Settled when the operating system has the text. Nothing is thrown: nobody could be told. */
export function writeStandardOutput(text: string): void {
  let bytes = Buffer.from(text)
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(STDOUT, bytes))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      Atomics.wait(never, 0, 0, PAUSE_MS)
    }
  }
}
