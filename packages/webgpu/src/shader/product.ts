import type { MatmulNode } from '@gradchain/core/engine'
import type { GraphPart } from '../internal/graph.js'
import type { Place, Work } from './launch.js'
import { bound, type Piece, type Windows, work } from './words.js'

/** Rows and columns that a workgroup computes, and a thread. */
const TILE = 64
const SQUARE = 4

/** How many products are added up before the result goes to the total. */
const PANEL = 256

/** How many matrices, rows, columns, and terms of the sums between them. */
interface Extent {
  readonly batch: number
  readonly m: number
  readonly n: number
  readonly k: number
}

/** The matrices of a product: how large, and how they lie. */
interface Form extends Extent {
  readonly transposeA: boolean
  readonly transposeB: boolean
  /** How far apart the matrices of a batch lie; 0 where there is one for all. */
  readonly eachA: number
  readonly eachB: number
}

const formOf = ({ shape, transposeA, transposeB }: MatmulNode, a: GraphPart, b: GraphPart): Form => {
  const [m, n] = shape.slice(-2) as [number, number]
  const k = a.shape.at(transposeA ? -2 : -1) as number
  const batch = shape.slice(0, -2).reduce((product, length) => product * length, 1)
  const [eachA, eachB] = [a.shape.length === 2 ? 0 : m * k, b.shape.length === 2 ? 0 : k * n]
  return { batch, m, n, k, transposeA, transposeB, eachA, eachB }
}

type Axis = 'm' | 'n' | 'k'

/** How the elements of a matrix lie: far apart along one axis, and side by side along the other. */
interface Matrix {
  readonly far: Axis
  readonly near: Axis
  readonly each: number
}

const matricesOf = ({ m, n, transposeA, transposeB, eachA, eachB }: Form): readonly [Matrix, Matrix, Matrix] => [
  transposeA ? { far: 'k', near: 'm', each: eachA } : { far: 'm', near: 'k', each: eachA },
  transposeB ? { far: 'n', near: 'k', each: eachB } : { far: 'k', near: 'n', each: eachB },
  { far: 'm', near: 'n', each: m * n }
]

/** From the first to the last element of a matrix of which so much is taken. */
const spanOf = ({ far, near, each }: Matrix, form: Form, of: Extent): number =>
  (of.batch - 1) * each + (of[far] - 1) * form[near] + of[near]

const UNITS: Readonly<Record<Axis, number>> = { m: TILE, n: TILE, k: PANEL }

/** About a half; of a long axis whole tiles or panels. */
const halved = (length: number, unit: number): number => {
  const half = Math.floor(length / 2)
  return length > unit ? Math.max(unit, Math.floor(half / unit) * unit) : half
}

/** How much of a product is computed at a time, so that no matrix is more than so many words: several whole ones, or a block of one. */
const blockOf = (form: Form, most: number): Extent => {
  const matrices = matricesOf(form)
  const { batch, m, n, k } = form
  let of: Extent = { batch, m, n, k }
  for (;;) {
    const large = matrices.find((matrix) => spanOf(matrix, form, of) > most)
    if (large === undefined) return of
    if (of.batch > 1) of = { ...of, batch: Math.floor(of.batch / 2) }
    else {
      const axis = of[large.far] > 1 ? large.far : large.near
      of = { ...of, [axis]: halved(of[axis], UNITS[axis]) }
    }
  }
}

/** A block of a product, and where it begins. */
interface Block {
  readonly at: Extent
  readonly of: Extent
}

const pieceOf = ({ far, near, each }: Matrix, form: Form, { at, of }: Block): Piece => ({
  from: at.batch * each + at[far] * form[near] + at[near],
  count: spanOf({ far, near, each }, form, of)
})

/** What is bound begins and ends at certain words, and may hold some of what lies beside it. */
const SLACK = 64

const areApart = (a: Piece, b: Piece): boolean =>
  a.from + a.count + SLACK <= b.from || b.from + b.count + SLACK <= a.from

/** One piece in which both are. */
const around = (a: Piece, b: Piece): Piece => {
  const from = Math.min(a.from, b.from)
  return { from, count: Math.max(a.from + a.count, b.from + b.count) - from }
}

/** A place some words further on. */
const further = (place: Place, words: number): Place => ({ ...place, offset: place.offset + 4 * words })

/** Two pieces of one array as they are bound: as one where they meet. */
const bothOf = (a: Piece, b: Piece, bind: (piece: Piece) => Place, other = bind): readonly [Place, Place] => {
  if (areApart(a, b)) return [bind(a), other(b)]
  const place = bind(around(a, b))
  const from = Math.min(a.from, b.from)
  return [further(place, a.from - from), further(place, b.from - from)]
}

