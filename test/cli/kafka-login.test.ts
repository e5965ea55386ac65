// Goal: the JAAS file of KAFKA_OPTS serves the Kafka clients that have no sasl.jaas.config, as in Java (JaasContext). Method: pure calls, one file.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { withKafkaLogin } from '../../src/cli/kafka-login.ts'
import { parseJaas } from '../../src/kafka/jaas.ts'
import { tempFolder } from '../support/temp-folder.ts'

function opts(t: TestContext, text: string): string {
  const file = join(tempFolder(t), 'jaas.conf')
  writeFileSync(file, text)
  return `-Xmx1g -Djava.security.auth.login.config=${file}`
}

const ENTRY = `KafkaConnect { a.B required file="x"; };
KafkaClient { org.x.PlainLoginModule required username=me password="p\\"q;\\\\" ; };`
const sasl = { 'security.protocol': 'sasl_ssl' }

test('clients that log in and have no entry of their own get that of the file, quotes and all', t => {
  const given = { ...sasl, 'consumer.security.protocol': 'SASL_PLAINTEXT', 'producer.security.protocol': 'SSL' }
  const own = { 'admin.security.protocol': 'SASL_SSL', 'admin.sasl.jaas.config': 'own' }
  const found = withKafkaLogin({ ...given, ...own }, opts(t, ENTRY))
  assert.deepEqual(parseJaas(found['sasl.jaas.config'], 'PlainLoginModule'), { username: 'me', password: 'p"q;\\' })
  assert.equal(found['consumer.sasl.jaas.config'], found['sasl.jaas.config'])
  assert.deepEqual([found['producer.sasl.jaas.config'], found['admin.sasl.jaas.config']], [undefined, 'own'])
})

test('nothing is read where nobody logs in, or no file is named', () => {
  const plain = { 'security.protocol': 'PLAINTEXT' }
  assert.equal(withKafkaLogin(plain, '-Djava.security.auth.login.config=/absent'), plain)
  assert.equal(withKafkaLogin(sasl, '-Xmx1g'), sasl)
})

test('a file that is needed and not usable is named', t => {
  const at = /sasl\.jaas\.config is missing, and the JAAS file .*/.source
  assert.throws(
    () => withKafkaLogin(sasl, '-Djava.security.auth.login.config=/absent'),
    new RegExp(`${at}/absent is not usable: ENOENT`),
  )
  assert.throws(() => withKafkaLogin(sasl, opts(t, 'KafkaClient {')), new RegExp(`${at}is not usable: it ends`))
  assert.throws(() => withKafkaLogin(sasl, opts(t, 'Other { a.B required; };')), new RegExp(`${at}no entry KafkaClient`))
})
