// What Java Connect and Sluice are both asked to do: the records, and the connector config of each case.

/** A 7-field JSON object of about 150 bytes; the same for the same number. */
export function recordAt(i: number): string {
  // a cheap hash, so that neighbours differ and compression does not flatter anybody
  const mixed = Math.imul(i ^ (i >>> 15), 0x2c1b3c6d) >>> 0
  const amount = (mixed % 1_000_000) / 100
  const user = (mixed >>> 7) % 50_000
  const time = 1_700_000_000_000 + i * 37
  const country = ['DE', 'US', 'FR', 'JP', 'BR', 'IN', 'GB', 'PL'][mixed & 7]
  return `{"id":${i},"user":"user-${user}","email":"user-${user}@customers.example.com","country":"${country}","amount":${amount},"time":${time},"active":${(mixed & 64) === 0}}`
}

export interface Case {
  readonly name: string
  readonly title: string
  readonly kind: 'sink' | 'source'
  config(topic: string, file: string): Record<string, string>
}

const STRING = 'org.apache.kafka.connect.storage.StringConverter'

export const CASES: readonly Case[] = [
  {
    name: 'json',
    title: 'FileStreamSink, JSON, InsertField + MaskField',
    kind: 'sink',
    config: (topic, file) => ({
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
      'tasks.max': '1',
      topics: topic,
      file,
      'key.converter': STRING,
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
      transforms: 'insert,mask',
      'transforms.insert.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
      'transforms.insert.offset.field': 'position',
      'transforms.insert.static.field': 'source',
      'transforms.insert.static.value': 'peer',
      'transforms.mask.type': 'org.apache.kafka.connect.transforms.MaskField$Value',
      'transforms.mask.fields': 'email',
    }),
  },
  {
    name: 'string',
    title: 'FileStreamSink, String pass-through',
    kind: 'sink',
    config: (topic, file) => ({
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
      'tasks.max': '1',
      topics: topic,
      file,
      'key.converter': STRING,
      'value.converter': STRING,
    }),
  },
  {
    name: 'source',
    title: 'FileStreamSource, String',
    kind: 'source',
    config: (topic, file) => ({
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
      'tasks.max': '1',
      topic,
      file,
      'key.converter': STRING,
      'value.converter': STRING,
    }),
  },
]
