import { boolean, check, optional, withDefaults } from '@gradchain/core'
import { type Canvas, canvas, type Place, type Tone, toned } from '../internal/pictures/canvas.js'
import { digits } from '../internal/pictures/curves.js'
import { checkIsPicture, wholeUpTo } from '../internal/pictures/options.js'
import { labelsOf, placeOf, ticksOf } from '../internal/pictures/scale.js'
import { broken, cut } from '../internal/pictures/words.js'
import type { FacetedPicture, LayeredPicture, Picture, PictureLayer, PicturePosition, PictureRow } from './picture.js'

/** Options of {@link toText}. */
export interface ToTextOptions {
  /** How many columns there are for all of it, a whole number from 20 to 1000. @defaultValue `80` */
  readonly width?: number
  /** How many rows a curve has, or each of some histograms, a whole number from 1 to 1000. @defaultValue `12`, of histograms `2` */
  readonly height?: number | undefined
  /** Whether colours tell curves apart, by the escape sequences of terminals. @defaultValue `false`, characters do */
  readonly color?: boolean
}

/** What a curve is drawn with where there are no colours. */
const GLYPHS = ['●', '○', '▲', '△', '■', '□', '◆', '◇'] as const

/** What it is drawn in where there are. */
const TONES = ['34', '33', '32', '35', '36', '31', '94', '93'] as const

const FAINT = '2'

/** What hides what: lines of height and faint ones lie below curves, and curves below single places. */
const RANKS = { contour: 0, mark: 1, faint: 2, bin: 2, curve: 3, dot: 4, target: 5, lost: 5 } as const

/**
 * A picture drawn with characters, for a terminal, a log, a test.
 *
 * One curve is drawn in dots, of which each character has two by four. Where there are several, or lines of equal height, colours tell them apart, or,
 * where there are none, each curve has a character of its own. Axes have round numbers. The text depends on the picture and the options alone.
 *
 * No line is longer than the width; control characters in what users have named are written out.
 *
 * @example
 * const picture = plotSchedule({ one: (step) => step, other: (step) => 20 - step }, { title: 'two', steps: 21 })
 * toText(picture, { width: 36, height: 5 }).split('\n')
 * // => ['two',
 * // '20 ┤○○○○○○○                  ●●●●●●●',
 * // '   │       ○○○○○        ●●●●●',
 * // '10 ┤            ○○○○○○●●',
 * // '   │        ●●●●●●    ○○○○○○○',
 * // ' 0 ┤●●●●●●●●                 ○○○○○○○',
 * // '   └┬───────────────┬──────────────┬',
 * // '    0               10            20',
 * // '                  step',
 * // '● one   ○ other']
 *
 * @throws InvalidOption for an option outside its range, and for what is no picture of ours.
 */
export const toText = (picture: Picture, options: ToTextOptions = {}): string => {
  const given = withDefaults<Required<ToTextOptions>>('toText', options, { width: 80, height: undefined, color: false })
  check('toText', { width: given.width }, wholeUpTo(20, 1000))
  check('toText', { height: given.height }, optional(wholeUpTo(1, 1000)))
  check('toText', { color: given.color }, boolean)
  checkIsPicture('toText', picture)
  return 'layer' in picture
    ? layered(picture, { ...given, height: given.height ?? 12 })
    : faceted(picture, { ...given, height: given.height ?? 2 })
}

interface Settings {
  readonly width: number
  readonly height: number
  readonly color: boolean
}

const layered = (picture: LayeredPicture, { width, height, color }: Settings): string => {
  const [first] = picture.layer as readonly [PictureLayer]
  const { x } = first.encoding
  const y = first.encoding.y as PicturePosition
  const ticks = ticksOf(y.scale.type, y.scale.domain, Math.max(2, Math.round(height / 3)))
  const labels = labelsOf(y.scale.type, ticks)
  const margin = Math.max(...labels.map((label) => label.length), 1)
  const columns = Math.max(4, width - margin - 2)
  const drawing = canvas(columns, height)
  const names = namesOf(picture, color)
  const isCrowded = names.length > 1 || picture.layer.some(({ mark }) => mark.style === 'contour')
  const pen: Pen = { drawing, names, color, isCrowded, x, y }
  for (const layer of picture.layer) drawLayer(layer, pen)

  const beside = new Map(ticks.map((tick, i) => [drawing.cellOf([0, place(tick, y)])[1], labels[i] as string]))
  const rows = drawing.rows().map((row, i) => {
    const label = beside.get(i)
    return `${(label ?? '').padStart(margin)} ${label === undefined ? '│' : '┤'}${row}`
  })
  const above = [
    picture.title.text,
    ...(picture.title.subtitle ?? []),
    ...(needsName(y.title, picture, names) ? [y.title as string] : [])
  ]
  return [
    ...above.flatMap((line) => broken(line, width)),
    ...rows,
    ...axis(x, margin, columns, width),
    ...wrapped(legend(picture, names, color, isCrowded), width)
  ].join('\n')
}

