// Throughput over tasks as an SVG picture: a line a series with its range at each point, what tasks with a core each would make as a dotted line,
// where the cores end. Colours for light and dark pages stand in the picture. Called by bench:tasks and `npm run docs`.
import { rateOfOne, type Series } from './series.ts'

const [WIDTH, HEIGHT] = [760, 420]
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 226, 60, 76]
const [FLOOR, END] = [HEIGHT - BOTTOM, WIDTH - RIGHT]
/** light, dark: told apart also without colour vision (Okabe and Ito), and by the marks */
const COLORS = [
  ['#0072b2', '#56b4e9'],
  ['#767676', '#a3a3a3'],
  ['#009e73', '#2fc99b'],
  ['#b0629a', '#e39cc9'],
  ['#d55e00', '#f5923e'],
] as const
const STEPS = [0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10]
const LINES_MAX = 7
const LEGEND_LINE = 38

const rules = (dark: boolean): string =>
  [
    `.card{fill:${dark ? '#161b22' : '#ffffff'};stroke:${dark ? '#30363d' : '#d8dee4'}}`,
    `text{fill:${dark ? '#e6edf3' : '#1f2328'}}.soft{fill:${dark ? '#9198a1' : '#59636e'}}`,
    `.grid{stroke:${dark ? '#2a313a' : '#e6e9ed'}}.axis{stroke:${dark ? '#6e7681' : '#818b98'}}`,
    ...COLORS.map((pair, i) => {
      const color = pair[dark ? 1 : 0]
      return `.s${i}{stroke:${color}}.m${i}{fill:${color}}`
    }),
  ].join('')
const STYLE = `<style>${rules(false)}polyline{fill:none}.line{stroke-width:2.5;stroke-linejoin:round}.range{stroke-width:1.5;opacity:.55}.edge{stroke-dasharray:5 4}.ideal{stroke-width:1.25;stroke-dasharray:2 4}@media(prefers-color-scheme:dark){${rules(true)}}</style>`

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const line = (x1: number, y1: number, x2: number, y2: number, kind: string) =>
  `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`
const words = (x: number, y: number, anchor: string, text: string, rest = '') =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}"${rest}>${escaped(text)}</text>`

/** A shape a series, too. */
function mark(i: number, x: number, y: number): string {
  const shapes = [
    `<circle class="s${i} m${i}" cx="${x}" cy="${y}" r="4.5"/>`,
    `<rect class="s${i} m${i}" x="${x - 4}" y="${y - 4}" width="8" height="8"/>`,
    `<path class="s${i} m${i}" d="M${x} ${y - 5.5}l5.5 9.5h-11z"/>`,
    `<path class="s${i} m${i}" d="M${x} ${y - 6}l6 6-6 6-6-6z"/>`,
    `<path class="s${i} m${i}" d="M${x} ${y + 5.5}l5.5-9.5h-11z"/>`,
  ]
  return shapes[i] ?? shapes[0] ?? ''
}

interface Scale {
  x(tasks: number): number
  y(perSecond: number): number
  readonly high: number
}

function ideal(one: Series, i: number, most: number, { x, y, high }: Scale): string {
  const ofOne = rateOfOne(one)
  const until = Math.min(most, (high * 1e6) / ofOne)
  return until <= 1 ? '' : line(x(1), y(ofOne), x(until), y(until * ofOne), `ideal s${i}`)
}

function drawn(one: Series, i: number, { x, y }: Scale): string {
  const path = one.points.map(({ tasks, perSecond }) => `${x(tasks)},${y(perSecond.median)}`).join(' ')
  const points = one.points.map(
    ({ tasks, perSecond }) =>
      line(x(tasks), y(perSecond.min), x(tasks), y(perSecond.max), `range s${i}`) + mark(i, x(tasks), y(perSecond.median)),
  )
  return `<polyline class="line s${i}" points="${path}"/>${points.join('')}`
}

function legendOf(one: Series, i: number): string {
  const [x, y] = [END + 26, TOP + 12 + i * LEGEND_LINE]
  const ofOne = `Rc ${(rateOfOne(one) / 1e6).toFixed(2)} M/s`
  return (
    line(x - 12, y, x + 12, y, `line s${i}`) +
    mark(i, x, y) +
    words(x + 20, y, 'start', one.label) +
    words(x + 20, y + 15, 'start', ofOne, ' class="soft"')
  )
}

/**
 * @param series at most five, each from one task on
 * @param cores of the machine: a line is drawn there
 */
export function plot(series: readonly Series[], { cores, caption }: { cores: number; caption: string }): string {
  const tasks = [...new Set(series.flatMap(one => one.points.map(point => point.tasks)))].toSorted((a, b) => a - b)
  const most = Math.max(...tasks, 2)
  const top = Math.max(...series.flatMap(one => one.points.map(point => point.perSecond.max))) / 1e6
  const step = STEPS.find(size => top / size <= LINES_MAX) ?? top
  const high = Math.ceil(top / step) * step
  const scale: Scale = {
    high,
    x: count => Math.round(LEFT + 16 + ((END - LEFT - 32) * (count - 1)) / (most - 1)),
    y: perSecond => Math.round(FLOOR - ((FLOOR - TOP) * perSecond) / (high * 1e6)),
  }
  const grid = Array.from({ length: Math.round(high / step) + 1 }, (_, i) => {
    const value = Number((i * step).toFixed(2))
    const y = scale.y(value * 1e6)
    return line(LEFT, y, END, y, i === 0 ? 'axis' : 'grid') + words(LEFT - 10, y + 4, 'end', String(value), ' class="soft"')
  })
  const ticks = tasks.map(
    count =>
      line(scale.x(count), FLOOR, scale.x(count), FLOOR + 5, 'axis') +
      words(scale.x(count), FLOOR + 20, 'middle', String(count), ' class="soft"'),
  )
  const [x, y] = [END + 26, TOP + 12 + series.length * LEGEND_LINE]
  const edge =
    cores > most
      ? []
      : [
          line(scale.x(cores), TOP, scale.x(cores), FLOOR, 'axis edge'),
          line(x - 12, y + 22, x + 12, y + 22, 'axis edge'),
          words(x + 20, y + 26, 'start', `${cores} cores, broker included`, ' class="soft"'),
        ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif" font-size="12.5" role="img">`,
    `<title>Records a second over tasks.max</title>${STYLE}`,
    `<rect class="card" x=".5" y=".5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8"/>`,
    words(LEFT, 28, 'start', 'Records a second over tasks.max', ' font-size="15" font-weight="600"'),
    words(LEFT, 46, 'start', 'millions a second', ' class="soft"'),
    ...grid,
    ...ticks,
    ...edge,
    ...series.map((one, i) => ideal(one, i, most, scale)),
    ...series.map((one, i) => drawn(one, i, scale)),
    ...series.map(legendOf),
    line(x - 12, y, x + 12, y, 'ideal axis'),
    words(x + 20, y + 4, 'start', 'tasks × Rc: a core each', ' class="soft"'),
    words((LEFT + END) / 2, FLOOR + 40, 'middle', 'tasks.max'),
    words(LEFT, HEIGHT - 14, 'start', caption, ' class="soft" font-size="11"'),
    '</svg>',
    '',
  ].join('\n')
}
