// A chain as people type it, `chain(clip(1), adamw(1e-3, { b1: 0.8 }))`, read as a description: calls of factories, numbers,
// texts, flags, lists and objects. It is parsed, never run.
import { type AnyNode, parseExpressionAt } from 'acorn'
import type { Described, Description } from 'gradchain'

/** What cannot be read, and where in the text. */
export class ChainTextError extends Error {
  override readonly name = 'ChainTextError'
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

const refuse = (node: { readonly start: number }, what: string): never => {
  throw new ChainTextError(`at ${node.start + 1}: ${what}`, node.start)
}

const LONGEST = 10_000

const parse = (text: string): AnyNode => {
  if (text.length > LONGEST) throw new ChainTextError(`the text has more than ${LONGEST} characters`, LONGEST)
  try {
    const node = parseExpressionAt(text, 0, { ecmaVersion: 2022 })
    const rest = text.slice(node.end).search(/\S/)
    return rest < 0 ? (node as AnyNode) : refuse({ start: node.end + rest }, 'something follows what is whole')
  } catch (error) {
    if (error instanceof ChainTextError) throw error
    const { pos = 0, message = '' } = error as { readonly pos?: number; readonly message?: string }
    throw new ChainTextError(`at ${pos + 1}: ${message.replace(/ \(\d+:\d+\)$/, '')}`, pos)
  }
}

/** The name that is called: `adam`, or `timm.adamw`. */
const nameOf = (node: AnyNode): string => {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier') {
    return `${nameOf(node.object as AnyNode)}.${node.property.name}`
  }
  return refuse(node, 'only a factory, by its name, can be called')
}

const CONSTANTS: Readonly<Record<string, Described>> = {
  undefined: ['undefined'],
  Infinity: ['number', 'Infinity'],
  NaN: ['number', 'NaN']
}

const keyOf = (node: AnyNode): string => {
  const key =
    node.type === 'Identifier'
      ? node.name
      : node.type === 'Literal'
        ? String(node.value)
        : refuse(node, 'a key is a name')
  return key === '__proto__' ? refuse(node, 'a key __proto__ is refused') : key
}

const described = (node: AnyNode): Described => {
  switch (node.type) {
    case 'Literal': {
      const { value } = node
      if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean')
        return value
      return refuse(node, 'there are numbers, texts and flags')
    }
    case 'UnaryExpression': {
      const inner = described(node.argument as AnyNode)
      if (node.operator === '-' && typeof inner === 'number') return inner === 0 ? ['number', '-0'] : -inner
      if (node.operator === '-' && Array.isArray(inner) && inner[1] === 'Infinity') return ['number', '-Infinity']
      return refuse(node, `${node.operator} stands only before a number, and only -`)
    }
    case 'Identifier': {
      const constant = Object.hasOwn(CONSTANTS, node.name) ? CONSTANTS[node.name] : undefined
      return constant ?? refuse(node, `${node.name} stands there alone; a factory is called, ${node.name}(…)`)
    }
    case 'ArrayExpression': {
      const items = node.elements.map((item) => described((item ?? refuse(node, 'a list has no holes')) as AnyNode))
      return typeof items[0] === 'string' ? ['array', ...items] : items
    }
    case 'ObjectExpression':
      return Object.fromEntries(
        node.properties.map((property) => {
          if (
            property.type !== 'Property' ||
            property.computed ||
            property.kind !== 'init' ||
            property.shorthand ||
            property.method
          ) {
            return refuse(property, 'a field is key: value')
          }
          return [keyOf(property.key as AnyNode), described(property.value as AnyNode)]
        })
      )
    case 'CallExpression':
      return [nameOf(node.callee as AnyNode), ...node.arguments.map((argument) => described(argument as AnyNode))]
    default:
      return refuse(node, 'there are calls, numbers, texts, flags, lists and objects')
  }
}

/**
 * What `fromDescription` is to make of a text.
 *
 * @throws ChainTextError with the place of what cannot be read.
 */
export const descriptionOf = (text: string): Description => {
  const node = parse(text)
  if (node.type !== 'CallExpression') return refuse(node, 'a chain is a call, such as adam(1e-3)')
  return described(node) as Description
}

/** The texts of the parts of a chain, as they were typed; of anything else itself. */
export const partsOf = (text: string): readonly string[] => {
  const node = parse(text)
  const isChain = node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'chain'
  return isChain ? node.arguments.map(({ start, end }) => text.slice(start, end)) : [text.trim()]
}

/** The text of a chain of parts. */
export const chained = (parts: readonly string[]): string =>
  parts.length === 1 ? (parts[0] as string) : `chain(\n  ${parts.join(',\n  ')}\n)`
