/** How a character is dressed: the numbers of an escape sequence of terminals, such as `2;34`; nothing where it is plain. */
export type Tone = string

/** A grid of characters to draw on; places go from 0 to 1 in both directions, the second upwards. */
export interface Canvas {
  /** Joins two places, in dots of which a character has two by four. */
  readonly dots: (from: Place, to: Place, tone: Tone, rank: number) => void
  /** Joins two places with a character of its own. */
  readonly glyphs: (from: Place, to: Place, glyph: string, tone: Tone, rank: number) => void
  /** A character where nothing of at least the rank is. */
  readonly put: (column: number, row: number, glyph: string, tone: Tone, rank: number) => void
  /** Which character a place is in. */
  readonly cellOf: (place: Place) => readonly [column: number, row: number]
  /** The rows, from above, without spaces at their ends. */
  readonly rows: () => readonly string[]
}

/** A place on a canvas. */
export type Place = readonly [x: number, y: number]

interface Cell {
  readonly glyph: string
  /** Which dots are set, as Unicode counts them. */
  readonly dots: number
  readonly tone: Tone
  readonly rank: number
}

const EMPTY: Cell = { glyph: ' ', dots: 0, tone: '', rank: -1 }

/** The bit of a dot in its character, by column and row. */
const BITS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80]
] as const

/** An empty canvas; what has a higher rank hides what has a lower one. */
export const canvas = (columns: number, rows: number): Canvas => {
  const cells = Array.from({ length: rows }, () => new Array<Cell>(columns).fill(EMPTY))
  const at = (column: number, row: number): Cell => cells[row]?.[column] ?? EMPTY
  const set = (column: number, row: number, cell: Cell): void => {
    const line = cells[row]
    if (line !== undefined && column >= 0 && column < columns) line[column] = cell
  }
  const indexOf = (x: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(x * count)))
  const cellOf = ([x, y]: Place): readonly [number, number] => [indexOf(x, columns), indexOf(1 - y, rows)]

  const put: Canvas['put'] = (column, row, glyph, tone, rank) => {
    if (at(column, row).rank <= rank) set(column, row, { glyph, dots: 0, tone, rank })
  }
  const dot = (x: number, y: number, tone: Tone, rank: number): void => {
    const [column, row] = [x >> 1, y >> 2]
    const before = at(column, row)
    if (before.rank > rank) return
    const bit = BITS[(x & 1) as 0 | 1][(y & 3) as 0 | 1 | 2 | 3]
    const dots = (before.rank === rank ? before.dots : 0) | bit
    set(column, row, { glyph: String.fromCharCode(0x2800 + dots), dots, tone, rank })
  }
  const between = (
    from: Place,
    to: Place,
    across: number,
    down: number,
    visit: (x: number, y: number) => void
  ): void => {
    const inside = clipped(from, to)
    if (inside === undefined) return
    const [[x1, y1], [x2, y2]] = inside
    walk(indexOf(x1, across), indexOf(1 - y1, down), indexOf(x2, across), indexOf(1 - y2, down), visit)
  }
  return {
    dots: (from, to, tone, rank) => between(from, to, 2 * columns, 4 * rows, (x, y) => dot(x, y, tone, rank)),
    glyphs: (from, to, glyph, tone, rank) =>
      between(from, to, columns, rows, (column, row) => put(column, row, glyph, tone, rank)),
    put,
    cellOf,
    rows: () => cells.map((line) => dressed(line))
  }
}

/** Characters with the sequences that dress them, one for each stretch of the same. */
const dressed = (line: readonly Cell[]): string => {
  const length = line.findLastIndex(({ glyph }) => glyph !== ' ') + 1
  let [text, tone] = ['', '']
  for (const cell of line.slice(0, length)) {
    if (cell.tone !== tone) text += `${tone === '' ? '' : '\u001b[0m'}${cell.tone === '' ? '' : `\u001b[${cell.tone}m`}`
    tone = cell.tone
    text += cell.glyph
  }
  return tone === '' ? text : `${text}\u001b[0m`
}

/** A text in a tone. */
export const toned = (text: string, tone: Tone): string => (tone === '' ? text : `\u001b[${tone}m${text}\u001b[0m`)

/** The part of a line that lies between 0 and 1 in both directions. */
const clipped = ([x1, y1]: Place, [x2, y2]: Place): readonly [Place, Place] | undefined => {
  const [dx, dy] = [x2 - x1, y2 - y1]
  let [begin, end] = [0, 1]
  for (const [step, room] of [
    [-dx, x1],
    [dx, 1 - x1],
    [-dy, y1],
    [dy, 1 - y1]
  ] as const) {
    if (step === 0 && room < 0) return undefined
    if (step < 0) begin = Math.max(begin, room / step)
    if (step > 0) end = Math.min(end, room / step)
  }
  if (begin > end) return undefined
  return [
    [x1 + begin * dx, y1 + begin * dy],
    [x1 + end * dx, y1 + end * dy]
  ]
}

/** Whole places from one to another, each beside the one before. */
const walk = (x1: number, y1: number, x2: number, y2: number, visit: (x: number, y: number) => void): void => {
  const steps = Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1))
  for (let i = 0; i <= steps; i++) {
    const share = steps === 0 ? 0 : i / steps
    visit(Math.round(x1 + share * (x2 - x1)), Math.round(y1 + share * (y2 - y1)))
  }
}
