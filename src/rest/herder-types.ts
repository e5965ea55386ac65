// The door from REST to the supervisor: types only (HOUSE section 3). Main thread.
export type { SignedRequest } from '../supervisor/distributed/request-signature.ts'
export type { WorkerAnswer, WorkerRequest } from '../supervisor/distributed/worker-client.ts'
export type { AskedOffset, ConfigInfos, Herder, InitialState, RequestedConfig } from '../supervisor/herder.ts'
export type { PreviewAnswer, PreviewAsk, Previews } from '../supervisor/previews.ts'
