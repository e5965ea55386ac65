// A signal, not a failure: a converter met a schema id that its cache lacks. The stage fetches it once and converts the record again,
// so the hot loop has no promise (HOUSE section 4). Task threads.

export class NeedsSchema extends Error {
  /** fills the converter's cache; awaited once per new id */
  readonly load: () => Promise<void>

  constructor(load: () => Promise<void>) {
    super('a schema is not in the cache yet')
    this.name = 'NeedsSchema'
    this.load = load
  }
}
