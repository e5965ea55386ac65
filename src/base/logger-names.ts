// The names of our loggers: those that users of Java Connect know for the same part. A plugin's logger has the name of its connector class.
// Any thread.
const RUNTIME = 'org.apache.kafka.connect.runtime'

export const LOGGERS = {
  /** of the command line, by the worker's mode */
  standalone: 'org.apache.kafka.connect.cli.ConnectStandalone',
  distributed: 'org.apache.kafka.connect.cli.ConnectDistributed',
  worker: `${RUNTIME}.Worker`,
  herder: `${RUNTIME}.standalone.StandaloneHerder`,
  distributedHerder: `${RUNTIME}.distributed.DistributedHerder`,
  group: `${RUNTIME}.distributed.WorkerCoordinator`,
  validation: `${RUNTIME}.AbstractHerder`,
  plugins: `${RUNTIME}.isolation.PluginScanner`,
  /** the request log */
  restServer: `${RUNTIME}.rest.RestServer`,
  restErrors: `${RUNTIME}.rest.errors.ConnectExceptionMapper`,
  workerConfig: `${RUNTIME}.WorkerConfig`,
  connector: `${RUNTIME}.WorkerConnector`,
  sinkTask: `${RUNTIME}.WorkerSinkTask`,
  sourceTask: `${RUNTIME}.WorkerSourceTask`,
  errorLog: `${RUNTIME}.errors.LogReporter`,
  kafkaClient: 'org.apache.kafka.clients.NetworkClient',
  admin: 'org.apache.kafka.clients.admin.KafkaAdminClient',
  consumer: 'org.apache.kafka.clients.consumer.internals.ConsumerCoordinator',
  producer: 'org.apache.kafka.clients.producer.KafkaProducer',
} as const
