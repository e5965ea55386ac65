// Node's direct ways from bytes to a string, without the argument handling of Buffer.toString: 10-20 ns less a call, which a record
// of a microsecond notices. Task threads.

interface Slices {
  utf8Slice(start: number, end: number): string
  latin1Slice(start: number, end: number): string
}

export const utf8Slice = (buffer: Buffer, start: number, end: number): string =>
  (buffer as unknown as Slices).utf8Slice(start, end)

export const latin1Slice = (buffer: Buffer, start: number, end: number): string =>
  (buffer as unknown as Slices).latin1Slice(start, end)
