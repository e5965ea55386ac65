// What users meet when a converter is given bytes or a configuration it cannot work with, and what plugins the modules declare.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConverterPlugin } from '../../src/api/plugin.ts'
import { plugins as booleanPlugins } from '../../src/converters/boolean-converter.ts'
import { ByteArrayConverter, plugins as bytesPlugins } from '../../src/converters/byte-array-converter.ts'
import { JsonConverter, plugins as jsonPlugins } from '../../src/converters/json/json-converter.ts'
import { jsonConfig } from '../../src/converters/json/json-options.ts'
import { plugins as numberPlugins } from '../../src/converters/number-converters.ts'
import { plugins as headerPlugins, SimpleHeaderConverter } from '../../src/converters/simple-header.ts'
import { StringConverter, plugins as stringPlugins } from '../../src/converters/string-converter.ts'
import { Decimal, Float64 } from '../../src/data/decimal.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import { STRING } from '../../src/data/schema.ts'

function schemaless(): JsonConverter {
  const made = new JsonConverter()
  made.configure({ 'schemas.enable': 'false' })
  return made
}

describe('converters', () => {
  it('a record that is no JSON: the error says what is wrong and where', () => {
    assert.throws(() => schemaless().toConnectData('t', Buffer.from('{"a":1,\n"b":tru}'), NO_HEADERS), {
      name: 'DataError',
      code: 'CONNECT_DATA',
      message:
        /^Converting byte\[\] to Kafka Connect data failed due to serialization error: expected a value .*line 2, column 5/,
    })
    assert.throws(() => schemaless().toConnectData('t', Buffer.from([0x22, 0xff, 0x22]), NO_HEADERS), {
      message: /invalid UTF-8: byte 0xff at byte 1/,
    })
  })

  it('plain JSON where an envelope is expected: the error names schemas.enable', () => {
    assert.throws(() => new JsonConverter().toConnectData('t', Buffer.from('{"a":1}'), NO_HEADERS), {
      message: /set schemas\.enable=false/,
    })
  })

  it('wrong configurations are refused with the key', () => {
    assert.throws(() => new JsonConverter().configure({ 'schemas.enable': 'maybe' }), {
      name: 'ConfigError',
      message: /schemas\.enable/,
    })
    assert.throws(() => new JsonConverter().configure({ 'decimal.format': 'HEX' }), {
      name: 'ConfigError',
      message: /decimal\.format/,
    })
    assert.throws(() => new JsonConverter().configure({ 'schema.content': '{"type":"intt"}' }), {
      name: 'ConfigError',
      message: /schema\.content/,
    })
    assert.throws(() => new StringConverter().configure({ 'converter.encoding': 'utf-9' }), {
      name: 'ConfigError',
      message: /converter\.encoding/,
    })
  })

  it('a byte array becomes no number, a string no bytes', () => {
    assert.throws(() => new ByteArrayConverter().fromConnectData('t', STRING, 'x'), { name: 'DataError' })
    assert.throws(() => new ByteArrayConverter().fromConnectData('t', null, 5), { name: 'DataError' })
  })

  it('a number of the wrong length or kind: the error names the converter, what it takes and what it was given', () => {
    const integer = (
      numberPlugins.find(p => p.kind === 'converter' && p.aliases?.includes('Integer')) as ConverterPlugin
    ).create()
    assert.throws(() => integer.toConnectData('t', Buffer.from('7'), NO_HEADERS), {
      name: 'DataError',
      message: 'IntegerConverter reads int32 values of 4 bytes, but was given 1 bytes',
    })
    assert.throws(() => integer.fromConnectData('t', STRING, '7', NO_HEADERS), {
      name: 'DataError',
      message: 'IntegerConverter writes int32 values only, but was given class java.lang.String with schema STRING',
    })
    const buffer = Buffer.from([9, 0, 0, 0, 7, 9])
    assert.equal(integer.toConnectDataAt?.('t', buffer, 1, 5, NO_HEADERS).value, 7)
  })

  it("the role of a converter is not the user's to choose", () => {
    const json = new JsonConverter()
    json.configure({ 'converter.type': 'nonsense' }, true)
    assert.throws(() => jsonConfig.parse({ 'converter.type': 'nonsense' }), { name: 'ConfigError', message: /converter\.type/ })
  })

  it('bytes as large as a topic may hold are read, not a stack overflow of a pattern', () => {
    const bytes = Buffer.alloc(14_000_000, 7)
    const text = `{"schema":{"type":"bytes"},"payload":"${bytes.toString('base64')}"}`
    assert.ok(bytes.equals(new JsonConverter().toConnectData('t', Buffer.from(text), NO_HEADERS).value as Buffer))
  })

  it('reads only its own bytes of a fetch buffer', () => {
    const buffer = Buffer.from('xx{"a":1}{"a":2}')
    const json = schemaless()
    assert.deepEqual(json.toConnectDataAt('t', buffer, 2, 9, NO_HEADERS).value, { a: 1 })
    assert.deepEqual(json.toConnectDataAt('t', buffer, 9, 16, NO_HEADERS).value, { a: 2 })
    assert.equal(new StringConverter().toConnectDataAt('t', buffer, 3, 6).value, '"a"')
    assert.deepEqual(new ByteArrayConverter().toConnectDataAt('t', buffer, 0, 2).value, Buffer.from('xx'))
  })

  it('schemaless values that JSON or Java has no form for are refused, others keep their kind', () => {
    const write = (value: unknown) => schemaless().fromConnectData('t', null, value, NO_HEADERS)?.toString()
    assert.equal(
      write({ a: new Float64(1), b: 1, c: 9007199254740993n, d: 1e21, e: 1e-7, f: [0.5] }),
      '{"a":1.0,"b":1,"c":9007199254740993,"d":1.0E21,"e":1.0E-7,"f":[0.5]}',
    )
    assert.equal(write({ a: '\u0001\ud83d\ude00', b: '\\u' }), '{"a":"\\u0001\\uD83D\\uDE00","b":"\\\\u"}')
    assert.throws(() => write({ a: new Decimal(1n, 0) }), { name: 'DataError' })
    assert.throws(() => write({ a: new Date(0) }), { name: 'DataError' })
    assert.equal(write(null), undefined)
  })

  it('a header of a million brackets is a string, not a stack overflow', () => {
    const text = '['.repeat(1_000_000)
    assert.equal(new SimpleHeaderConverter().toConnectHeader('t', 'h', Buffer.from(text)).value, text)
  })

  it('each is declared for both roles it has in Java', () => {
    const declared = [...jsonPlugins, ...stringPlugins, ...bytesPlugins, ...headerPlugins, ...numberPlugins, ...booleanPlugins]
    const inConverters = ['Boolean', 'ByteArray', 'Double', 'Float', 'Integer', 'Long', 'Short'].map(
      n => `converters.${n}Converter`,
    )
    const both = [...inConverters, 'json.JsonConverter', 'storage.StringConverter'].flatMap(name => [
      `converter org.apache.kafka.connect.${name}`,
      `header_converter org.apache.kafka.connect.${name}`,
    ])
    assert.deepEqual(
      declared.map(p => `${p.kind} ${p.className}`).sort(),
      [...both, 'header_converter org.apache.kafka.connect.storage.SimpleHeaderConverter'].sort(),
    )
  })
})
