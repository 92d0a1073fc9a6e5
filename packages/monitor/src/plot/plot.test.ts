import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { learningRateFinder } from '../loop/learningRateFinder.js'
import type { LayeredPicture, PictureRow } from './picture.js'
import { plotHistograms } from './plotHistograms.js'
import { plotLandscape } from './plotLandscape.js'
import { plotLearningRateFinder } from './plotLearningRateFinder.js'
import { plotRun } from './plotRun.js'
import { plotSchedule } from './plotSchedule.js'
import { toText } from './toText.js'

const rowsOf = (picture: LayeredPicture, style: string): readonly PictureRow[] =>
  picture.layer.filter(({ mark }) => mark.style === style).flatMap(({ data }) => data.values)
const ysOf = (picture: LayeredPicture, style = 'curve') => rowsOf(picture, style).map(({ y }) => y)
const lossesOf = (losses: readonly number[]) => losses.map((loss) => ({ loss }))

describe('plotRun', () => {
  test('the least and the greatest number are in the picture, however many rows there are', () => {
    const losses = Array.from({ length: 100_000 }, (_, i) => 2 + Math.sin(i / 1000))
    losses[31_234] = 1000
    losses[77_777] = -1000
    const ys = ysOf(plotRun(lossesOf(losses)))
    expect(ys.length).toBeLessThan(1300)
    expect(ys).toContain(1000)
    expect(ys).toContain(-1000)
    expect([ys[0], ys.at(-2), ys.at(-1)]).toStrictEqual([losses[0], losses.at(-1), null])
  })

  test('what is no number breaks the curve, has a cross, and is told', () => {
    const picture = plotRun(lossesOf([1, 2, Number.NaN, 3, Infinity, 4, 5]))
    expect(ysOf(picture)).toStrictEqual([1, 2, null, 3, null, 4, 5, null])
    expect(ysOf(picture, 'dot')).toStrictEqual([3])
    expect(rowsOf(picture, 'lost')).toStrictEqual([{ x: 2 }, { x: 4 }])
    // At the edge, too, all of a cross and of a dot is seen.
    expect(picture.layer.map(({ mark }) => [mark.style, mark.clip])).toStrictEqual([
      ['curve', true],
      ['dot', false],
      ['lost', false]
    ])
    expect(picture.title.subtitle).toStrictEqual(['loss: NaN or infinite 2 times, first at step 2'])
    expect(picture.layer[0]?.encoding.y).toMatchObject({ scale: { type: 'linear', domain: [1, 5] } })
  })

  test('on a logarithmic scale zeros lie at its lower end', () => {
    const picture = plotRun(lossesOf([1, 0.1, 0, -1]), { scale: 'log' })
    expect(ysOf(picture)).toStrictEqual([1, 0.1, 0.01, 0.01, null])
    expect(picture.title.subtitle).toStrictEqual(['loss: 0 or less 2 times, drawn at the lower end'])
  })

  test('the scale is logarithmic where that is needed and possible', () => {
    const typeOf = (losses: readonly number[]) => {
      const y = plotRun(lossesOf(losses)).layer[0]?.encoding.y
      return y !== undefined && 'scale' in y ? y.scale.type : undefined
    }
    expect([[1, 100], [1, 99], [0, 100], [-1, 100], []].map(typeOf)).toStrictEqual([
      'log',
      'linear',
      'linear',
      'linear',
      'linear'
    ])
  })

  test('rows without a number are passed over; of all names those that have numbers are shown', () => {
    const rows = [
      { step: 1, loss: 3, note: 'a' },
      { step: 2, loss: 2, validation: 4n },
      { step: 5, loss: 1, validation: null }
    ]
    const picture = plotRun(rows)
    expect(rowsOf(picture, 'curve').filter(({ y }) => y !== null)).toStrictEqual([
      { x: 1, y: 3, series: 'loss', i: 0 },
      { x: 2, y: 2, series: 'loss', i: 1 },
      { x: 5, y: 1, series: 'loss', i: 2 },
      { x: 2, y: 4, series: 'validation', i: 4 }
    ])
  })

  test('a value that is still to come is passed over, and where nothing came at all, that is said', () => {
    const notes = [plotRun([]), plotRun([{}], { y: ['loss'] }), plotRun([{ loss: null }], { y: ['loss'] })].map(
      ({ title }) => title.subtitle
    )
    expect(notes).toStrictEqual(new Array(3).fill(['there is nothing to draw']))
    const known = plotRun([{ loss: 1, validation: null }], { y: ['loss', 'validation'] })
    expect(known.title.subtitle).toBeUndefined()
    // That it was NaN says more.
    expect(plotRun(lossesOf([Number.NaN])).title.subtitle).toStrictEqual([
      'loss: NaN or infinite once, first at step 0'
    ])
  })

  test('to those who see few colours, dashes tell the fifth curve and those behind it from the first four', () => {
    const dashesOf = (count: number) => {
      const row = Object.fromEntries([...'abcdefgh'].slice(0, count).map((name) => [name, 1]))
      return plotRun([row, row]).layer[0]?.encoding.strokeDash?.scale
    }
    expect(dashesOf(4)).toBeUndefined()
    expect(dashesOf(5)?.range[4]).toStrictEqual([6, 3])
    expect(dashesOf(6)).toStrictEqual({
      domain: ['a', 'b', 'c', 'd', 'e', 'f'],
      range: [
        [1, 0],
        [1, 0],
        [1, 0],
        [1, 0],
        [6, 3],
        [6, 3]
      ]
    })
    expect(dashesOf(8)?.range.slice(6)).toStrictEqual([
      [2, 2],
      [2, 2]
    ])
  })

  test('what is smoothed is the average of what was there, made up for its start', () => {
    const picture = plotRun(lossesOf([4, Number.NaN, 1, 7]), { smoothing: 0.5 })
    expect(ysOf(picture, 'faint')).toStrictEqual([4, null, 1, 7, null])
    const [first, gap, second, third] = ysOf(picture)
    expect([first, gap]).toStrictEqual([4, null])
    expect(second).toBe((0.25 * 4 + 0.5 * 1) / 0.75)
    expect(third).toBe((0.125 * 4 + 0.25 * 1 + 0.5 * 7) / 0.875)
  })

  test('names from everywhere are only names', () => {
    const rows = [JSON.parse('{"__proto__": 1, "toString": 2}')]
    expect(new Set(rowsOf(plotRun(rows), 'curve').map(({ series }) => series))).toStrictEqual(
      new Set(['__proto__', 'toString'])
    )
  })

  test.each<[string, () => unknown]>([
    ['plotRun: rows must be a list of objects, got 3', () => plotRun(3 as never)],
    ['plotRun: rows must be a list of objects, got [null]', () => plotRun([null as never])],
    ['plotRun: rows[1].loss must be a number, got "2"', () => plotRun([{ loss: 1 }, { loss: '2' }])],
    [
      'plotRun: rows[1].step must be a number up to 1e300, got NaN',
      () =>
        plotRun([
          { step: 1, a: 1 },
          { step: Number.NaN, a: 1 }
        ])
    ],
    [
      'plotRun: rows[1].at must be a number up to 1e300, got undefined',
      () => plotRun([{ at: 0 }, { a: 1 }], { x: 'at' })
    ],
    ['plotRun: x must be one of "a", "b", got "at"', () => plotRun([{ a: 1 }, { a: 1, b: 2 }], { x: 'at' })],
    [
      'plotRun: y[1] must be one of "step", "loss", "note", got "los"',
      () => plotRun([{ step: 0, loss: 1, note: 'a' }], { y: ['loss', 'los'] })
    ],
    [
      'plotRun: y[0] must be one of "toString", got "constructor"',
      () => plotRun([{ toString: 1 }], { y: ['constructor'] })
    ],
    [
      'plotRun: rows must have numbers besides "step" under some name, got ["step", "note"]',
      () => plotRun([{ step: 0, note: 'a' }])
    ],
    ['plotRun: rows must have numbers under some name, got ["losses"]', () => plotRun([{ losses: { train: 1 } }])],
    ['plotRun: y must be a list of different names, at least one, got []', () => plotRun([], { y: [] })],
    [
      'plotRun: y must name at most 8 of what the rows have, which is 9',
      () => plotRun([Object.fromEntries([...'abcdefghi'].map((k) => [k, 1]))])
    ],
    [
      'plotRun: y must be a list of different names, at least one, got ["a", "a"]',
      () => plotRun([], { y: ['a', 'a'] })
    ],
    ['plotRun: scale must be one of "linear", "log", got "cubic"', () => plotRun([], { scale: 'cubic' as never })],
    ['plotRun: smoothing must be in [0, 1), got 1', () => plotRun([], { smoothing: 1 })],
    ['plotRun: title must be a text, got 3', () => plotRun([], { title: 3 as never })],
    ['plotRun: width must be a whole number ≥ 1, got 0.5', () => plotRun([], { width: 0.5 })],
    ['plotRun: there is no option colour', () => plotRun([], { colour: 1 } as never)],
    [
      'plotSchedule: steps must be a whole number from 1 to 10000000, got undefined',
      () => plotSchedule(() => 1, {} as never)
    ],
    ['plotSchedule: steps must be a whole number from 1 to 10000000, got 0', () => plotSchedule(() => 1, { steps: 0 })],
    [
      'plotSchedule: "b" must give a number at step 0, got "x"',
      () => plotSchedule({ a: () => 1, b: () => 'x' as never }, { steps: 1 })
    ],
    ['plotSchedule: schedules.a must be a function, got 1', () => plotSchedule({ a: 1 as never }, { steps: 1 })],
    ['plotSchedule: schedules must be one or more, got none', () => plotSchedule({}, { steps: 1 })],
    ['plotSchedule: schedules must be an object, got null', () => plotSchedule(null as never, { steps: 1 })],
    ['plotSchedule: from must be a whole number ≥ 0, got -1', () => plotSchedule(() => 1, { steps: 1, from: -1 })],
    [
      'plotHistograms: histograms.a must be edges that ascend',
      () => plotHistograms({ a: { edges: [1, 1], counts: [1, 1, 1] } })
    ],
    [
      'plotHistograms: histograms.a must be edges that ascend',
      () => plotHistograms({ a: { edges: [1], counts: [1] } })
    ],
    [
      'plotHistograms: histograms.a must be edges that ascend',
      () => plotHistograms({ a: { edges: [1], counts: [1, Number.NaN] } })
    ],
    [
      'plotHistograms: scale must be "linear" where edges are not above 0, as those of "a" are',
      () => plotHistograms({ a: { edges: [0, 1], counts: [1, 1, 1] } }, { scale: 'log' })
    ],
    ['plotLandscape: x must be given where there are no paths', () => plotLandscape(() => 1)],
    [
      'plotLandscape: f must give a number, got undefined at [0, 0]',
      () => plotLandscape((() => undefined) as never, { x: [0, 1], y: [0, 1] })
    ],
    [
      'plotLandscape: x must be two numbers up to 1e300, the first below the second, got [1, 1]',
      () => plotLandscape(() => 1, { x: [1, 1], y: [0, 1] })
    ],
    [
      'plotLandscape: paths.a must be a list of places [x, y], got',
      () => plotLandscape(() => 1, { paths: { a: [[1] as never] } })
    ],
    [
      'plotLandscape: levels must be a whole number from 1 to 64, got 0',
      () => plotLandscape(() => 1, { x: [0, 1], y: [0, 1], levels: 0 })
    ],
    [
      'plotLearningRateFinder: finder must be one that learningRateFinder made, got undefined',
      () => plotLearningRateFinder(undefined as never, learningRateFinder().init)
    ],
    [
      'plotLearningRateFinder: state must be one of the finder, got undefined',
      () => plotLearningRateFinder(learningRateFinder(), undefined as never)
    ],
    ['toText: width must be a whole number from 20 to 1000, got 19', () => toText(plotRun([]), { width: 19 })],
    ['toText: height must be a whole number from 1 to 1000, got 0', () => toText(plotRun([]), { height: 0 })],
    ['toText: color must be true or false, got 1', () => toText(plotRun([]), { color: 1 as never })],
    ['toText: picture must be one that a plot function made, got an object', () => toText({} as never)],
    ['toText: picture must be one that a plot function made, got null', () => toText(null as never)]
  ])('refuses: %s', (message, refused) => {
    expect(refused).toThrow(message)
  })
})

