import { type GraphNode, nodeOf } from '@gradchain/core/engine'
import type { GraphPart } from '../internal/graph.js'
import { declarationsOf, decoded, expressionOf } from './functions.js'
import { Bindings, type Place, type Work } from './launch.js'

/** How long an axis is, and how far apart the elements along it lie. */
type Axis = readonly [length: number, step: number]

/** How far apart the elements along each axis lie. */
const stepsOf = (shape: readonly number[]): number[] => {
  const steps = shape.map(() => 1)
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    steps[axis] = (steps[axis + 1] as number) * (shape[axis + 1] as number)
  }
  return steps
}

/** The same places in the same order, along as few axes as can be. */
const merged = (axes: readonly Axis[]): Axis[] => {
  const few: Axis[] = []
  for (const [length, step] of axes) {
    if (length === 1) continue
    const last = few.at(-1)
    if (last !== undefined && last[1] === length * step) few[few.length - 1] = [last[0] * length, step]
    else few.push([length, step])
  }
  return few
}

const wordsOf = ({ dtype }: Place): number => (dtype === 'float32' ? 1 : 2)

/** The bits of the element at a place, of 32 or 16. */
const bitsAt = (bindings: Bindings, place: Place, start: string, at: string): string => {
  const memory = bindings.nameOf(place)
  return wordsOf(place) === 1
    ? `${memory}[${start} + ${at}]`
    : `((${memory}[${start} + (${at}) / 2u] >> (16u * ((${at}) & 1u))) & 0xffffu)`
}

/** WGSL that says where the i-th place along some axes is, which the record has from a field on. */
const placeText = (name: string, i: string, from: string, count: string): string => `var ${name} = 0u;
var ${name}Rest = ${i};
for (var axis = 0u; axis < ${count}; axis++) {
  let length = table[${from} + 2u * axis];
  ${name} += (${name}Rest % length) * table[${from} + 2u * axis + 1u];
  ${name}Rest /= length;
}`

/** Axes as the record has them: those that change fastest first. */
const flat = (axes: readonly Axis[]): number[] => [...axes].reverse().flat()

interface Whole {
  readonly functions: Set<string>
  readonly bindings: Bindings
  readonly starts: number[]
}

/** Binds what is read and what is written, all word by word. */
const bound = (reads: readonly Place[], to: Place): Whole => {
  const functions = new Set<string>()
  const bindings = new Bindings((name) => functions.add(name))
  for (const place of reads) bindings.addWords(place, false)
  bindings.addWords(to, true)
  return { functions, bindings, starts: [...reads, to].map((place) => bindings.startOf(place)) }
}

const work = (
  { functions, bindings }: Whole,
  rest: Pick<Work, 'body' | 'grain' | 'member'> & { readonly groups?: number }
): Work => ({
  head: `${declarationsOf(functions)}\n${bindings.declarations(2)}`,
  buffers: bindings.buffers,
  usesNumbers: false,
  ...rest
})

/** An array whose elements are those of another one along other axes. */
const gathered = (from: Place, to: Place, axes: readonly Axis[]): Work => {
  const whole = bound([from], to)
  const { bindings } = whole
  const few = merged(axes)
  const target = bindings.nameOf(to)
  const store =
    wordsOf(to) === 1
      ? `for (var e = 0u; e < 4u; e++) { if (4u * q + e < size) { ${target}[result + 4u * q + e] = bits[e]; } }`
      : `${target}[result + 2u * q] = bits[0] | (bits[1] << 16u);
${target}[result + 2u * q + 1u] = bits[2] | (bits[3] << 16u);`
  const body = `let size = table[at];
let source = table[at + 1u];
let result = table[at + 2u];
let axes = table[at + 3u];
for (var q = first + (lane & 15u); q < min(first + COUNT, (size + 3u) / 4u); q += 16u) {
  var bits: array<u32, 4>;
  for (var e = 0u; e < 4u; e++) {
    ${placeText('place', 'min(4u * q + e, size - 1u)', 'at + 4u', 'axes')}
    bits[e] = ${bitsAt(bindings, from, 'source', 'place')};
  }
  ${store}
}`
  const record = [to.length, ...whole.starts, few.length, ...flat(few)]
  return work(whole, { body, grain: 'elements', member: { record, size: to.length, reads: [from], writes: [to] } })
}

