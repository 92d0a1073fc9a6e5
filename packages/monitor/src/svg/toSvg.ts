import { check, oneOf, withDefaults } from '@gradchain/core'
import type { TopLevelSpec } from 'vega-lite'
import { escaped } from '../internal/escaped.js'
import { type Colors, DARK, LIGHT, listOf } from '../internal/pictures/colors.js'
import { checkIsPicture } from '../internal/pictures/options.js'
import { broken } from '../internal/pictures/words.js'
import type { Picture } from '../plot/picture.js'

/** Options of {@link toSvg}. */
export interface ToSvgOptions {
  /** Dressed for light or for dark, or for what whoever looks at it prefers. @defaultValue `'auto'` */
  readonly theme?: 'auto' | 'light' | 'dark'
}

/**
 * A picture as SVG: one element that needs nothing from elsewhere, for a file or a page.
 *
 * Vega draws it, without a document, so that it is the same in Node and in a page. No code is made out of texts, so that it works where a content
 * security policy forbids that. What users have named is text in it and never markup.
 *
 * `auto` is light, with a style that makes it dark where that is preferred; programs that know no styles show it light.
 *
 * @example
 * const picture = plotSchedule({ 'a < b': (step) => step, b: (step) => 20 - step }, { steps: 21 })
 * const svg = await toSvg(picture)
 * svg.startsWith('<svg ') // => true
 * svg.includes('a &lt; b') // => true
 *
 * @throws InvalidOption for an option outside its range, and for what is no picture of ours.
 * @see {@link https://vega.github.io/vega/}
 */
export const toSvg = async (picture: Picture, options: ToSvgOptions = {}): Promise<string> => {
  const { theme } = withDefaults<Required<ToSvgOptions>>('toSvg', options, { theme: 'auto' })
  check('toSvg', { theme }, oneOf('auto', 'light', 'dark'))
  checkIsPicture('toSvg', picture)
  // When the first picture is drawn: half a second that an import alone does not take.
  const [{ parse, View }, { expressionInterpreter }, { compile }] = await Promise.all([
    import('vega'),
    import('vega-interpreter'),
    import('vega-lite')
  ])
  const colors = theme === 'dark' ? DARK : LIGHT
  // A picture is such a specification; its type says which part of all of them.
  const { spec } = compile({
    ...fitted(picture),
    config: configOf(colors, widthOf(picture))
  } as unknown as TopLevelSpec)
  const view = new View(parse(spec, undefined, { ast: true }), { renderer: 'none', expr: expressionInterpreter })
  try {
    const svg = await view.toSVG()
    return dressed(svg, picture.description, theme)
  } finally {
    view.finalize()
  }
}

const dressed = (svg: string, description: string, theme: Required<ToSvgOptions>['theme']): string => {
  const style = theme === 'auto' ? `<style>${darkRules()}</style>` : ''
  const start = `<svg role="img" aria-label="${escaped(description).replaceAll('"', '&quot;')}" class="gradchain-picture"`
  const own = renamed(svg.replace(' class="marks"', ''))
  return own.replace(/^<svg([^>]*)>/, (_, rest: string) => `${start}${rest}>${style}`)
}

/** With names of parts that depend on the picture alone: Vega counts them on from one picture to the next. */
const renamed = (svg: string): string => {
  // In tags alone: what stands between them is what users have named.
  const inTags = (text: string, name: (id: string) => string): string =>
    text.replaceAll(/<[^>]*>/g, (tag) => tag.replaceAll(/(?<= id="|url\(#)\w+/g, name))
  const ids = [...new Set([...svg.matchAll(/<[^>]* id="(\w+)"/g)].map(([, id]) => id as string))]
  const plain = inTags(svg, (id) => String(ids.indexOf(id)))
  const own = hashOf(plain)
  return inTags(plain, (i) => `gradchain-${own}-${i}`)
}

/** A number for a text, such as two texts hardly have in common. */
const hashOf = (text: string): string => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(36)
}

/** What replaces each light colour by its dark one: rules of styles win over attributes. */
const darkRules = (): string => {
  const dark = listOf(DARK)
  const rules = listOf(LIGHT).flatMap((color, i) =>
    ['fill', 'stroke'].map((name) => `.gradchain-picture [${name}="${color}"]{${name}:${dark[i]}}`)
  )
  return `@media (prefers-color-scheme:dark){svg:root{background:${DARK.paper}}${rules.join('')}}`
}

/** In pixels. */
const TITLE_SIZE = 14
const NOTE_SIZE = 11

const widthOf = (picture: Picture): number => ('layer' in picture ? picture.width : picture.spec.width)

/** With lines above it that Vega, which reckons 0.8 of the size of a letter for each, takes for no wider than the picture: else it would make room. */
const fitted = (picture: Picture): object => {
  const { text, subtitle = [] } = picture.title
  const within = (line: string, size: number): readonly string[] =>
    broken(line, Math.max(20, Math.floor(widthOf(picture) / (0.8 * size))))
  const notes = subtitle.flatMap((line) => within(line, NOTE_SIZE))
  const title = { ...picture.title, text: within(text, TITLE_SIZE), ...(notes.length > 0 ? { subtitle: notes } : {}) }
  return { ...picture, title }
}

const configOf = ({ ink, muted, grid, lost, series }: Colors, width: number): object => ({
  background: null,
  font: 'system-ui, sans-serif',
  padding: 4,
  // One sentence says what is to be seen; hundreds would say nothing.
  aria: false,
  mark: { color: series[0], aria: false },
  view: { stroke: null },
  title: { color: ink, subtitleColor: muted, fontSize: TITLE_SIZE, subtitleFontSize: NOTE_SIZE, offset: 8 },
  axis: {
    aria: false,
    labelColor: muted,
    titleColor: muted,
    gridColor: grid,
    domainColor: muted,
    tickColor: muted,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal'
  },
  axisX: { grid: false },
  // Names above the histograms: beside them Vega keeps a place as wide as twice the longest.
  headerRow: {
    labelOrient: 'top',
    labelAnchor: 'start',
    labelAngle: 0,
    labelColor: ink,
    labelFontSize: 11,
    labelPadding: 4
  },
  legend: {
    aria: false,
    labelColor: ink,
    labelFontSize: 11,
    symbolType: 'stroke',
    symbolStrokeWidth: 2,
    symbolOpacity: 1,
    labelLimit: 400,
    orient: 'bottom',
    columns: Math.max(1, Math.floor(width / 150))
  },
  range: { category: series },
  style: {
    contour: { color: muted },
    lost: { color: lost },
    target: { color: ink },
    mark: { color: muted, fontSize: 11 }
  }
})
