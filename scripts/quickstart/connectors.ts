// The two connectors of the quickstart, as anybody would write them. Main thread of the quickstart.

export const SOURCE = 'flights-file'
export const SINK = 'flights-lake'

/** A file, line by line, into a topic; the lines are JSON already, so they go through as strings. */
export function sourceConfig(file: string, topic: string): Record<string, string> {
  return {
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    'tasks.max': '1',
    file,
    topic,
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  }
}

/** The topic as Parquet files by hour of arrival, each record with its place in Kafka and a better name for `time`. */
export function sinkConfig(topic: string, folder: string): Record<string, string> {
  return {
    'connector.class': 'io.sluice.connect.lake.LakeSinkConnector',
    'tasks.max': '2',
    topics: topic,
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    transforms: 'origin,rename',
    'transforms.origin.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
    'transforms.origin.partition.field': 'kafka_partition',
    'transforms.origin.offset.field': 'kafka_offset',
    'transforms.rename.type': 'org.apache.kafka.connect.transforms.ReplaceField$Value',
    'transforms.rename.renames': 'time:departure',
    'store.url': folder,
    'topics.dir': '',
    'format.class': 'parquet',
    'partitioner.class': 'io.confluent.connect.storage.partitioner.TimeBasedPartitioner',
    'partition.duration.ms': '3600000',
    'path.format': "'date'=YYYY-MM-dd/'hour'=HH",
    'timestamp.extractor': 'Record',
    locale: 'en',
    timezone: 'UTC',
    'flush.size': '25000',
    'rotate.schedule.interval.ms': '2000',
  }
}
