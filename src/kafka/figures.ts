// What the clients count, for whoever wants to know: called per request, never per record. The threads of the clients.

export interface FetchFigures {
  /** a Fetch was answered; `bytes` of the answer */
  fetched(tookMs: number, bytes: number): void
}

export interface GroupFigures {
  heartbeat(tookMs: number): void
  joined(tookMs: number): void
  synced(tookMs: number): void
  /** from the request to join to the assignment */
  rebalanced(tookMs: number): void
  rebalanceFailed(): void
}

export interface ProducerFigures {
  /** a batch is in a request for the first time or again */
  batchSent(records: number, bytes: number, queuedMs: number): void
  requestSent(): void
  answered(tookMs: number): void
  retried(records: number): void
  failed(records: number): void
  split(): void
}
