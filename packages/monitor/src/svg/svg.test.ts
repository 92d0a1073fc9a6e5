import { chain, sgd } from 'gradchain'
import { describe, expect, test, vi } from 'vitest'
import type { LayeredPicture, Picture } from '../plot/picture.js'
import { plotHistograms } from '../plot/plotHistograms.js'
import { plotLandscape } from '../plot/plotLandscape.js'
import { plotRun } from '../plot/plotRun.js'
import { plotSchedule } from '../plot/plotSchedule.js'
import { toHtml } from './toHtml.js'
import { toSvg } from './toSvg.js'

/** What stands in a picture between tags. */
const textsIn = (svg: string): readonly string[] =>
  [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]*)(?=<)/g)].map(([, text]) => text as string)

/** Whether every tag is closed by its own, and no text has a mark of markup: as far as XML goes here. */
const isWellFormed = (svg: string): boolean => {
  const open: string[] = []
  const rest = svg.replaceAll(
    /<(\/?)([a-z]\w*)((?: [\w:-]+="[^"<]*")*)(\/?)>/gi,
    (_, end: string, name: string, __, empty: string) => {
      if (end !== '') return open.pop() === name ? '' : '<'
      if (empty === '') open.push(name)
      return ''
    }
  )
  return open.length === 0 && !/[<>]/.test(rest) && !/&(?!(amp|lt|gt|quot|#39);)/.test(rest)
}

/** The points of the lines of a picture, in pixels. */
const pointsIn = (svg: string): readonly (readonly [number, number])[] => {
  const lines = /class="mark-line[^>]*>(.*?)<\/g>/.exec(svg)?.[1] ?? ''
  return [...lines.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])
}

const near = (svg: string, wanted: readonly (readonly [number, number])[]) => {
  const points = pointsIn(svg)
  expect(points).toHaveLength(wanted.length)
  // Three digits are written.
  points.forEach((point, i) =>
    point.forEach((at, j) => expect(Math.abs(at - (wanted[i]?.[j] as number))).toBeLessThan(2e-3))
  )
}

const hostile = `<script>alert("1")</script>'&\u0000`

const pictures: Readonly<Record<string, Picture>> = {
  schedule: plotSchedule((step) => 2 * step, { steps: 11, width: 200, height: 100 }),
  run: plotRun([{ loss: 100 }, { loss: Number.NaN }, { loss: 0 }, { loss: 1 }, { loss: 10 }], {
    scale: 'log',
    width: 200,
    height: 100
  }),
  smoothed: plotRun(
    [
      { a: 1, b: 2 },
      { a: 3, b: 4 }
    ],
    { smoothing: 0.5 }
  ),
  nothing: plotRun([]),
  hostile: plotRun([{ [hostile]: 1, [`${hostile}2`]: 2 }], { title: hostile }),
  histograms: plotHistograms(
    { [hostile]: { edges: [1, 10], counts: [1, 2, 1] } },
    { title: hostile, quantity: hostile }
  ),
  landscape: plotLandscape((x, y) => x * x + y * y, {
    paths: {
      [hostile]: [
        [1, 1],
        [0.5, 0.2]
      ]
    },
    minimizers: [[0, 0]],
    title: hostile
  }),
  noHistogram: plotHistograms({})
}

describe('toSvg', () => {
  test.each(Object.keys(pictures))(
    '%s is well-formed, has its texts as texts, and Vega warns of nothing',
    async (name) => {
      const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
      try {
        for (const theme of ['auto', 'light', 'dark'] as const) {
          const svg = await toSvg(pictures[name] as Picture, { theme })
          expect(isWellFormed(svg)).toBe(true)
          expect(svg).not.toMatch(/<script|url\((?!#)|href|http(?!:\/\/www\.w3\.org)|\son\w+=/i)
        }
        expect(warned.mock.calls).toStrictEqual([])
      } finally {
        warned.mockRestore()
      }
    }
  )

  test('what users have named stands in it, to the letter', async () => {
    const texts = textsIn(await toSvg(pictures['hostile'] as Picture)).map((text) => text.replaceAll('&quot;', '"'))
    expect(texts).toContain('&lt;script&gt;alert("1")&lt;/script&gt;\'&amp;\\u0000')
    expect(texts).toContain('&lt;script&gt;alert("1")&lt;/script&gt;\'&amp;\\u00002')
  })

  test('a name that looks like those of parts stays as it is', async () => {
    const [name, part] = ['gradient', ' id="clip0" url(#clip0)']
    const texts = textsIn(await toSvg(plotRun([{ a: 1 }, { a: 2 }], { title: name + part })))
    expect(texts.map((text) => text.replaceAll('&quot;', '"'))).toContain(name + part)
  })

  test('curves lie where their numbers are', async () => {
    near(
      await toSvg(pictures['schedule'] as Picture),
      Array.from({ length: 11 }, (_, step) => [20 * step, 100 - 10 * step])
    )
    // From 0.1, a decade below the least, to 100; what is NaN breaks the line.
    near(await toSvg(pictures['run'] as Picture), [
      [0, 0],
      [100, 100],
      [150, 200 / 3],
      [200, 100 / 3]
    ])
    expect(
      (await toSvg(pictures['run'] as Picture)).match(/role-mark[^>]*><path[^>]* d="([^"]*)"/)?.[1]?.match(/M/g)
    ).toHaveLength(2)
  })

  test('numbers stand beside its axes, and notes above it', async () => {
    const picture = { ...(pictures['run'] as LayeredPicture), width: 400 }
    expect(textsIn(await toSvg(picture))).toEqual(
      expect.arrayContaining([
        '0.1',
        '1',
        '10',
        '100',
        'step',
        'loss',
        'run',
        'loss: NaN or infinite once, first at step 1'
      ])
    )
  })

  test('no line above it is wider than the picture is', async () => {
    const long = Array.from({ length: 12 }, (_, i) => `word${i}`).join(' ')
    const lines = textsIn(await toSvg(plotRun([], { title: long, width: 200, height: 50 })))
    const title = lines.filter((line) => line.startsWith('word'))
    expect(title.join(' ')).toBe(long)
    expect(title.every((line) => line.length <= 20)).toBe(true)
    // Vega makes room for what it takes for wide.
    const widthOf = (svg: string) => Number(/ width="(\d+)"/.exec(svg)?.[1])
    const note = Array.from({ length: 200 }, (_, i) => ({ [`layer ${i % 6}`]: Number.NaN }))
    expect(widthOf(await toSvg(plotRun(note, { title: long })))).toBeLessThan(700)
  })

  test('the names of histograms stand above them, and take no room beside them', async () => {
    const widthOf = async (name: string) =>
      Number(/ width="(\d+)"/.exec(await toSvg(plotHistograms({ [name]: { edges: [1], counts: [1, 3] } })))?.[1])
    expect(await widthOf('a very long name of a layer')).toBe(await widthOf('a'))
    const texts = textsIn(await toSvg(plotHistograms({ a: { edges: [1], counts: [1, 3] } })))
    expect(texts).toEqual(expect.arrayContaining(['share', '0%', '50%']))
  })

  test('numbers of a logarithmic axis are those that the terminal has', async () => {
    const picture = plotRun([{ loss: 1e-7 }, { loss: 1e7 }])
    const labels = textsIn(await toSvg(picture)).filter((text) => /^[\d.e+−-]+$/.test(text))
    expect(labels).toEqual(expect.arrayContaining(['1e-6', '0.001', '1', '1000', '1e+6']))
  })

  test('auto is light, and dark where that is preferred', async () => {
    const picture = pictures['schedule'] as Picture
    const [auto, light, dark] = await Promise.all(
      (['auto', 'light', 'dark'] as const).map((theme) => toSvg(picture, { theme }))
    )
    expect(auto?.replace(/<style>.*<\/style>/, '')).toBe(light)
    expect(light).not.toContain('<style>')
    const colors = (svg = ''): readonly string[] => [
      ...new Set(svg.replace(/<style>.*<\/style>/, '').match(/#[0-9a-f]{6}/g))
    ]
    const replaced = colors(light).map(
      (color) => new RegExp(`\\[stroke="${color}"\\]\\{stroke:(#\\w+)\\}`).exec(auto ?? '')?.[1]
    )
    expect(replaced).toStrictEqual(colors(dark))
  })

  test("the same picture is the same text, and two in one page do not take each other's names", async () => {
    const [first, other] = [pictures['schedule'] as Picture, pictures['smoothed'] as Picture]
    const [once, again, another] = [await toSvg(first), await toSvg(first), await toSvg(other)]
    expect(again).toBe(once)
    const idsIn = (svg: string): readonly string[] => [...svg.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id as string)
    const usedIn = (svg: string): readonly string[] =>
      [...svg.matchAll(/url\(#([^)]*)\)/g)].map(([, id]) => id as string)
    expect(idsIn(once).length).toBeGreaterThan(0)
    expect(usedIn(another).every((id) => idsIn(another).includes(id))).toBe(true)
    expect(idsIn(once).filter((id) => idsIn(another).includes(id))).toStrictEqual([])
  })

  test('says in a sentence what is to be seen', async () => {
    expect(await toSvg(pictures['schedule'] as Picture)).toMatch(
      /^<svg role="img" aria-label="schedule: schedule over step, from 0 to 20\."/
    )
  })

  test('makes no code out of texts', async () => {
    const { Function: real } = globalThis
    globalThis.Function = (() => {
      throw new Error('code out of a text')
    }) as unknown as FunctionConstructor
    try {
      expect(await toSvg(pictures['smoothed'] as Picture)).toContain('</svg>')
    } finally {
      globalThis.Function = real
    }
  })

  test.each([[null], [undefined], [{}], ['a']])('refuses what is no picture: %o', async (picture) => {
    await expect(toSvg(picture as never)).rejects.toThrow('toSvg: picture must be one that a plot function made, got ')
  })

  test('refuses what is no theme', async () => {
    await expect(toSvg(pictures['nothing'] as Picture, { theme: 'blue' as never })).rejects.toThrow(
      'toSvg: theme must be one of "auto", "light", "dark", got "blue"'
    )
  })
})

const TAGS = /<(\/?)([a-z][a-z0-9]*)[^>]*>/g

describe('toHtml', () => {
  const params = { '<b>': new Float32Array(2) }

  test('has its parts in order, with all texts as texts', async () => {
    const page = await toHtml(hostile, [
      { heading: hostile },
      { text: hostile },
      { code: hostile },
      {
        table: [
          [hostile, 'n'],
          [hostile, 0.5]
        ]
      },
      { picture: pictures['hostile'] as Picture },
      { explained: chain(sgd(0.1, { momentum: 0.9 })), params }
    ])
    expect(page).not.toContain(hostile.slice(0, 8))
    const tags = [...page.matchAll(TAGS)].filter(([, end]) => end === '').map(([, , name]) => name as string)
    expect(tags.filter((name) => ['h1', 'h2', 'p', 'pre', 'table', 'figure', 'math'].includes(name)).join(' ')).toMatch(
      /^h1 h2 p pre table figure( math)+$/
    )
    expect(new Set(tags)).not.toContain('b')
    expect(new Set(tags)).not.toContain('script')
    expect(page.match(/<svg /g)).toHaveLength(2)
    expect(page).toContain('<td class="number">0.5</td>')
  })

  test('asks nothing of any network', async () => {
    const page = await toHtml('a', [{ picture: pictures['histograms'] as Picture }])
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(
      /<script|src=|@import|url\((?!#)|http(?!-equiv|:\/\/www\.w3\.org\/(2000\/svg|1999\/xlink))/
    )
  })

  test.each<[string, unknown]>([
    ['toHtml: title must be a text, got 3', [3, []]],
    ['toHtml: parts must be a list, got undefined', ['a']],
    [
      'toHtml: parts[0] must have a heading, a text, code, a picture, a table or what is explained, got null',
      ['a', [null]]
    ],
    ['toHtml: parts[1].heading must be a text, got 1', ['a', [{ text: 'a' }, { heading: 1 }]]],
    [
      'toHtml: parts[1].picture must be one that a plot function made, got null',
      ['a', [{ text: 'a' }, { picture: null }]]
    ],
    ['toHtml: parts[0].table must be a list of rows, got [1]', ['a', [{ table: [1] }]]],
    ['toHtml: parts[0].table must hold texts and numbers, got null', ['a', [{ table: [[null]] }]]]
  ])('refuses: %s', async (message, args) => {
    await expect(toHtml(...(args as Parameters<typeof toHtml>))).rejects.toThrow(message)
  })
})
