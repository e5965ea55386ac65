// What each line of the benches is to reach, on 2 cores that broker and bench share. Printed beside the figures and in the README.
import type { Line } from './cluster/rows.ts'

export interface PeerAim {
  /** ratios in favour of Sluice, at least */
  readonly perSecond?: number
  readonly cpuPerMillion?: number
  readonly peakRssMb?: number
  /** MB of ours, at most */
  readonly peakRssMbMax?: number
}

/** By case of bench:peer, in the order of the documentation. */
export const PEER_AIMS: Readonly<Record<string, PeerAim>> = {
  lake: { perSecond: 5, cpuPerMillion: 3, peakRssMb: 2, peakRssMbMax: 300 },
  consumer: { perSecond: 0.6 },
  'lake-file': {},
  'lake-s3': { perSecond: 0.8 },
  json: { perSecond: 4 },
  string: { perSecond: 2 },
  source: { perSecond: 3 },
  fetch: { perSecond: 1.3 },
  // must not become slower than they were: see bench/README.md
  'json-rows': {},
  'string-rows': {},
  'source-rows': {},
}

/** By figure of bench:footprint: at most, and Java's over ours at least. */
export const FOOTPRINT_AIMS: Readonly<Record<string, { readonly most?: number; readonly ratio?: number }>> = {
  startSeconds: { most: 0.7, ratio: 5 },
  idleRssMb: { most: 90 },
  tasksSeconds: { most: 30 },
  tasksRssMb: { most: 2500 },
}

/** By line of bench:cluster: Java's time over ours, at least. No slower. */
export const CLUSTER_AIMS: Readonly<Record<Line, number>> = { kill: 1, noticed: 1, stop: 1, put: 1, post: 1 }
