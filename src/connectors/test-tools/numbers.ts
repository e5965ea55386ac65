// Numbers in the texts of a task's configuration, read as Java's parseInt and parseLong do: the test connectors declare no keys, so nothing
// reads them before. Task and connector threads.
import { ConnectError } from '../../base/errors.ts'

const INT_MAX = 2_147_483_647

/** Java's Long.parseLong; beyond 2^53 to the nearest number. @throws ConnectError CONNECT_NUMBER_FORMAT */
export function parseLong(text: string | undefined): number {
  if (text === undefined) throw numberFault('Cannot parse null string: null')
  if (!/^[+-]?\d+$/.test(text) || BigInt.asIntN(64, BigInt(unsigned(text))) !== BigInt(unsigned(text))) {
    throw numberFault(`For input string: "${text}"`)
  }
  return Number(text)
}

/** Java's Integer.parseInt. @throws as parseLong */
export function parseInteger(text: string | undefined): number {
  const value = parseLong(text)
  if (value > INT_MAX || value < -INT_MAX - 1) throw numberFault(`For input string: "${text}"`)
  return value
}

/** BigInt takes a minus, but no plus. */
const unsigned = (text: string) => text.replace(/^\+/, '')

function numberFault(message: string): ConnectError {
  return new ConnectError(message, { code: 'CONNECT_NUMBER_FORMAT' })
}

/** What a task's start reads: a number that is none gets Java's words, with the reason as its cause. */
export function reading<T>(taskName: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new ConnectError(`Invalid ${taskName} configuration`, { code: 'CONNECT_NUMBER_FORMAT', cause: error })
  }
}
