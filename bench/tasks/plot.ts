// Throughput over tasks as an SVG line plot: a line a series, its range as a bar at each point. Called by bench:tasks and `npm run docs`.
import type { Spread } from '../spread.ts'

export interface Series {
  readonly label: string
  readonly points: readonly { readonly tasks: number; readonly perSecond: Spread }[]
}

/** As it is recorded. */
export interface TasksRun {
  readonly partitions: number
  readonly records: number
  readonly rounds: number
  readonly series: readonly Series[]
}

const [WIDTH, HEIGHT] = [720, 360]
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 190, 24, 48]
const COLORS = ['#0b6e99', '#d9730d', '#6b6b6b', '#7a4fa3']
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10]
const LINES_MAX = 8

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const line = (x1: number, y1: number, x2: number, y2: number, color: string) =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color}"/>`
const words = (x: number, y: number, anchor: string, text: string) =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(text)}</text>`

export function plot(series: readonly Series[], caption: string): string {
  const tasks = [...new Set(series.flatMap(one => one.points.map(point => point.tasks)))].toSorted((a, b) => a - b)
  const top = Math.max(...series.flatMap(one => one.points.map(point => point.perSecond.max))) / 1e6
  const step = STEPS.find(size => top / size <= LINES_MAX) ?? top
  const high = Math.ceil(top / step) * step
  // tasks double from point to point: evenly spaced
  const x = (count: number) => Math.round(LEFT + ((WIDTH - LEFT - RIGHT) * tasks.indexOf(count)) / Math.max(tasks.length - 1, 1))
  const y = (millions: number) => Math.round(HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * millions) / high)
  const grid = Array.from({ length: Math.round(high / step) + 1 }, (_, i) => {
    const value = Number((i * step).toFixed(1))
    return line(LEFT, y(value), WIDTH - RIGHT, y(value), '#ddd') + words(LEFT - 8, y(value) + 4, 'end', String(value))
  })
  const ticks = tasks.map(count => words(x(count), HEIGHT - BOTTOM + 20, 'middle', String(count)))
  const lines = series.map(({ label, points }, i) => {
    const color = COLORS[i % COLORS.length] ?? '#000'
    const path = points.map(point => `${x(point.tasks)},${y(point.perSecond.median / 1e6)}`).join(' ')
    const bars = points.map(({ tasks: count, perSecond }) =>
      line(x(count), y(perSecond.min / 1e6), x(count), y(perSecond.max / 1e6), color),
    )
    const legend = `<g fill="${color}">${words(WIDTH - RIGHT + 14, TOP + 16 + 20 * i, 'start', label)}</g>`
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>${bars.join('')}${legend}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...grid,
    ...ticks,
    words(LEFT, HEIGHT - 8, 'start', `over tasks.max; ${caption}`),
    words(LEFT, TOP - 8, 'middle', 'M records/s'),
    ...lines,
    '</svg>',
    '',
  ].join('\n')
}
