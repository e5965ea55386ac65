// Entry of the thread that encodes row groups beside a task's (piscina): columns in, bytes and the columns' memory out, all by transfer.
import { move, transferableSymbol, valueSymbol } from 'piscina'
import { type EncodedAside, encodePacked, memoryOf, type RowGroupJob } from '../src/kit/formats/parquet/row-group.ts'

export default async function encode(job: RowGroupJob): Promise<unknown> {
  const group: EncodedAside = { ...(await encodePacked(job)), memory: memoryOf(job) }
  return move({
    get [transferableSymbol]() {
      return [group.bytes.buffer, ...group.memory]
    },
    get [valueSymbol]() {
      return group
    },
  })
}