describe('plotSchedule', () => {
  test('every step is looked at, and a spike of one of a million is seen', () => {
    const ys = ysOf(plotSchedule((step) => (step === 765_432 ? 9 : 1), { steps: 1_000_000 }))
    expect(ys.length).toBeLessThan(1300)
    expect(ys.filter((y) => y === 9)).toStrictEqual([9])
  })

  test('begins where it is told', () => {
    expect(
      rowsOf(
        plotSchedule((step) => step ** 2, { from: 5, steps: 3 }),
        'curve'
      ).slice(0, 3)
    ).toStrictEqual([
      { x: 5, y: 25, series: 'schedule', i: 0 },
      { x: 6, y: 36, series: 'schedule', i: 1 },
      { x: 7, y: 49, series: 'schedule', i: 2 }
    ])
  })
})

describe('plotHistograms', () => {
  test('counts times a number are the same picture; nothing counted has no height', () => {
    const edges = [1, 10, 100]
    const once = plotHistograms({ a: { edges, counts: [1, 2, 3, 4] } })
    expect(plotHistograms({ a: { edges, counts: [2, 4, 6, 8] } })).toStrictEqual(once)
    expect(once.data.values).toStrictEqual([
      { series: 'a', from: 0.1, to: 1, share: 0.1 },
      { series: 'a', from: 1, to: 10, share: 0.2 },
      { series: 'a', from: 10, to: 100, share: 0.3 },
      { series: 'a', from: 100, to: 1000, share: 0.4 }
    ])
    expect(plotHistograms({ a: { edges: [0], counts: [0, 0] } }).data.values).toStrictEqual([
      { series: 'a', from: -1, to: 0, share: 0 },
      { series: 'a', from: 0, to: 1, share: 0 }
    ])
  })

  test('where nothing is counted, that is said, and the highest bin has nothing in it', () => {
    const picture = plotHistograms({ a: { edges: [1, 2], counts: [0, 0, 0] } })
    expect(picture.title.subtitle).toStrictEqual(['a: nothing was counted'])
    const some = plotHistograms({ a: { edges: [1], counts: [0, 1] }, b: { edges: [1], counts: [0, 0] } })
    expect(some.title.subtitle).toStrictEqual(['b: nothing was counted'])
    expect(toText(some).split('\n')[1]).toBe('b: nothing was counted')
    expect(toText(picture).split('\n').at(-1)).toBe('highest bin: 0 %')
  })

  test('there may be more bins than a call has arguments', () => {
    const edges = Array.from({ length: 200_000 }, (_, i) => i)
    const picture = plotHistograms({ a: { edges, counts: new Array<number>(200_001).fill(1) } })
    expect(picture.spec.encoding.x.scale.domain).toStrictEqual([-1, 200_000])
  })
})

