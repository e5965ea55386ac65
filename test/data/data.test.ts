// Values and schemas: equality that caches rely on, decimals and numbers whose text other systems read.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { prng } from '../../src/base/prng.ts'
import { Decimal, Float64 } from '../../src/data/decimal.ts'
import { doubleText, floatText, nearestFloat } from '../../src/data/java-number.ts'
import { javaString } from '../../src/data/java-string.ts'
import { JavaTextBuffer } from '../../src/data/java-text-buffer.ts'
import { decimalSchema } from '../../src/data/logical.ts'
import { INT32, INT64, Schema, STRING } from '../../src/data/schema.ts'
import { arrayOf, mapOf, structOf } from '../../src/data/schema-builder.ts'
import { SchemaInterner, schemaEquals, valueEquals } from '../../src/data/schema-equality.ts'
import { Struct } from '../../src/data/struct.ts'
import { validateStruct, validateValue } from '../../src/data/validate-value.ts'

describe('schemas', () => {
  const make = (doc: string | null = null) =>
    structOf({ a: INT32, b: arrayOf(mapOf(STRING, INT64)) }, { name: 'n', version: 1, doc })

  it('differ by doc, default, parameters and order of fields, as in Java', () => {
    assert.ok(schemaEquals(make(), make()))
    assert.ok(!schemaEquals(make(), make('d')))
    assert.ok(!schemaEquals(structOf({ a: INT32, b: INT64 }), structOf({ b: INT64, a: INT32 })))
    assert.ok(!schemaEquals(new Schema({ type: 'int32', default: 1 }), INT32))
    assert.ok(!schemaEquals(decimalSchema(1), decimalSchema(2)))
    assert.ok(schemaEquals(decimalSchema(2, { default: new Decimal(5n, 2) }), decimalSchema(2, { default: new Decimal(5n, 2) })))
  })

  it('that are equal become one object, and the interner forgets the oldest beyond its limit', () => {
    const interner = new SchemaInterner(2)
    const first = interner.intern(make(), 10)
    assert.equal(interner.intern(make(), 10), first)
    interner.intern(STRING, 10)
    interner.intern(INT32, 10)
    assert.notEqual(interner.intern(make(), 10), first)
    const large = new SchemaInterner(1000)
    const kept = large.intern(make(), 10)
    assert.equal(large.intern(make(), 10), kept)
    large.intern(STRING, 1 << 30)
    assert.notEqual(large.intern(make(), 10), kept, 'large schemas push others out, however few they are')
  })

  it('refuse a field named twice', () => {
    const fields: [string, Schema][] = [
      ['a', INT32],
      ['a', STRING],
    ]
    assert.throws(() => structOf(fields), { name: 'SchemaError' })
  })

  it('refuse values of another kind, naming the field', () => {
    assert.throws(() => validateValue(INT32, 2 ** 31, 'f'), { message: /INT32.*"f"/ })
    assert.throws(() => validateValue(INT64, 2n ** 63n, 'f'), { name: 'DataError' })
    assert.throws(() => validateValue(arrayOf(INT32), [1, 'x']), { name: 'DataError' })
    assert.throws(() => validateStruct(new Struct(make(), [null, []])), { message: /"a"/ })
    validateStruct(new Struct(make(), [1, [new Map([['k', 1n]])]]))
  })
})