/** Whether what the numbers are is said nowhere else. */
const needsName = (name: string | null, { title }: LayeredPicture, names: readonly string[]): boolean =>
  name !== null && name !== title.text && !(names.length === 1 && names[0] === title.text) && name !== 'y'

/** The names of what is drawn: what is faint is not where there are no colours. */
const namesOf = ({ layer }: LayeredPicture, color: boolean): readonly string[] => {
  const all = layer.find(({ encoding }) => encoding.color !== undefined)?.encoding.color?.scale.domain ?? []
  const rows = layer.filter(({ mark }) => mark.style === 'curve').flatMap(({ data }) => data.values)
  const drawn = new Set(rows.map(({ series }) => series))
  return color ? all : all.filter((name) => drawn.has(name))
}

interface Pen {
  readonly drawing: Canvas
  readonly names: readonly string[]
  readonly color: boolean
  /** Whether there is more than one line, so that dots alone would not do. */
  readonly isCrowded: boolean
  readonly x: PicturePosition
  readonly y: PicturePosition
}

const place = (value: number, { scale }: PicturePosition): number => placeOf(value, scale.type, scale.domain)

const drawLayer = ({ data, mark }: PictureLayer, pen: Pen): void => {
  const { drawing, color, isCrowded, x, y } = pen
  const rank = RANKS[mark.style]
  const at = (row: PictureRow): Place | undefined =>
    typeof row['x'] === 'number' && typeof row['y'] === 'number' ? [place(row['x'], x), place(row['y'], y)] : undefined
  const single = (where: Place | undefined, glyph: string, tone: Tone): void => {
    if (where === undefined || where.some((one) => !(one >= 0 && one <= 1))) return
    drawing.put(...drawing.cellOf(where), glyph, tone, rank)
  }
  if (mark.type === 'line') {
    // Behind a curve without colours nothing else can be told from it.
    if (mark.style === 'faint' && !color) return
    data.values.forEach((row, i) => {
      const [from, to] = [at(data.values[i - 1] ?? {}), at(row)]
      if (from === undefined || to === undefined) return
      const { glyph, tone } = strokeOf(row, mark.style, pen)
      if (color || !isCrowded) drawing.dots(from, to, tone, rank)
      else drawing.glyphs(from, to, glyph, tone, rank)
    })
  }
  if (mark.type === 'point' && mark.style === 'lost') {
    for (const row of data.values) single([place(row['x'] as number, x), 1], '×', color ? '31' : '')
  } else if (mark.type === 'point') {
    for (const row of data.values) {
      const { glyph, tone } = strokeOf(row, mark.style, pen)
      single(at(row), mark.style === 'target' ? '★' : color || !isCrowded ? '•' : glyph, tone)
    }
  }
  if (mark.type === 'rule') {
    for (const row of data.values) {
      for (let i = 0, rows = drawing.rows().length; i < rows; i++) {
        single([place(row['x'] as number, x), (i + 0.5) / rows], '┊', '')
      }
    }
  }
}

const strokeOf = (
  row: PictureRow,
  style: PictureLayer['mark']['style'],
  { names, color }: Pen
): { readonly glyph: string; readonly tone: Tone } => {
  if (style === 'contour') return { glyph: '·', tone: color ? FAINT : '' }
  const index = names.indexOf(String(row['series'])) % GLYPHS.length
  const tone = color && index >= 0 ? (TONES[index] as Tone) : ''
  return { glyph: GLYPHS[index] ?? '•', tone: style === 'faint' && tone !== '' ? `${FAINT};${tone}` : tone }
}