const IDLE = { sum: '0u', minOf: '0x7f800000u', maxOf: '0xff800000u' } as const

/** A sum, smallest or largest along axes: each element in the order of a sum over all. */
const reduced = (
  by: 'sum' | 'minOf' | 'maxOf',
  from: Place,
  to: Place,
  outer: readonly Axis[],
  inner: readonly Axis[]
): Work => {
  const whole = bound([from], to)
  const { bindings, functions } = whole
  const uses = (name: string): void => {
    functions.add(name)
  }
  const combine = (x: string, y: string): string =>
    expressionOf(by === 'sum' ? 'add' : by === 'minOf' ? 'min' : 'max', 'float32', [x, y], uses)
  const bits = bitsAt(bindings, from, 'source', 'base + place')
  const four = from.dtype === 'float32' ? 'bitcast<V>(four)' : decoded(from.dtype, 'four', uses)
  const count = inner.reduce((product, [length]) => product * length, 1)
  const [few, within] = [merged(outer), merged(inner)]
  const body = `let size = table[at];
let source = table[at + 1u];
let result = table[at + 2u];
let count = table[at + 3u];
let axes = table[at + 4u];
let axesWithin = table[at + 5u];
let idle = U(${IDLE[by]} + 0u * size);
for (var q = first + (lane & 15u); q < min(first + COUNT, (size + 3u) / 4u); q += 16u) {
  for (var e = 0u; e < 4u; e++) {
    if (4u * q + e >= size) { break; }
    ${placeText('base', '4u * q + e', 'at + 6u', 'axes')}
    var total = bitcast<V>(idle);
    for (var block = 0u; block < count; block += 4096u) {
      var lanes = bitcast<V>(idle);
      for (var i = block; i < min(block + 4096u, count); i += 4u) {
        var four = U(0u);
        for (var k = 0u; k < 4u; k++) {
          ${placeText('place', 'min(i + k, count - 1u)', 'at + 6u + 2u * axes', 'axesWithin')}
          four[k] = ${bits};
        }
        let met = select(idle, bitcast<U>(${four}), U(i) + U(0u, 1u, 2u, 3u) < U(count));
        lanes = ${combine('lanes', 'bitcast<V>(met)')};
      }
      let pairs = ${combine('lanes.xzxz', 'lanes.ywyw')};
      let all = ${combine('pairs.xxxx', 'pairs.yyyy')};
      total = ${combine('total', 'all')};
    }
    ${bindings.nameOf(to)}[result + 4u * q + e] = bitcast<U>(total).x;
  }
}`
  const record = [to.length, ...whole.starts, count, few.length, within.length, ...flat(few), ...flat(within)]
  return work(whole, { body, grain: 'elements', member: { record, size: to.length, reads: [from], writes: [to] } })
}

/** Rows and columns that a workgroup computes, and a thread. */
const TILE = 64
const SQUARE = 4

/** How many products are added up before the result goes to the total. */
const PANEL = 256

