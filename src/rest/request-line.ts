// The request log line in the form of Java's worker: NCSA extended, and the milliseconds it took. Main thread; written by app.ts.
import type { FastifyReply, FastifyRequest } from 'fastify'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** Of a path or an agent more is not written. */
const TEXT_MAX = 2_048

const two = (number: number) => String(number).padStart(2, '0')

/** 26/Nov/2026:00:36:33 +0000 */
function time(atMs: number): string {
  const at = new Date(atMs)
  const day = `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}`
  return `${day}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`
}

export function requestLine(request: FastifyRequest, reply: FastifyReply, nowMs: number): string {
  const { referer = '', 'user-agent': agent = '' } = request.headers
  const cut = (text: string) => text.slice(0, TEXT_MAX).replaceAll('"', '%22')
  const bytes = reply.getHeader('content-length') ?? 0
  const asked = `"${request.method} ${cut(request.originalUrl)} HTTP/${request.raw.httpVersion}"`
  return `${request.ip} - - [${time(nowMs)}] ${asked} ${reply.statusCode} ${bytes} "${cut(referer)}" "${cut(agent)}" ${Math.round(reply.elapsedTime)}`
}
