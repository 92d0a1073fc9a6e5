import { nodeOf } from '@gradchain/core/engine'
import type { GraphPart } from '../internal/graph.js'
import { decoded, expressionOf } from './functions.js'
import type { Bindings, Place, Work } from './launch.js'
import { products } from './product.js'
import { bound, type Windows, work } from './words.js'

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

/** What computes a node that works on whole arrays: works that follow one another, those of a list at once. */
export const wholeOf = (
  part: GraphPart,
  operands: readonly GraphPart[],
  places: Windows
): readonly (readonly Work[])[] => {
  const node = nodeOf(part.expr)
  const [first, second] = operands as readonly [GraphPart, GraphPart?]
  if (node.name === 'matmul') return products(node, first, second ?? first, places)
  const [from, to] = [places.read(0, null), places.write(null)]
  const steps = stepsOf(first.shape)
  const stepOf = (axis: number): number => steps[axis] as number
  switch (node.name) {
    case 'broadcast':
      return [
        [
          gathered(
            from,
            to,
            node.shape.map((length, axis): Axis => [length, first.shape[axis] === 1 ? 0 : stepOf(axis)])
          )
        ]
      ]
    case 'permute':
      return [
        [
          gathered(
            from,
            to,
            node.shape.map((length, axis): Axis => [length, stepOf(node.order[axis] as number)])
          )
        ]
      ]
    case 'reduce': {
      const isInner = (axis: number): boolean => node.axes.includes(axis)
      const along = (wanted: boolean): Axis[] =>
        first.shape.flatMap((length, axis): Axis[] => (isInner(axis) === wanted ? [[length, stepOf(axis)]] : []))
      return [[reduced(node.by, from, to, along(false), along(true))]]
    }
    default:
      return []
  }
}
