// Self time of CPU profiles by stage of a sink task: by the file that a function stands in. What has no file (natives, code made at run
// time) counts for the caller, but for the calls of compression, checksum and files. Main thread of bench:profile.

export const STAGES: readonly (readonly [stage: string, names: RegExp])[] = [
  ['loading code', /node:internal\/(?:modules|bootstrap|deps)|wasm:/],
  ['compress', /snappy|zlib|lz4|zstd|formats\/compression|parquet\/codec/],
  ['index, CRC', /src\/kafka\/codec\/|crc32/],
  ['fetch', /src\/kafka\/|kafkajs|node:net|node:internal\/(?:stream|net)|node:_?stream/],
  ['read columns', /src\/converters\/|src\/data\/columns/],
  ['SMTs', /src\/transforms\/|src\/predicates\/|src\/task\/chain/],
  ['dictionaries', /parquet\/(?:byte-dictionary|byte-values|number-values|leaf|page-values)/],
  ['encode', /src\/kit\/formats\//],
  ['write', /object-store|node:(?:internal\/)?fs/],
  ['task, sink', /src\//],
]
const OTHER = 'node itself'
const GARBAGE = 'garbage collection'

/** As it is recorded. */
export interface ProfileRun {
  readonly records: number
  readonly data: string
  readonly partitions: number
  /** of the whole process, a record */
  readonly cpuNs: number
  readonly stages: readonly { readonly stage: string; readonly ns: number }[]
}

/** What V8's profiler writes. */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** microseconds before each sample */
  readonly timeDeltas: readonly number[]
}

export interface SelfTimes {
  /** ms by stage, without idle time */
  readonly stages: ReadonlyMap<string, number>
  /** ms by function */
  readonly functions: ReadonlyMap<string, number>
}

export function selfTimes(profile: Profile): SelfTimes {
  const ms = new Map<number, number>()
  for (const [i, id] of profile.samples.entries()) ms.set(id, (ms.get(id) ?? 0) + (profile.timeDeltas[i] ?? 0) / 1000)
  const nodes = new Map(profile.nodes.map(node => [node.id, node]))
  const parents = new Map(profile.nodes.flatMap(node => (node.children ?? []).map(child => [child, node.id] as const)))
  const stages = new Map<string, number>()
  const functions = new Map<string, number>()
  for (const [id, self] of ms) {
    const frame = nodes.get(id)?.callFrame
    if (frame === undefined || frame.functionName === '(idle)') continue
    const add = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + self)
    let stage: string | null = frame.functionName === '(garbage collector)' ? GARBAGE : null
    for (let at: number | undefined = id; stage === null && at !== undefined; at = parents.get(at)) {
      const { url = '', functionName = '' } = nodes.get(at)?.callFrame ?? {}
      stage = stageOf(url === '' ? functionName : url)
    }
    add(stages, stage ?? OTHER)
    add(
      functions,
      `${frame.functionName || '(anonymous)'} ${frame.url.replace(/^.*?\/(src|node_modules)\//, '$1/')}:${frame.lineNumber + 1}`,
    )
  }
  return { stages, functions }
}

function stageOf(name: string): string | null {
  return STAGES.find(([, names]) => names.test(name))?.[0] ?? null
}
