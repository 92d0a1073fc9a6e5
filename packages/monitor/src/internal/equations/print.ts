// An outline in one of the formats.
import { escaped } from '../escaped.js'
import { Names } from './names.js'
import type { Item, Line } from './outline.js'
import { latex, mathml, text } from './styles.js'
import type { Sym, Term } from './terms.js'
import { type Style, write } from './write.js'

/** What an explanation is written in. */
export type Format = 'text' | 'markdown' | 'mathml'

/** An explanation in a format. */
export const print = (items: readonly Item[], format: Format): string => {
  const names = new Names(symbolsOf(items))
  if (format === 'text') return plain(items, names, '').join('\n')
  return format === 'markdown' ? markdown(items, names, '').join('\n') : page(items, names)
}

const symbolsOf = (items: readonly Item[]): readonly Sym[] => {
  const found: Sym[] = []
  const visit = (term: Term): void => {
    switch (term.kind) {
      case 'symbol':
        if (term.symbol.family.hatOf !== undefined) found.push(term.symbol.family.hatOf)
        found.push(term.symbol)
        break
      case 'part':
        visit(term.inner)
        break
      case 'sum':
      case 'call':
        for (const inner of term.kind === 'sum' ? term.terms : term.args) visit(inner)
        break
      case 'product':
        for (const { base } of term.factors) visit(base)
        break
      case 'power':
        visit(term.base)
        visit(term.exponent)
        break
    }
  }
  const look = (item: Item): void => {
    if (item.what === 'line') {
      visit(item.right)
      for (const term of item.left) visit(term)
    } else if (item.what === 'note') {
      for (const part of item.parts) if (typeof part !== 'string') visit(part)
    } else for (const inner of item.items) look(inner)
  }
  for (const item of items) look(item)
  return found
}

/** Where a line speaks of one leaf, its symbols need not say which. */
const leafOf = ({ left }: Line): string | null => {
  const [first] = left
  return first?.kind === 'symbol' ? first.symbol.leaf : null
}

const isMoved = ({ left }: Line): boolean => left[0]?.kind === 'symbol' && left[0].symbol.family.kind === 'param'

const equation = (line: Line, style: Style, names: Names): string => {
  const around = leafOf(line)
  const left = line.left.map((term) => write(term, style, names, around, line.isStart))
  const sides = [...left, write(line.right, style, names, around, line.isStart)]
  const sign = style.sign(isMoved(line) ? '←' : '=')
  return style.row(sides.flatMap((side, i) => (i === 0 ? [side] : [sign, side])))
}

const listOf = (leaves: readonly string[]): string => leaves.map((leaf) => (leaf === '' ? 'the leaf' : leaf)).join(', ')

/** The items of a block, and what there is to say of them beside its title. */
const opened = (
  block: Extract<Item, { readonly what: 'block' }>,
  said: Set<string>
): readonly [string, readonly Item[]] => {
  const leaves = block.leaves === null ? '' : `, for ${listOf(block.leaves)}`
  if (block.items.length === 0) return [`${leaves}: changes nothing`, []]
  if (said.has(block.key)) return [`${leaves}, as above`, []]
  said.add(block.key)
  return [leaves, block.items]
}

const whenOf = ({ when, items }: Extract<Item, { readonly what: 'case' }>): string =>
  items.length === 0 ? `${when}: nothing else` : `${when}:`

const plain = (items: readonly Item[], names: Names, indent: string, said = new Set<string>()): readonly string[] =>
  items.flatMap((item) => {
    const inner = `${indent}  `
    if (item.what === 'block') {
      const [more, some] = opened(item, said)
      return [`${indent}${item.title}${more}`, ...plain(some, names, inner, said)]
    }
    if (item.what === 'case') return [`${indent}${whenOf(item)}`, ...plain(item.items, names, inner, said)]
    if (item.what === 'note')
      return [
        indent + item.parts.map((part) => (typeof part === 'string' ? part : write(part, text, names, null))).join('')
      ]
    const leaves = item.leaves === null ? '' : `    for ${listOf(item.leaves)}`
    return [`${indent}${equation(item, text, names)}${leaves}`]
  })

const markdown = (items: readonly Item[], names: Names, indent: string, said = new Set<string>()): readonly string[] =>
  items.flatMap((item) => {
    const inner = `${indent}  `
    if (item.what === 'block') {
      const [more, some] = opened(item, said)
      return [`${indent}- \`${item.title}\`${more}`, ...markdown(some, names, inner, said)]
    }
    if (item.what === 'case') return [`${indent}- ${whenOf(item)}`, ...markdown(item.items, names, inner, said)]
    if (item.what === 'note') {
      return [
        `${indent}- ${item.parts.map((part) => (typeof part === 'string' ? part : `$${write(part, latex, names, null)}$`)).join('')}`
      ]
    }
    const leaves = item.leaves === null ? '' : ` for ${listOf(item.leaves)}`
    return [`${indent}- $${equation(item, latex, names).replace('←', '\\leftarrow')}$${leaves}`]
  })

const math = (inner: string): string => `<math display="inline">${inner}</math>`

const page = (items: readonly Item[], names: Names, said = new Set<string>()): string => {
  const rows = items.map((item) => {
    if (item.what === 'block') {
      const [more, some] = opened(item, said)
      return `<li><code>${escaped(item.title)}</code>${escaped(more)}${some.length === 0 ? '' : page(some, names, said)}</li>`
    }
    if (item.what === 'case') return `<li>${escaped(whenOf(item))}${page(item.items, names, said)}</li>`
    if (item.what === 'note') {
      return `<li>${item.parts.map((part) => (typeof part === 'string' ? escaped(part) : math(write(part, mathml, names, null)))).join('')}</li>`
    }
    return `<li>${math(equation(item, mathml, names))}${item.leaves === null ? '' : ` for ${escaped(listOf(item.leaves))}`}</li>`
  })
  return `<ul>${rows.join('')}</ul>`
}
