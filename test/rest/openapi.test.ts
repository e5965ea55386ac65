// The OpenAPI document: valid by a validator that is not ours, and the same as what is served.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { silentLogger } from '../../src/base/log.ts'
import { createRestApp } from '../../src/rest/app.ts'
import { ENDPOINTS } from '../../src/rest/endpoints.ts'
import { openApiDocument } from '../../src/rest/openapi.ts'
import { PATH_PARAMETERS } from '../../src/rest/resource.ts'

const document = openApiDocument(ENDPOINTS, '1.2.3') as {
  paths: Record<string, Record<string, { operationId: string }>>
  components: { schemas: Record<string, object> }
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(document))
    assert.ok(valid, JSON.stringify(errors, null, 1))
    assert.equal(validator.version, '3.1')
  })

  it('is refused by the validator when a route is broken', async () => {
    const broken = structuredClone(document)
    Object.assign(broken.paths['/connectors']?.get ?? {}, { responses: 1 })
    assert.equal((await new Validator().validate(broken)).valid, false)
  })

  it('has every route that is served, and no other', () => {
    const app = createRestApp({ log: { requests: silentLogger, errors: silentLogger }, context: () => null })
    const listed = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`),
    )
    assert.deepEqual(listed.toSorted(), ENDPOINTS.map(e => `${e.method} ${e.path.replace(/:(\w+)/g, '{$1}')}`).toSorted())
    for (const { method, path } of ENDPOINTS) assert.ok(app.hasRoute({ method, url: path }), `${method} ${path}`)
  })

  it('gives each operation a name of its own', () => {
    const ids = Object.values(document.paths).flatMap(operations => Object.values(operations).map(one => one.operationId))
    assert.equal(new Set(ids).size, ids.length)
  })

  it('names no schema that is not there, and none that nothing uses', () => {
    const used = new Set([...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(match => match[1]))
    assert.deepEqual([...used].toSorted(), Object.keys(document.components.schemas).toSorted())
  })

  it('describes every parameter of a path', () => {
    const names = ENDPOINTS.flatMap(({ path }) => [...path.matchAll(/:(\w+)/g)].map(match => match[1] ?? ''))
    assert.deepEqual([...new Set(names)].toSorted(), Object.keys(PATH_PARAMETERS).toSorted())
  })
})