/** A product, all at once or block by block. */
export const products = (
  node: MatmulNode,
  a: GraphPart,
  b: GraphPart,
  windows: Windows
): readonly (readonly Work[])[] => {
  const form = formOf(node, a, b)
  const { batch, m, n, k } = form
  const whole: Extent = { batch, m, n, k }
  const matrices = matricesOf(form)
  const isWhole = matrices.every((matrix) => spanOf(matrix, form, whole) <= windows.most)
  const start: Extent = { batch: 0, m: 0, n: 0, k: 0 }
  if (isWhole) {
    const places = [windows.read(0, null), windows.read(1, null), windows.write(null)] as const
    const works = multiplied(form, { at: start, of: whole }, places, null)
    return node.symmetric ? [[works], [mirrored(form, { at: start, of: whole }, [places[2], places[2]])]] : [[works]]
  }
  // Two pieces of one array may have to be bound as one.
  const most = windows.isSame ? Math.floor(windows.most / 2) - SLACK : windows.most
  const of = blockOf(form, most)
  // Sums that break off in the middle of a panel are kept.
  const sums = of.k < k && of.k % PANEL !== 0 ? windows.between() : null
  const phases: Work[][] = []
  for (const block of blocksOf(form, of)) {
    const [pieceA, pieceB, pieceC] = matrices.map((matrix) => pieceOf(matrix, form, block)) as [Piece, Piece, Piece]
    const [x, y] = windows.isSame
      ? bothOf(pieceA, pieceB, (piece) => windows.read(0, piece))
      : [windows.read(0, pieceA), windows.read(1, pieceB)]
    const made = multiplied(form, block, [x, y, windows.write(pieceC)], sums?.(pieceC) ?? null)
    const phase = block.at.k / of.k
    phases[phase] = [...(phases[phase] ?? []), made]
  }
  return node.symmetric ? [...phases, mirrors(form, windows)] : phases
}

/** The blocks of a product, those of a sum in order. */
function* blocksOf(form: Form, of: Extent): Generator<Block> {
  const lengths = (at: Extent): Extent => ({
    batch: Math.min(of.batch, form.batch - at.batch),
    m: Math.min(of.m, form.m - at.m),
    n: Math.min(of.n, form.n - at.n),
    k: Math.min(of.k, form.k - at.k)
  })
  for (let batch = 0; batch < form.batch; batch += of.batch) {
    for (let m = 0; m < form.m; m += of.m) {
      for (let n = 0; n < form.n; n += of.n) {
        for (let k = 0; k < form.k; k += of.k) {
          const at = { batch, m, n, k }
          yield { at, of: lengths(at) }
        }
      }
    }
  }
}

/** What a workgroup does that has one tile: where in the result its threads are. */
const TILES = `let m = table[at + 3u];
let n = table[at + 4u];
let k = table[at + 5u];
let tiles = table[at + 6u] * table[at + 7u];
let matrix = first / tiles;
let row = ${TILE}u * ((first % tiles) / table[at + 7u]) + ${SQUARE}u * (lane / 16u);
let column = ${TILE}u * (first % table[at + 7u]) + ${SQUARE}u * (lane % 16u);
if (row >= m || column >= n) { return; }
let stride = table[at + 14u];
let result = table[at + 2u] + matrix * table[at + 15u];`

/** What {@link TILES} and what follows it are told. */
const recordOf = (
  form: Form,
  { of }: Block,
  starts: readonly number[]
): readonly [record: number[], groups: number] => {
  const { m, n, k, transposeA, transposeB, eachA, eachB } = form
  const tiles = [Math.ceil(of.m / TILE), Math.ceil(of.n / TILE)] as const
  const [rowA, columnA] = transposeA ? [1, m] : [k, 1]
  const [rowB, columnB] = transposeB ? [1, k] : [n, 1]
  const record = [
    ...starts.slice(0, 3),
    ...[of.m, of.n, of.k, ...tiles],
    ...[rowA, columnA, eachA],
    ...[rowB, columnB, eachB],
    ...[n, m * n],
    ...starts.slice(3)
  ]
  return [record, of.batch * tiles[0] * tiles[1]]
}

const each = (text: (i: number) => string): string => [0, 1, 2, 3].map(text).join('\n')

/** WGSL for each of the elements of a thread that are there. */
const elements = (text: (i: number) => string): string => `for (var j = 0u; j < 4u; j++) {
  if (column + j >= n) { break; }
  ${each((i) => `if (row + ${i}u < m) { ${text(i)} }`)}
}`