/** The lower axis, its numbers, and what it is of. */
const axis = (x: PicturePosition, margin: number, columns: number, width: number): readonly string[] => {
  const ticks = ticksOf(x.scale.type, x.scale.domain, Math.max(2, Math.floor(columns / 12)), x.axis.tickMinStep === 1)
  const labels = labelsOf(x.scale.type, ticks)
  const line = new Array<string>(columns).fill('─')
  let numbers = ''
  ticks.forEach((tick, i) => {
    const column = Math.min(columns - 1, Math.floor(place(tick, x) * columns))
    const label = labels[i] as string
    const start = Math.min(margin + 2 + column - Math.floor((label.length - 1) / 2), width - label.length)
    if (start < numbers.length + (numbers === '' ? 0 : 1)) return
    line[column] = '┬'
    numbers = numbers.padEnd(start) + label
  })
  const indent = ' '.repeat(margin + 1)
  const title =
    x.title === null ? [] : [cut(x.title.padStart(margin + 2 + Math.round((columns + x.title.length) / 2)), width)]
  return [`${indent}└${line.join('')}`, numbers, ...title]
}

/** What is what: each entry with how long it is without its colours. */
const legend = (
  { layer }: LayeredPicture,
  names: readonly string[],
  color: boolean,
  isCrowded: boolean
): readonly (readonly [text: string, length: number])[] => {
  const curves = names.map((name, i): readonly [string, number] => {
    const sign = color ? toned('━', TONES[i % TONES.length] as Tone) : (GLYPHS[i % GLYPHS.length] as string)
    return [`${sign} ${name}`, name.length + 2]
  })
  const marks = layer
    .filter(({ mark }) => mark.type === 'rule')
    .flatMap(({ data }) =>
      data.values.map((row): readonly [string, number] => [`┊ ${row['series']}`, String(row['series']).length + 2])
    )
  return [...(isCrowded ? curves : []), ...marks]
}

/** Entries beside each other, as many in a line as there is room for. */
const wrapped = (entries: readonly (readonly [text: string, length: number])[], width: number): readonly string[] => {
  const lines: string[] = []
  let room = 0
  for (const [text, length] of entries) {
    const last = lines.length - 1
    if (last >= 0 && room >= length + 3) lines[last] += `   ${text}`
    else {
      lines.push(length > width ? cut(text, width) : text)
      room = width + 3
    }
    room -= length + 3
  }
  return lines
}

const BLOCKS = ' ▁▂▃▄▅▆▇█'

const faceted = (picture: FacetedPicture, { width, height, color }: Settings): string => {
  const names = picture.facet.row.sort
  const { x, y } = picture.spec.encoding as { readonly x: PicturePosition; readonly y: PicturePosition }
  const margin = Math.min(Math.max(...names.map((name) => name.length), 1), Math.max(8, Math.floor(width / 3)))
  const columns = Math.max(4, width - margin - 2)
  const top = y.scale.domain[1]
  // Nothing was counted: the axis has a height all the same.
  const highest = picture.data.values.some(({ share }) => share !== 0) ? top : 0
  const rowsOf = (name: string): readonly string[] => {
    const bins = picture.data.values.filter(({ series }) => series === name)
    const levels = Array.from({ length: columns }, (_, column) => {
      const share = bins.reduce((most, bin) => {
        const [from, to] = [place(bin['from'] as number, x) * columns, place(bin['to'] as number, x) * columns]
        const isOver = from < column + 0.75 && to > column + 0.25
        return isOver ? Math.max(most, bin['share'] as number) : most
      }, 0)
      return share === 0 ? 0 : Math.max(1, Math.round((share / top) * height * 8))
    })
    return Array.from({ length: height }, (_, row) => {
      const below = (height - 1 - row) * 8
      const bars = levels
        .map((level) => BLOCKS[Math.min(8, Math.max(0, level - below))])
        .join('')
        .trimEnd()
      const label = row === height - 1 ? cut(name, margin) : ''
      return `${label.padStart(margin)} │${color && bars !== '' ? toned(bars, TONES[0]) : bars}`
    })
  }
  return [
    ...[picture.title.text, ...(picture.title.subtitle ?? [])].flatMap((line) => broken(line, width)),
    ...names.flatMap(rowsOf),
    ...axis(x, margin, columns, width),
    ...(picture.data.values.length === 0 ? [] : [`highest bin: ${digits(100 * highest)} %`])
  ].join('\n')
}
