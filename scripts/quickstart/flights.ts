// The input of the quickstart, 200,000 real flights of the npm package vega-datasets, and what must come back: counts and sums per
// hour of departure. Main thread of the quickstart.
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export interface Flight {
  /** minutes late */
  delay: number
  /** miles */
  distance: number
  /** of departure, in hours: 13.5 is half past one */
  time: number
}

/** All whole numbers, so that equal means equal: the time counts in minutes. */
export interface HourOfDay {
  hour: number
  flights: number
  delay: number
  distance: number
  minutes: number
}

const FLIGHTS = new URL('../../node_modules/vega-datasets/data/flights-200k.json', import.meta.url)

export async function readFlights(): Promise<Flight[]> {
  return JSON.parse(await readFile(FLIGHTS, 'utf8')) as Flight[]
}

/** One JSON object a line. */
export async function writeLines(flights: readonly Flight[], file: string): Promise<void> {
  function* text() {
    for (let i = 0; i < flights.length; i += 1000)
      yield flights
        .slice(i, i + 1000)
        .map(flight => `${JSON.stringify(flight)}\n`)
        .join('')
  }
  await pipeline(Readable.from(text()), createWriteStream(file))
}

export function perHour(flights: readonly Flight[]): HourOfDay[] {
  const hours = new Map<number, HourOfDay>()
  for (const { delay, distance, time } of flights) {
    const hour = Math.floor(time)
    const sum = hours.get(hour) ?? { hour, flights: 0, delay: 0, distance: 0, minutes: 0 }
    sum.flights++
    sum.delay += delay
    sum.distance += distance
    sum.minutes += Math.round(time * 60)
    hours.set(hour, sum)
  }
  return [...hours.values()].sort((a, b) => a.hour - b.hour)
}
