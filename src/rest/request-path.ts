// What of a request's path counts, as Java's server reads it. Main thread; used by app.ts and forwarding.ts.

/** As the router has it: a request to a proxy names the host, too. */
const ORIGIN = /^https?:\/\/[^/]*/
const MATRIX_PARAMETERS = /;[^/]*/g

function splitPath(url: string): [path: string, rest: string] {
  const end = url.search(/[?#]/)
  return end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end)]
}

/**
 * The URL that is routed: without matrix parameters, which Java's server passes over (`/connectors/c;v=1/status` is that of c; a `;` of a name
 * is `%3B`). `*`, the server as a whole, is no path here and there; to our router it would be `/`.
 */
export function routedUrl(url: string): string {
  if (url === '*') return '/*'
  if (!url.includes(';')) return url
  const [path, rest] = splitPath(url)
  return path.replace(MATRIX_PARAMETERS, '') + rest
}

/**
 * Whether a path has the fixed parts of its route as they are written: to Java's server `%63` is no `c` there, as it is none to a proxy in front of
 * the worker that keeps a path from somebody. Our router decodes first.
 * @param route with `:name` for what is not fixed
 */
export function isAsWritten(route: string, url: string): boolean {
  if (!url.includes('%')) return true
  const parts = splitPath(url)[0].replace(ORIGIN, '').split('/')
  return route.split('/').every((part, i) => part.startsWith(':') || part === (parts[i] ?? ''))
}

/**
 * Path and query to send on. The path is as it came: `URL` takes `..`, `%2E%2E` and `\` for more than parts of a name and would make it the path of
 * another connector (`/connectors/c\offsets` that of the offsets of c).
 */
export function sentParts(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const [path, rest] = splitPath(url.replace(ORIGIN, ''))
  return { path, query: new URLSearchParams(rest.startsWith('?') ? rest.replace(/#.*/, '') : '') }
}