describe('plotLandscape', () => {
  const range = { x: [-2, 2], y: [-1, 3] } as const
  const heights = (f: (x: number, y: number) => number) =>
    rowsOf(plotLandscape(f, { ...range, levels: 6 }), 'contour').flatMap(({ x, y }) =>
      y === null ? [] : [f(x as number, y as number)]
    )

  test('lines are at equal heights, as many as are wanted, within the frame', () => {
    const found = heights((x, y) => x + 2 * y)
    expect(new Set(found.map((height) => height.toFixed(6))).size).toBe(6)
    const places = rowsOf(
      plotLandscape((x, y) => x + 2 * y, range),
      'contour'
    ).filter(({ y }) => y !== null)
    expect(places.every(({ x, y }) => Math.abs(x as number) <= 2 && Math.abs((y as number) - 1) <= 2)).toBe(true)
    // Nothing runs along the frame: no line of equal height of this one does.
    const onFrame = places.filter(({ x, y }) => Math.abs(x as number) === 2 && Math.abs((y as number) - 1) === 2)
    expect(onFrame.length).toBeLessThan(2)
  })

  test('stretched by an increasing function, the lines stay where they are, but for a part of a square', () => {
    const [plain, stretched] = [(h: number) => h, (h: number) => h ** 3].map((stretch) =>
      rowsOf(
        plotLandscape((x, y) => stretch(x * x + y * y + 1), range),
        'contour'
      )
    )
    expect(stretched?.length).toBe(plain?.length)
    stretched?.forEach(({ x, y }, i) => {
      const other = plain?.[i] as PictureRow
      if (y !== null)
        expect(Math.hypot((x as number) - (other['x'] as number), (y as number) - (other['y'] as number))).toBeLessThan(
          0.06
        )
    })
  })

  test('a function that is flat has no lines, one that is nowhere neither, and one with holes has them elsewhere', () => {
    expect(heights(() => 3)).toStrictEqual([])
    expect(heights(() => Number.NaN)).toStrictEqual([])
    expect(heights((x, y) => (x > 1 ? Number.NaN : x + y)).filter(Number.isFinite).length).toBeGreaterThan(100)
    expect(heights((x, y) => (x > 1 ? Infinity : x + y)).filter(Number.isFinite).length).toBeGreaterThan(100)
  })

  test('that it is flat, or nowhere, or has holes is said', () => {
    const notesOf = (f: (x: number, y: number) => number) =>
      plotLandscape(f, { ...range, resolution: 10 }).title.subtitle
    expect(notesOf((x, y) => x + y)).toBeUndefined()
    expect(notesOf(() => 3)).toStrictEqual(['f is 3 wherever it is finite: there are no lines'])
    expect(notesOf(() => Number.NaN)).toStrictEqual(['f is NaN or infinite everywhere: there are no lines'])
    expect(notesOf((x, y) => (x > 1 ? -Infinity : y))).toStrictEqual(['f is NaN or infinite at 30 of 100 places'])
    expect(notesOf((x) => (x > 0 ? Number.NaN : 2))).toStrictEqual([
      'f is NaN or infinite at 50 of 100 places',
      'f is 2 wherever it is finite: there are no lines'
    ])
  })

  test('paths are broken where they are nowhere, and say by themselves what is shown', () => {
    const picture = plotLandscape((x, y) => x + y, {
      paths: {
        a: [
          [0, 0],
          [Number.NaN, 1],
          [4, 2]
        ],
        b: []
      }
    })
    expect(rowsOf(picture, 'curve').map(({ x, y }) => [x, y])).toStrictEqual([
      [0, 0],
      [0, null],
      [4, 2],
      [0, null]
    ])
    expect(rowsOf(picture, 'dot')).toStrictEqual([{ x: 0, y: 0, series: 'a' }])
    expect(picture.title.subtitle).toStrictEqual(['a: NaN or infinite once'])
    expect(picture.layer[0]?.encoding.x.scale.domain).toStrictEqual([-1, 5])
  })
})