describe('decimals', () => {
  it('survive bytes and text at any sign, size and scale', () => {
    const random = prng(1)
    for (let i = 0; i < 2000; i++) {
      const unscaled = BigInt.asIntN(
        Math.floor(random() * 200),
        BigInt(`0x${Buffer.from(Array.from({ length: 25 }, () => random() * 256)).toString('hex')}`),
      )
      const decimal = new Decimal(unscaled, Math.floor(random() * 40) - 20)
      assert.ok(Decimal.fromBytes(decimal.toBytes(), decimal.scale).equals(decimal))
      assert.ok(Decimal.parse(decimal.toString())?.equals(decimal), decimal.toString())
      assert.equal(Decimal.parse(decimal.toPlainString())?.compareTo(decimal), 0)
    }
  })

  it('of huge scale stay cheap', () => {
    assert.equal(new Decimal(1n, 2_147_483_647).toInt64(), 0n)
    assert.equal(new Decimal(1n, -2_147_483_647).toNumber(), Number.POSITIVE_INFINITY)
    for (const text of ['1e5000000000', '1e2147483648', '1.5e2147483648']) assert.equal(Decimal.parse(text), undefined, text)
    const huge = Decimal.parse('3e999999999') as Decimal
    assert.equal(huge.toInt64(), 0n)
    assert.equal(new Decimal(3n, -19).toInt64(), BigInt.asIntN(64, 3n * 10n ** 19n))
    assert.equal(new Decimal(1n, 999_999_999).withScale(2), undefined)
    for (const filled of [
      () => huge.toPlainString(),
      () => huge.withScale(2),
      () => new Decimal(1n, 999_999_999).toPlainString(),
    ]) {
      assert.throws(filled, { name: 'DataError', message: /zeros; at most 100000/ })
    }
  })
})

describe('numbers as Java writes them', () => {
  it('read back as the same number', () => {
    const random = prng(2)
    const bits = new DataView(new ArrayBuffer(8))
    for (let i = 0; i < 20_000; i++) {
      bits.setUint32(0, random() * 2 ** 32)
      bits.setUint32(4, random() * 2 ** 32)
      const [double, float] = [bits.getFloat64(0), bits.getFloat32(0)]
      if (Number.isFinite(double)) assert.equal(Number(doubleText(double)), double)
      if (Number.isFinite(float)) assert.equal(Math.fround(Number(floatText(float))), float)
      assert.ok(/^-?\d+\.\d+(E-?\d+)?$|NaN|Infinity/.test(doubleText(double)), doubleText(double))
    }
  })

  it('as floats are rounded once, not by way of a double', () => {
    const up = Decimal.parse('1.00000017881393432617187501') as Decimal
    assert.equal(nearestFloat(up), Math.fround(1.0000002384185791))
    assert.equal(nearestFloat(Decimal.parse('1.00000017881393432617187499') as Decimal), Math.fround(1.0000001192092896))
  })
})

describe('text as Java prints it', () => {
  it('is the same appended as bytes as made as a string, however long', () => {
    const random = prng(3)
    const texts = ['', 'a', 'grüße', '𝄞', 'x'.repeat(63), 'y'.repeat(200), 'é'.repeat(64)]
    const pick = () => texts[Math.floor(random() * texts.length)] as string
    const buffer = new JavaTextBuffer(16)
    for (let i = 0; i < 500; i++) {
      const map = {
        [`k${pick()}`]: pick(),
        n: i,
        d: i / 7,
        f: new Float64(i),
        l: [1, pick(), null],
        m: { a: true },
        b: 2n ** 60n,
        z: null,
      }
      const value = i % 3 === 0 ? pick() : i % 3 === 1 ? map : [map]
      if (i % 50 === 49) buffer.clear()
      const before = buffer.length
      buffer.append(value)
      assert.equal(buffer.view().subarray(before).toString(), javaString(value))
      buffer.appendByte(10)
    }
  })

  it('leaves null fields of a struct out and writes numbers by their schema', () => {
    const schema = structOf({
      a: new Schema({ type: 'float64' }),
      b: new Schema({ type: 'string', optional: true }),
      c: arrayOf(new Schema({ type: 'float32' })),
    })
    assert.equal(javaString(new Struct(schema, [1, null, [2, 0.1]])), 'Struct{a=1.0,c=[2.0, 0.1]}')
    assert.equal(javaString({ a: 1, b: new Float64(1), c: [] }), '{a=1, b=1.0, c=[]}')
    assert.equal(javaString(new Map([['k', 1.5]])), '{k=1.5}')
  })

  it('values compare deeply, and 1 is not 1.0', () => {
    assert.ok(valueEquals({ a: [1, { b: Buffer.from('x') }] }, { a: [1, { b: Buffer.from('x') }] }))
    assert.ok(!valueEquals([1], [new Float64(1)]))
    assert.ok(!valueEquals({ a: 1 }, new Map([['a', 1]])))
  })
})
