// A shape as code: reads documents of one sequence of keys as fast as bytes can be compared. No text of a record, schema or config becomes
// source: keys enter as the numbers of their bytes, columns by index, and everything else is fixed text of this file. Where code generation is
// forbidden there are no compiled shapes and documents are walked edge by edge. Task threads.
import { generate } from '../../../base/code-generation.ts'
import { type Column, DOUBLE, FALSE, INT, NULL, TEXT, TRUE } from '../../../data/columns.ts'
import { ENDS_PLAIN_TEXT, EXACT_DIGITS, LEFT, POWERS_OF_TEN, type Scalars } from './scalars.ts'
import type { Sequence } from './shapes.ts'

/** Longer sequences make functions that V8 does not optimize. */
const KEYS_MAX = 60

/**
 * Reads documents i, i+1 ... below `to`, into rows from `row` on, as long as they fit; returns how many did. `starts` and `lengths`: of the
 * documents in `bytes`.
 */
type Run = (
  bytes: Buffer,
  starts: Int32Array,
  lengths: Int32Array,
  i: number,
  to: number,
  row: number,
  columns: readonly Column[],
  scalars: Scalars,
) => number

export interface CompiledShape {
  readonly slots: readonly number[]
  /** what it was made for */
  sequence: Sequence
  readonly run: Run
  /** rows read since it was last asked */
  hits: number
}

/** @param tags what each value was in a record that took the sequence. Null: too long, or code generation is forbidden. */
export function compileShape(
  sequence: Sequence,
  slots: readonly number[],
  tags: readonly number[],
  isWhole: boolean,
): CompiledShape | null {
  if (sequence.path.length - 1 > KEYS_MAX) return null
  const make = generate<Make>(['K', 'POW'], sourceOf(sequence.path, tags, isWhole))
  return make === null ? null : { slots, sequence, run: make(ENDS_PLAIN_TEXT, POWERS_OF_TEN), hits: 0 }
}

type Make = (endsText: Uint8Array, powers: Float64Array) => Run

function sourceOf(path: Sequence['path'], tags: readonly number[], isWhole: boolean): string {
  const values = path.slice(0, -1)
  const each = (line: (i: number, slot: number) => string) => values.map((edge, i) => line(i, edge.slot)).join('')
  const body = path.map((edge, i) => prefixSource(edge.prefix) + (i < values.length ? valueSource(i, edge.slot, tags[i]!) : ''))
  return `return function(b,vs,vl,i,to,row,C,S){
const first=i;let p=0,c=0;
${each((k, slot) => `const c${k}=C[${slot}],t${k}=c${k}.tags,x${k}=c${k}.numbers,s${k}=c${k}.starts,e${k}=c${k}.ends;let m${k}=0;\n`)}
L:for(;i<to;i++,row++){
if(vl[i]<=0)break;
p=vs[i];const end=p+vl[i];
${body.join('\n')}
if(${isWhole ? 'p!==end' : 'p>end'})break;
}
${each(k => `c${k}.mask|=m${k};`)}
return i-first}`
}

function prefixSource(prefix: Uint8Array): string {
  const tests = Array.from(prefix, (byte, i) => `b[p+${i}]!==${byte}`)
  return `if(${tests.join('||')})break L;p+=${prefix.length};`
}

/** Reads the value by the general reader. */
const general = (slot: number) => `p=S.read(C,${slot},b,p,end,row);if(p===${LEFT})break L;`

function valueSource(k: number, slot: number, tag: number): string {
  const slow = general(slot)
  const put = (what: number) => `t${k}[row]=${what};m${k}|=${1 << what};`
  switch (tag) {
    case TEXT:
      return `if(b[p]===34){let j=p+1;while(K[b[j]]===0)j++;
if(b[j]===34&&j<end){${put(TEXT)}s${k}[row]=p+1;e${k}[row]=j;p=j+1}else{${slow}}}else{${slow}}`
    case INT:
      return `{const q=p;${DIGITS}
if(n>0&&n<=${EXACT_DIGITS}&&c!==46&&(c|32)!==101&&(n===1?v!==0||g===0:b[d]!==48)){${put(INT)}x${k}[row]=g===1?-v:v;s${k}[row]=q;e${k}[row]=p}
else{p=q;${slow}}}`
    case DOUBLE:
      return `{const q=p;${DIGITS}
if(n>0&&c===46&&(n===1||b[d]!==48)){const f=++p;c=b[p];while(c>=48&&c<=57){v=v*10+(c-48);c=b[++p]}const z=p-f;
if(z>0&&n+z<=${EXACT_DIGITS}&&(c|32)!==101&&v!==0){v/=POW[z];${put(DOUBLE)}x${k}[row]=g===1?-v:v;
s${k}[row]=v>=1e-3&&v<1e7&&(z===1||b[p-1]!==48)?q:-1;e${k}[row]=p}
else{p=q;${slow}}}else{p=q;${slow}}}`
    case TRUE:
    case FALSE:
      return `if(b[p]===116&&b[p+1]===114&&b[p+2]===117&&b[p+3]===101){${put(TRUE)}p+=4}
else if(b[p]===102&&b[p+1]===97&&b[p+2]===108&&b[p+3]===115&&b[p+4]===101){${put(FALSE)}p+=5}else{${slow}}`
    case NULL:
      return `if(b[p]===110&&b[p+1]===117&&b[p+2]===108&&b[p+3]===108){${put(NULL)}p+=4}else{${slow}}`
    default:
      return slow
  }
}

/** Sign g, first digit d, value v and count n of the digits before a point; c is what follows them. */
const DIGITS = `let g=0;c=b[p];if(c===45){g=1;c=b[++p]}const d=p;let v=0;while(c>=48&&c<=57){v=v*10+(c-48);c=b[++p]}const n=p-d;`