describe('plotLearningRateFinder', () => {
  test('marks what is suggested, and nothing where nothing is', () => {
    const finder = learningRateFinder({ least: 1e-3, most: 1, steps: 4, smoothing: 0 })
    const state = [5, 3, 1, 2].reduce(finder.step, finder.init)
    const marks = plotLearningRateFinder(finder, state).layer.filter(({ mark }) => mark.type === 'rule')
    expect(marks.map(({ data }) => data.values)).toStrictEqual([
      [{ x: finder.suggest(state)?.steepest, series: 'steepest 0.001' }],
      [{ x: finder.suggest(state)?.beforeMinimum, series: 'a tenth of the lowest 0.01' }]
    ])
    const untried = plotLearningRateFinder(finder, finder.init)
    expect(untried.layer).toHaveLength(2)
    expect(untried.title.subtitle).toStrictEqual(['there is nothing to draw'])
  })

  test('a name beside a mark stands where there is room', () => {
    const finder = learningRateFinder({ least: 1e-3, most: 1, steps: 4, smoothing: 0 })
    const sides = [
      [5, 3, 1, 2],
      [5, 4.9, 4.8, 1]
    ].map((losses) => {
      const texts = plotLearningRateFinder(finder, losses.reduce(finder.step, finder.init)).layer
      return texts.flatMap(({ mark }) => (mark.type === 'text' ? [`${mark.align} ${mark.dx}`] : []))
    })
    expect(sides).toStrictEqual([
      ['left 4', 'left 4'],
      ['right -4', 'left 4']
    ])
  })
})

