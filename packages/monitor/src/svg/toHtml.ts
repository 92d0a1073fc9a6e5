import { type AnyGradientTransformation, InvalidOption, type Leaf, show, type Tree } from '@gradchain/core'
import { explain } from '../explain/explain.js'
import { escaped } from '../internal/escaped.js'
import { DARK, LIGHT } from '../internal/pictures/colors.js'
import { checkIsPicture } from '../internal/pictures/options.js'
import { words } from '../internal/pictures/words.js'
import type { Picture } from '../plot/picture.js'
import { toSvg } from './toSvg.js'

/** A part of a page that {@link toHtml} makes; what is a text stays one. */
export type PagePart =
  | { readonly heading: string }
  | { readonly text: string }
  /** Text as it is written, such as a command or a chain. */
  | { readonly code: string }
  | { readonly picture: Picture }
  /** Rows of a table, the first of which says what the columns are. */
  | { readonly table: readonly (readonly (string | number)[])[] }
  /** A transformation as equations, for params like these. */
  | { readonly explained: AnyGradientTransformation; readonly params: Tree<Leaf> }

/**
 * A page in one text: headings, texts, tables, pictures and the equations of optimizers, for a file that anyone can open.
 *
 * It has all that it needs in it, and asks nothing of any network; a policy in it forbids that, and scripts. It is light or dark as whoever reads it
 * prefers, and on a narrow screen pictures are drawn once more, narrower, so that their numbers can be read. No text becomes markup.
 *
 * @example
 * const page = await toHtml('a run', [
 *   { heading: 'Optimizer' },
 *   { explained: sgd(0.1), params: { w: 0 } },
 *   { heading: 'Loss <1' },
 *   { picture: plotRun([{ loss: 2 }, { loss: 0.5 }]) },
 *   { table: [['loss', 'steps'], [0.5, 2]] }
 * ])
 * page.startsWith('<!doctype html>') // => true
 * page.includes('<h2>Loss &lt;1</h2>') // => true
 *
 * @throws InvalidOption for what is no part of a page, and where `explain` or `toSvg` refuse theirs.
 * @see toSvg, explain
 */
export const toHtml = async (title: string, parts: readonly PagePart[]): Promise<string> => {
  if (typeof title !== 'string') throw new InvalidOption(`toHtml: title must be a text, got ${show(title)}`)
  if (!Array.isArray(parts)) throw new InvalidOption(`toHtml: parts must be a list, got ${show(parts)}`)
  const bodies: string[] = []
  for (const [i, part] of parts.entries()) bodies.push(await bodyOf(part, i))
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<link rel="icon" href="data:,">',
    `<title>${text(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${text(title)}</h1>`,
    ...bodies,
    '</main>',
    '</body>',
    '</html>',
    ''
  ].join('\n')
}

const text = (given: string): string => escaped(words(given))

const bodyOf = async (part: PagePart, i: number): Promise<string> => {
  if (typeof part === 'object' && part !== null) {
    const textOf = (name: string, value: unknown): string => {
      if (typeof value === 'string') return text(value)
      throw new InvalidOption(`toHtml: parts[${i}].${name} must be a text, got ${show(value)}`)
    }
    if ('heading' in part) return `<h2>${textOf('heading', part.heading)}</h2>`
    if ('text' in part) return `<p>${textOf('text', part.text)}</p>`
    // A region that scrolls can be reached by keys.
    if ('code' in part) return `<pre tabindex="0"><code>${textOf('code', part.code)}</code></pre>`
    if ('picture' in part) {
      checkIsPicture('toHtml', part.picture, `parts[${i}].picture`)
      return pictured(part.picture)
    }
    if ('table' in part) return tabled(part.table, i)
    if ('explained' in part) {
      const equations = explain(part.explained, part.params, { format: 'mathml' })
      return `<div class="equations" tabindex="0" role="group" aria-label="equations">${equations}</div>`
    }
  }
  throw new InvalidOption(
    `toHtml: parts[${i}] must have a heading, a text, code, a picture, a table or what is explained, got ${show(part)}`
  )
}

/** How wide a picture is where there is little room. */
const NARROW = 250

const pictured = async (picture: Picture): Promise<string> => {
  const narrow: Picture =
    'layer' in picture ? { ...picture, width: NARROW } : { ...picture, spec: { ...picture.spec, width: NARROW - 60 } }
  return `<figure><div class="wide">${await toSvg(picture)}</div><div class="narrow">${await toSvg(narrow)}</div></figure>`
}

const tabled = (rows: readonly (readonly (string | number)[])[], i: number): string => {
  if (!Array.isArray(rows) || !rows.every(Array.isArray)) {
    throw new InvalidOption(`toHtml: parts[${i}].table must be a list of rows, got ${show(rows)}`)
  }
  const cell = (value: unknown, name: 'td' | 'th'): string => {
    if (typeof value === 'number') return `<${name} class="number">${String(value)}</${name}>`
    if (typeof value === 'string') return `<${name}>${text(value)}</${name}>`
    throw new InvalidOption(`toHtml: parts[${i}].table must hold texts and numbers, got ${show(value)}`)
  }
  const row = (cells: readonly unknown[], name: 'td' | 'th'): string =>
    `<tr>${cells.map((value) => cell(value, name)).join('')}</tr>`
  const [head = [], ...body] = rows
  return [
    '<div class="scroll" tabindex="0" role="group" aria-label="table"><table>',
    `<thead>${row(head, 'th')}</thead>`,
    `<tbody>${body.map((cells) => row(cells, 'td')).join('')}</tbody>`,
    '</table></div>'
  ].join('')
}

const STYLE = [
  `:root{color-scheme:light dark;--paper:${LIGHT.paper};--ink:${LIGHT.ink};--muted:${LIGHT.muted};--line:${LIGHT.grid}}`,
  `@media (prefers-color-scheme:dark){:root{--paper:${DARK.paper};--ink:${DARK.ink};--muted:${DARK.muted};--line:${DARK.grid}}}`,
  'body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}',
  'main{max-width:46rem;margin:0 auto;padding:1rem}',
  'h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin:2rem 0 .5rem}',
  'pre,.equations,.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem}',
  'pre{font-size:.85rem}pre code{font-family:ui-monospace,monospace}',
  '.equations ul,.equations ol{list-style:none;margin:0;padding-left:1rem}.equations>ul{padding-left:0}',
  '.equations code{font-family:ui-monospace,monospace;font-size:.85rem;color:var(--muted)}.equations li{margin:.25rem 0}',
  '.equations math{math-style:normal}',
  'table{border-collapse:collapse}th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--line)}',
  'tbody tr:last-child td{border-bottom:0}.number{text-align:right;font-variant-numeric:tabular-nums}',
  'figure{margin:1rem 0}figure svg{max-width:100%;height:auto}.narrow{display:none}',
  '@media (max-width:42rem){.wide{display:none}.narrow{display:block}}'
].join('')
