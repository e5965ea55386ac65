// What counts as a secret, and that a redactor finds it in whatever form it stands.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSecretKey, redactorOf, SecretsFound } from '../../src/config/secrets.ts'

test('keys are secret by the type of the client key, else by their names', () => {
  const secret = [
    'sasl.jaas.config',
    'producer.override.sasl.jaas.config',
    'consumer.ssl.keystore.password',
    'listeners.https.ssl.key.password',
    'ssl.keystore.key',
    'value.converter.basic.auth.user.info',
    'aws.secret.access.key',
    'connection.password',
    'api_key',
    'auth.token',
  ]
  const open = [
    'sasl.oauthbearer.token.endpoint.url',
    'ssl.keystore.location',
    'topics',
    'token.endpoint',
    'keys',
    'password_file.',
  ]
  assert.deepEqual(secret.filter(isSecretKey), secret)
  assert.deepEqual(open.filter(isSecretKey), ['password_file.'])
})

const redact = (props: Record<string, string>, keys: string[] = []) => {
  const found = new SecretsFound()
  found.addKeys(props, keys)
  return redactorOf(found.anywhere)
}

test('the password inside of a JAAS line is hidden as well as the line', () => {
  const jaas = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="hunter\\"2";'
  const text = redact({ 'sasl.jaas.config': jaas })
  assert.equal(text('cannot log in as alice with hunter\\"2'), 'cannot log in as alice with [hidden]')
  assert.equal(text('and as it is sent: hunter"2'), 'and as it is sent: [hidden]')
  assert.equal(text(`config was ${jaas}.`), 'config was [hidden].')
})

test('a secret is found in JSON, in URLs, trimmed, and line by line of a key file', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n'
  const text = redact({ 'ssl.keystore.key': key, 'x.password': ' p"w d ' }, [])
  assert.equal(text(JSON.stringify({ a: ' p"w d ' })), '{"a":"[hidden]"}')
  assert.equal(text('at http://p%22w%20d@host'), 'at http://[hidden]@host')
  assert.equal(text('bad line AASCBKcwggSjAgEAAoIBAQC7!'), 'bad line [hidden]!')
  assert.equal(text(key), '[hidden]')
})

test('of two secrets the longer is replaced first, and short ones are not looked for', () => {
  const text = redact({ 'a.password': 'hunter', 'b.password': 'hunter2', 'c.password': 'on' })
  assert.equal(text('hunter2 hunter on'), '[hidden] [hidden] on')
})

test('keys that a definition says are secret count too', () => {
  assert.equal(redact({ pin: '123456' }, ['pin'])('the pin 123456 is wrong'), 'the pin [hidden] is wrong')
})

test('a long secret that is one word is looked through once, not from each of its letters', () => {
  // Minutes, and a worker that does not answer, if it were.
  const key = 'a1'.repeat(500_000)
  assert.equal(redact({ 'db.password': key })(`refused: ${key}`), 'refused: [hidden]')
})