const number = fc.oneof(
  fc.double(),
  fc.double({ min: -3, max: 3 }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0)
)
const stripped = (text: string): string => text.replaceAll(/\p{Cc}\[[\d;]*m/gu, '')

describe('toText', () => {
  const rows = fc.array(fc.dictionary(fc.string({ unit: 'binary', maxLength: 30 }), number, { maxKeys: 2 }), {
    maxLength: 12
  })
  const sizes = fc.record({
    width: fc.integer({ min: 20, max: 100 }),
    height: fc.integer({ min: 1, max: 20 }),
    color: fc.boolean()
  })

  test('no line is longer than the width, whatever there is to draw', () => {
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom('linear', 'log', undefined),
        fc.constantFrom(0, 0.9),
        sizes,
        (table, scale, smoothing, size) => {
          const names = [...new Set(table.flatMap((row) => Object.keys(row)))].slice(0, 8)
          const others = names.filter((name) => name !== 'step')
          const y = others.length === 0 ? undefined : others
          if (y === undefined && names.length > 0) return
          const text = toText(plotRun(table, { x: undefined, y, scale, smoothing, title: names.join(' ') }), size)
          const lines = (size.color ? stripped(text) : text).split('\n')
          expect(lines.every((line) => line.length <= size.width && !/\p{Cc}/u.test(line))).toBe(true)
          expect(lines.filter((line) => /[│┤]/.test(line)).length).toBeGreaterThanOrEqual(size.height)
        }
      )
    )
  })

  test('in colours the same is said, with an end to each colour', () => {
    const picture = plotSchedule({ a: (step) => step, b: (step) => 20 - step }, { steps: 21 })
    const text = toText(picture, { color: true, width: 40 })
    expect(text.match(/\p{Cc}\[0m/gu)?.length).toBe(text.match(/\p{Cc}\[[1-9][\d;]*m/gu)?.length)
    expect(stripped(text)).toContain('━ a   ━ b')
    expect(toText(picture, { width: 40 })).toContain('● a   ○ b')
  })

  test('a run that was lost half-way', () => {
    const losses = Array.from({ length: 40 }, (_, i) => (i < 25 ? 4 / (i + 1) : Number.NaN))
    expect(toText(plotRun(lossesOf(losses), { title: 'loss' }), { width: 44, height: 6 })).toMatchInlineSnapshot(`
      "loss
      loss: NaN or infinite 15 times, first at
      step 25
      4 ┤⢇                         ×××××××××××××××
        │⢸
        │⠈⡆
      2 ┤ ⠱⡀
        │  ⠑⢄⡀
      0 ┤    ⠈⠉⠑⠒⠒⠒⠒⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⢄⣀⡀
        └┬─────────┬──────────┬─────────┬─────────
         0         10         20        30
                            step"
    `)
  })

  test('one number, and none', () => {
    expect(toText(plotRun([{ loss: 3 }]), { width: 30, height: 4 })).toMatchInlineSnapshot(`
      "run
      loss
      4 ┤
        │
        │             •
      2 ┤
        └┬────────────┬────────────┬
         -1           0            1
                     step"
    `)
    expect(toText(plotRun([]), { width: 30, height: 3 })).toMatchInlineSnapshot(`
      "run
      there is nothing to draw
      1.0 ┤
      0.5 ┤
        0 ┤
          └┬───────────────────────┬
           0                       1
                      step"
    `)
    expect(toText(plotHistograms({}), { width: 30 })).toMatchInlineSnapshot(`
      "histograms
      there is nothing to draw
        └┬────────────┬────────────┬
         0           0.5         1.0"
    `)
  })

  test('numbers that are faint are drawn in colours alone', () => {
    const picture = plotRun(lossesOf([1, 3, 1, 3, 1, 3]), { smoothing: 0.9 })
    expect(toText(picture, { color: true })).toContain('\u001b[2;34m')
    expect(toText(picture)).not.toContain('○')
  })

  test('a path leaves the frame at its edge and comes in again', () => {
    const picture = plotLandscape(() => 1, {
      x: [0, 1],
      y: [0, 1],
      paths: {
        a: [
          [0, 0.5],
          [3, 0.5],
          [3, 0.1],
          [-1, 0.1]
        ]
      }
    })
    expect(toText(picture, { width: 26, height: 5 })).toMatchInlineSnapshot(`
      "landscape
      f is 1 wherever it is
      finite: there are no lines
      1.0 ┤
          │
      0.5 ┤●●●●●●●●●●●●●●●●●●●●●
          │
        0 ┤●●●●●●●●●●●●●●●●●●●●●
          └┬─────────┬─────────┬
           0        0.5      1.0
                     x
      ● a"
    `)
  })
})