/** A block of a product, 4 × 4 elements to a thread; sums that break off in the middle of a panel go to places of their own. */
const multiplied = (form: Form, block: Block, places: readonly [Place, Place, Place], sums: Place | null): Work => {
  const { at, of } = block
  const [from, other, to] = places
  const end = at.k + of.k
  const opens = at.k % PANEL === 0
  const closes = end % PANEL === 0 || end === form.k
  // What is not used must not be bound.
  const result = sums === null || closes ? [to] : []
  const kept = sums === null || (opens && closes) ? [] : [sums]
  const whole = bound([from, other], ...result, ...kept)
  const { bindings } = whole
  const [x, y] = [from, other].map((place) => bindings.nameOf(place))
  const [z, memory] = [result, kept].map(([place]) => place && bindings.nameOf(place))
  const startOf = ([place]: readonly Place[]): number => (place === undefined ? 0 : bindings.startOf(place))
  const starts = [bindings.startOf(from), bindings.startOf(other), startOf(result), startOf(kept)]
  const [record, groups] = recordOf(form, block, starts)
  const rows = `min(U(row) + U(0u, 1u, 2u, 3u), U(m - 1u))`
  const columns = `min(U(column) + U(0u, 1u, 2u, 3u), U(n - 1u))`
  const four = (memory: string | undefined, at: string, step: string): string =>
    `bitcast<V>(U(${['x', 'y', 'z', 'w'].map((lane) => `${memory}[${at}.${lane} + ${step}]`).join(', ')}))`
  const place = (start: string, i: number): string => `${start} + (row + ${i}u) * stride + column + j`
  const load = (memory: string | undefined, start: string, name: string): string =>
    elements((i) => `${name}${i}[j] = bitcast<f32>(${memory}[${place(start, i)}]);`)
  const store = (memory: string | undefined, start: string, name: string): string =>
    elements((i) => `${memory}[${place(start, i)}] = bitcast<u32>(${name}${i}[j]);`)
  const terms = (begin: string, end: string): string => `for (var l = ${begin}; l < ${end}; l++) {
    let p = ${four(x, 'rowsAt', 'l * table[at + 9u]')};
    let r = ${four(y, 'columnsAt', 'l * table[at + 11u]')};
    ${each((i) => `sum${i} += p[${i}] * r;`)}
  }`
  const zeros = (name: string): string => each((i) => `var ${name}${i} = V(0.0);`)
  const added = each((i) => `total${i} += sum${i};`)
  const totals = `${zeros('total')}\n${at.k === 0 ? '' : load(z, 'result', 'total')}`
  const panels = `${totals}
for (var panel = 0u; panel < k; panel += ${PANEL}u) {
  ${zeros('sum')}
  ${terms('panel', `min(panel + ${PANEL}u, k)`)}
  ${added}
}
${store(z, 'result', 'total')}`
  const part = `let kept = table[at + 16u] + matrix * table[at + 15u];
${zeros('sum')}
${opens ? '' : load(memory, 'kept', 'sum')}
${terms('0u', 'k')}
${closes ? `${totals}\n${added}\n${store(z, 'result', 'total')}` : store(memory, 'kept', 'sum')}`
  const body = `${TILES}
let rowsAt = U(table[at] + matrix * table[at + 10u]) + ${rows} * table[at + 8u];
let columnsAt = U(table[at + 1u] + matrix * table[at + 13u]) + ${columns} * table[at + 12u];
${sums === null ? panels : part}`
  const member = { record, size: to.length, reads: [from, other], writes: [...result, ...kept] }
  return work(whole, { body, grain: 'groups', member, groups })
}

/** What is above the diagonal is a copy of what is below: a block of rows and columns out of one of columns and rows. */
const mirrored = (form: Form, block: Block, [below, above]: readonly [Place, Place]): Work => {
  const whole = bound([below], above)
  const [x, z] = [below, above].map((place) => whole.bindings.nameOf(place))
  const [record, groups] = recordOf(form, block, [whole.starts[0] as number, 0, whole.starts[1] as number])
  const { at } = block
  const body = `${TILES}
let source = table[at] + matrix * table[at + 15u];
let offset = table[at + 16u];
for (var i = row; i < min(row + 4u, m); i++) {
  for (var j = column; j < min(column + 4u, n); j++) {
    if (j + offset > i) { ${z}[result + i * stride + j] = ${x}[source + j * stride + i]; }
  }
}`
  const member = { record: [...record, at.n - at.m], size: above.length, reads: [], writes: [above] }
  return work(whole, { body, grain: 'groups', member, groups })
}

/** The same for a result of which two blocks of rows may be bound at a time. */
const mirrors = (form: Form, windows: Windows): Work[] => {
  const { batch, m, n } = form
  const rows = Math.max(1, Math.floor((windows.most - SLACK) / 2 / n))
  const made: Work[] = []
  const row = (matrix: number, i: number): number => (matrix * m + i) * n
  for (let matrix = 0; matrix < batch; matrix++) {
    for (let i = 0; i < m; i += rows) {
      for (let j = i; j < n; j += rows) {
        const of = { batch: 1, m: Math.min(rows, m - i), n: Math.min(rows, n - j), k: 0 }
        const [to, from]: [Piece, Piece] = [
          { from: row(matrix, i), count: of.m * n },
          { from: row(matrix, j), count: of.n * n }
        ]
        const [above, below] = bothOf(to, from, windows.write)
        const block = { at: { batch: matrix, m: i, n: j, k: 0 }, of }
        made.push(mirrored(form, block, [further(below, i), further(above, j)]))
      }
    }
  }
  return made
}
