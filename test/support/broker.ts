// The real Kafka broker of a test process: the launcher that the quickstart uses as well. Main thread of a test file.
export { type Broker, type BrokerOptions, broker, ownBroker } from '../../scripts/kafka/broker.ts'
