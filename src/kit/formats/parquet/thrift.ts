// Thrift's compact protocol, writing only: what Parquet's page headers and footer are made of. Task threads.
//
// A struct is its fields in order of id, each with a byte (delta of id << 4 | type), ended by a zero byte. Integers are zigzag
// LEB128; a list has a byte (size << 4 | element type), sizes from 15 on follow as LEB128.
import { ByteWriter } from './byte-writer.ts'

const TRUE = 1
const FALSE = 2
const BYTE = 3
const I16 = 4
const I32 = 5
const I64 = 6
const BINARY = 8
const LIST = 9
const STRUCT = 12

/** A field's value. Numbers are signed and below 2^52 in magnitude. */
export type ThriftValue =
  | { readonly type: typeof TRUE; readonly value: boolean }
  | { readonly type: typeof BYTE | typeof I16 | typeof I32 | typeof I64; readonly value: number }
  | { readonly type: typeof BINARY; readonly value: Uint8Array }
  | { readonly type: typeof LIST; readonly of: number; readonly items: readonly ThriftValue[] }
  | { readonly type: typeof STRUCT; readonly fields: ThriftFields }

/** id and value, in order of id; undefined values are left out */
export type ThriftFields = readonly (readonly [number, ThriftValue | undefined])[]

export const bool = (value: boolean): ThriftValue => ({ type: TRUE, value })
export const i8 = (value: number): ThriftValue => ({ type: BYTE, value })
export const i16 = (value: number): ThriftValue => ({ type: I16, value })
export const i32 = (value: number): ThriftValue => ({ type: I32, value })
export const i64 = (value: number): ThriftValue => ({ type: I64, value })
export const binary = (value: Uint8Array): ThriftValue => ({ type: BINARY, value })
export const text = (value: string): ThriftValue => ({ type: BINARY, value: Buffer.from(value) })
export const struct = (...fields: ThriftFields): ThriftValue => ({ type: STRUCT, fields })
export const list = (items: readonly ThriftValue[]): ThriftValue => ({ type: LIST, of: items[0]?.type ?? STRUCT, items })

export function thriftBytes(fields: ThriftFields): Buffer {
  const writer = new ByteWriter()
  writeStruct(writer, fields)
  return writer.bytes()
}

function writeStruct(writer: ByteWriter, fields: ThriftFields): void {
  let previous = 0
  for (const [id, value] of fields) {
    if (value === undefined) continue
    const type = value.type === TRUE && !value.value ? FALSE : value.type
    // Parquet's structs have no gap above 15 between the fields we write.
    writer.uint8(((id - previous) << 4) | type)
    previous = id
    writeValue(writer, value)
  }
  writer.uint8(0)
}

function writeValue(writer: ByteWriter, value: ThriftValue): void {
  switch (value.type) {
    case TRUE:
      return
    case BYTE:
      return writer.uint8(value.value & 255)
    case I16:
    case I32:
    case I64:
      return writer.varint(value.value >= 0 ? value.value * 2 : -value.value * 2 - 1)
    case BINARY:
      writer.varint(value.value.length)
      return writer.append(value.value)
    case LIST:
      if (value.items.length < 15) writer.uint8((value.items.length << 4) | value.of)
      else {
        writer.uint8(0xf0 | value.of)
        writer.varint(value.items.length)
      }
      // A boolean in a list has no field to stand in: it is a byte.
      for (const item of value.items)
        if (item.type === TRUE) writer.uint8(item.value ? TRUE : FALSE)
        else writeValue(writer, item)
      return
    case STRUCT:
      return writeStruct(writer, value.fields)
  }
}