/** Products of matrices, 4 × 4 elements to a thread. */
const multiplied = (
  node: Extract<GraphNode, { name: 'matmul' }>,
  a: GraphPart,
  b: GraphPart,
  places: Places
): Work[] => {
  const { shape, transposeA, transposeB, symmetric } = node
  const [m, n] = shape.slice(-2) as [number, number]
  const k = a.shape.at(transposeA ? -2 : -1) as number
  const batch = shape.slice(0, -2).reduce((product, length) => product * length, 1)
  const [from, other] = places.reads as [Place, Place]
  const whole = bound([from, other], places.to)
  const { bindings } = whole
  const [x, y, z] = [from, other, places.to].map((place) => bindings.nameOf(place))
  const tiles = [Math.ceil(m / TILE), Math.ceil(n / TILE)] as const
  const [rowA, columnA] = transposeA ? [1, m] : [k, 1]
  const [rowB, columnB] = transposeB ? [1, k] : [n, 1]
  const record = [
    ...whole.starts,
    ...[m, n, k, ...tiles],
    ...[rowA, columnA, a.shape.length === 2 ? 0 : m * k],
    ...[rowB, columnB, b.shape.length === 2 ? 0 : k * n]
  ]
  const start = `let m = table[at + 3u];
let n = table[at + 4u];
let k = table[at + 5u];
let tiles = table[at + 6u] * table[at + 7u];
let matrix = first / tiles;
let row = ${TILE}u * ((first % tiles) / table[at + 7u]) + ${SQUARE}u * (lane / 16u);
let column = ${TILE}u * (first % table[at + 7u]) + ${SQUARE}u * (lane % 16u);
if (row >= m || column >= n) { return; }
let result = table[at + 2u] + matrix * m * n;`
  const rows = `min(U(row) + U(0u, 1u, 2u, 3u), U(m - 1u))`
  const columns = `min(U(column) + U(0u, 1u, 2u, 3u), U(n - 1u))`
  const four = (memory: string | undefined, at: string, step: string): string =>
    `bitcast<V>(U(${['x', 'y', 'z', 'w'].map((lane) => `${memory}[${at}.${lane} + ${step}]`).join(', ')}))`
  const each = (text: (i: number) => string): string => [0, 1, 2, 3].map(text).join('\n')
  const body = `${start}
let rowsAt = U(table[at] + matrix * table[at + 10u]) + ${rows} * table[at + 8u];
let columnsAt = U(table[at + 1u] + matrix * table[at + 13u]) + ${columns} * table[at + 12u];
${each((i) => `var total${i} = V(0.0);`)}
for (var panel = 0u; panel < k; panel += ${PANEL}u) {
  ${each((i) => `var sum${i} = V(0.0);`)}
  for (var l = panel; l < min(panel + ${PANEL}u, k); l++) {
    let p = ${four(x, 'rowsAt', 'l * table[at + 9u]')};
    let r = ${four(y, 'columnsAt', 'l * table[at + 11u]')};
    ${each((i) => `sum${i} += p[${i}] * r;`)}
  }
  ${each((i) => `total${i} += sum${i};`)}
}
for (var j = 0u; j < 4u; j++) {
  if (column + j >= n) { break; }
  ${each((i) => `if (row + ${i}u < m) { ${z}[result + (row + ${i}u) * n + column + j] = bitcast<u32>(total${i}[j]); }`)}
}`
  const groups = batch * tiles[0] * tiles[1]
  const member = { record, size: places.to.length, reads: places.reads, writes: [places.to] }
  const product = work(whole, { body, grain: 'groups', member, groups })
  if (!symmetric) return [product]
  // What is above the diagonal is a copy of what is below.
  const alone = bound([], places.to)
  const c = alone.bindings.nameOf(places.to)
  const mirror = `${start}
for (var i = row; i < min(row + 4u, m); i++) {
  for (var j = max(column, i + 1u); j < min(column + 4u, n); j++) { ${c}[result + i * n + j] = ${c}[result + j * n + i]; }
}`
  return [product, work(alone, { body: mirror, grain: 'groups', member: { ...member, reads: [] }, groups })]
}

interface Places {
  readonly reads: readonly Place[]
  readonly to: Place
}

/** What computes a node that works on whole arrays: works that follow one another. */
export const wholeOf = (part: GraphPart, operands: readonly GraphPart[], places: Places): readonly Work[] => {
  const node = nodeOf(part.expr)
  const [first, second] = operands as readonly [GraphPart, GraphPart?]
  const [from] = places.reads as readonly [Place]
  const steps = stepsOf(first.shape)
  const stepOf = (axis: number): number => steps[axis] as number
  switch (node.name) {
    case 'broadcast':
      return [
        gathered(
          from,
          places.to,
          node.shape.map((length, axis): Axis => [length, first.shape[axis] === 1 ? 0 : stepOf(axis)])
        )
      ]
    case 'permute':
      return [
        gathered(
          from,
          places.to,
          node.shape.map((length, axis): Axis => [length, stepOf(node.order[axis] as number)])
        )
      ]
    case 'reduce': {
      const isInner = (axis: number): boolean => node.axes.includes(axis)
      const along = (wanted: boolean): Axis[] =>
        first.shape.flatMap((length, axis): Axis[] => (isInner(axis) === wanted ? [[length, stepOf(axis)]] : []))
      return [reduced(node.by, from, places.to, along(false), along(true))]
    }
    case 'matmul':
      return multiplied(node, first, second ?? first, places)
    default:
      return []
  }
}
