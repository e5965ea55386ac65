// Goal: the list of client keys that are said to be obeyed (config/client-keys.ts, docs/reference/worker.md) is true. Method: every key that the
// code asks for is noted, over all ways to authenticate and all forms of stores; it must be the list. Main thread of a test file.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientKeys, idleClientKeys, obeyedClientKeys } from '../../src/config/client-keys.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { consumerSettings, producerSettings, transactionSettings } from '../../src/task/client-settings.ts'

const jaas = (module: string, options: string) => `x.${module} required ${options};`
const bearer = { 'sasl.mechanism': 'OAUTHBEARER', 'security.protocol': 'SASL_SSL' }
const endpoint = { 'sasl.oauthbearer.token.endpoint.url': 'https://a/token' }
/** Each takes another way through the code. */
const WAYS: readonly Record<string, string>[] = [
  {},
  { 'security.protocol': 'SSL' },
  { 'security.protocol': 'SSL', 'ssl.keystore.certificate.chain': 'x', 'ssl.keystore.key': 'y' },
  { 'security.protocol': 'SSL', 'ssl.keystore.location': '/absent' },
  { 'security.protocol': 'SSL', 'ssl.truststore.location': '/absent' },
  {
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': jaas('PlainLoginModule', 'username=a password=b'),
  },
  { ...bearer, 'sasl.jaas.config': jaas('OAuthBearerLoginModule', 'unsecuredLoginStringClaim_sub=a') },
  { ...bearer, ...endpoint, 'sasl.jaas.config': jaas('OAuthBearerLoginModule', 'clientId=a clientSecret=b') },
]

function connectionKeysAskedFor(): string[] {
  const asked = new Set<string>()
  for (const way of WAYS) {
    const props: Record<string, string> = { 'bootstrap.servers': 'a:1', ...way }
    const watched = new Proxy(props, {
      get(target, key) {
        asked.add(String(key))
        return target[String(key)]
      },
    })
    try {
      clientConfigFrom(watched, 'me')
    } catch (error) {
      assert.match((error as Error).message, /\/absent/)
    }
  }
  return [...asked]
}

const sorted = (names: Iterable<string>) => [...new Set(names)].toSorted()

test('the keys of a connection that are said to be obeyed are those that the code asks for', () => {
  assert.deepEqual(sorted(obeyedClientKeys.admin), sorted(connectionKeysAskedFor()))
})

for (const [client, names] of [
  ['consumer', consumerSettings.names],
  ['producer', [...producerSettings.names, ...transactionSettings.names]],
] as const)
  test(`so are those of the ${client}`, () => {
    assert.deepEqual(sorted(obeyedClientKeys[client]), sorted([...obeyedClientKeys.admin, ...names]))
  })

test('every key is one or the other, and Kafka has it', () => {
  for (const client of ['producer', 'consumer', 'admin'] as const)
    assert.deepEqual(sorted([...obeyedClientKeys[client], ...idleClientKeys(client)]), sorted(clientKeys[client].names))
})
