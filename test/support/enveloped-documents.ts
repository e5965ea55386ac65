// JSON documents in envelopes with a schema, most of them good. Main thread of a test.

export function documentsOf(texts: readonly (string | Buffer)[]) {
  const parts = texts.map(text => Buffer.from(text as string))
  const lengths = Int32Array.from(parts, part => part.length)
  const starts = new Int32Array(parts.length)
  for (let i = 1; i < parts.length; i++) starts[i] = starts[i - 1]! + lengths[i - 1]!
  return { buffer: Buffer.concat(parts), starts, lengths }
}

const FIELDS = {
  a: { type: 'int32', optional: true },
  b: { type: 'string', optional: true },
  c: { type: 'double', optional: false },
  d: { type: 'boolean', optional: true },
  e: { type: 'int64', name: 'org.apache.kafka.connect.data.Timestamp', version: 1, optional: true },
  f: { type: 'int32', name: 'org.apache.kafka.connect.data.Date', version: 1, optional: true },
  g: { type: 'int8', optional: true },
}

/** Payloads of a schema, most of them good. */
export function enveloped(random: () => number, names: readonly (keyof typeof FIELDS)[], count: number) {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  const schema = JSON.stringify({ type: 'struct', optional: false, fields: names.map(field => ({ ...FIELDS[field], field })) })
  const good = { a: '5', b: '"x\\u0041"', c: '1.50', d: 'true', e: '1700000000000', f: '19000', g: '-7' }
  const odd = [
    'null',
    '300',
    '"t"',
    '1e3',
    '-0',
    '9007199254740993',
    '8640000000000001',
    '5',
    '2.5',
    'false',
    '[1]',
    '{"k":1}',
    '3000000000',
  ]
  return Array.from({ length: count }, () => {
    const kept = names.filter(() => random() < 0.97)
    const members = kept.map(name => `"${name}":${random() < 0.03 ? pick(odd) : good[name]}`)
    if (random() < 0.05) members.push('"extra":1')
    if (random() < 0.01) members.push('"a":7')
    const payload =
      random() < 0.02 ? pick(['null', '{}', '[]', '{"c":1.5} x', '{"c":1.5}}', '1', '{"c":']) : `{${members.join(',')}}`
    return `{"schema":${schema},"payload":${payload}}`
  })
}
