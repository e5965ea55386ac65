// Entry of the thread that encodes row groups beside a task's (piscina): bytes in, bytes out, both by transfer.
import { move, transferableSymbol, valueSymbol } from 'piscina'
import { type EncodedGroup, encodePacked, type RowGroupJob } from '../src/kit/formats/parquet/row-group.ts'

export default async function encode(job: RowGroupJob): Promise<unknown> {
  const group: EncodedGroup = await encodePacked(job)
  return move({
    get [transferableSymbol]() {
      return [group.bytes.buffer]
    },
    get [valueSymbol]() {
      return group
    },
  })
}
