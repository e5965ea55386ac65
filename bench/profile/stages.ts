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
/** what records meet first */
const FIRST = /src\/kafka\/codec\/record-index/
const GARBAGE = 'garbage collection'

/** As it is recorded. */
export interface ProfileRun {
  readonly records: number
  readonly data: string
  readonly partitions: number
  readonly program: 'source'
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

/** From the first batch of records on: the start of the thread is not the task. */
export function selfTimes(profile: Profile): SelfTimes {
  const nodes = new Map(profile.nodes.map(node => [node.id, node]))
  const parents = new Map(profile.nodes.flatMap(node => (node.children ?? []).map(child => [child, node.id] as const)))
  const stageOfNode = (id: number): string => {
    if (nodes.get(id)?.callFrame.functionName === '(garbage collector)') return GARBAGE
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { url = '', functionName = '' } = nodes.get(at)?.callFrame ?? {}
      const stage = stageOf(url === '' ? functionName : url)
      if (stage !== null) return stage
    }
    return OTHER
  }
  const stageById = new Map(profile.nodes.map(({ id }) => [id, stageOfNode(id)]))
  const first = profile.samples.findIndex(id => FIRST.test(nodes.get(id)?.callFrame.url ?? ''))
  const stages = new Map<string, number>()
  const functions = new Map<string, number>()
  for (let i = Math.max(first, 0); i < profile.samples.length; i++) {
    const id = profile.samples[i] ?? 0
    const frame = nodes.get(id)?.callFrame
    if (frame === undefined || frame.functionName === '(idle)') continue
    const ms = (profile.timeDeltas[i] ?? 0) / 1000
    const add = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + ms)
    add(stages, stageById.get(id) ?? OTHER)
    const place = `${frame.url.replace(/^.*?\/(src|node_modules)\//, '$1/')}:${frame.lineNumber + 1}`
    add(functions, `${frame.functionName || '(anonymous)'} ${place}`)
  }
  return { stages, functions }
}

function stageOf(name: string): string | null {
  return STAGES.find(([, names]) => names.test(name))?.[0] ?? null
}
