import { sizeOf } from '../array/ndarray.js'
import { InvalidOption, InvalidTree, show } from '../errors.js'
import { Expr, type Operand, shapeOf } from '../expression/expr.js'
import { lift, reshape, sum, transpose } from '../expression/operations.js'
import { matmul } from './matmul.js'

/** An array whose axes have letters. */
interface Lettered {
  readonly x: Expr
  readonly letters: string
}

/**
 * A sum of products by Einstein's convention, lazily: each axis of the one or two operands has a letter; letters after the
 * arrow are the axes of the result, and over all others is summed.
 *
 *     einsum('ij,jk->ik', a, b)      cᵢₖ = Σⱼ aᵢⱼ bⱼₖ
 *
 * Two operands meet in one {@link matmul}, in its order and its rounding, with their letters in common as its batch and its
 * inner axis; a letter that only one of them has, and the result has not, is summed over before that, as {@link sum} does.
 *
 * @example
 * const a = ndarray([1, 2, 3, 4], [2, 2])
 * force(einsum('ij->ji', a)) // => { dtype: 'float32', shape: [2, 2], data: Float32Array [1, 3, 2, 4] }
 * force(einsum('ij,j->i', a, new Float32Array([1, 10]))) // => { dtype: 'float32', shape: [2], data: Float32Array [21, 43] }
 * force(einsum('ij,ij->', a, a)) // => { dtype: 'float32', shape: [], data: Float32Array [30] }
 *
 * @param subscripts - letters for the axes of each operand, divided by a comma, then `->` and those of the result. No letter
 * stands twice for one operand.
 *
 * @throws InvalidOption for subscripts that are not like that, InvalidTree for operands that do not fit them.
 */
export const einsum = (subscripts: string, ...operands: readonly Operand[]): Expr => {
  const [inputs, output] = parse(subscripts, operands.length)
  const named = operands.map((operand, i) => letter(subscripts, operand, inputs[i] as string))
  const [a, b] = named as [Lettered, Lettered | undefined]
  if (b === undefined) return arranged(summed(a, output), output)
  const lengths = new Map<string, number>()
  for (const { x, letters } of [a, b]) {
    for (const [axis, length] of shapeOf(x).entries()) {
      const name = letters[axis] as string
      if ((lengths.get(name) ?? length) !== length) {
        const shapes = `${show(shapeOf(a.x))} and ${show(shapeOf(b.x))}`
        throw new InvalidTree(`einsum: shapes ${shapes} do not fit ${show(subscripts)}, ${name} has two lengths`)
      }
      lengths.set(name, length)
    }
  }
  return arranged(product(summed(a, output + b.letters), summed(b, output + a.letters), output, lengths), output)
}

const parse = (subscripts: string, count: number): readonly [inputs: readonly string[], output: string] => {
  const [left, output, ...rest] = typeof subscripts === 'string' ? subscripts.replaceAll(' ', '').split('->') : []
  const inputs = left?.split(',') ?? []
  const isOnce = (letters: string): boolean => /^[a-zA-Z]*$/.test(letters) && new Set(letters).size === letters.length
  const isWhole = output !== undefined && rest.length === 0 && [...inputs, output].every(isOnce)
  if (!isWhole || inputs.length > 2 || [...output].some((name) => !left?.includes(name))) {
    const what = "one or two lists of letters, no letter twice in a list, and those of the result, like 'ij,jk->ik'"
    throw new InvalidOption(`einsum: subscripts must be ${what}, got ${show(subscripts)}`)
  }
  if (inputs.length !== count) {
    throw new InvalidOption(`einsum: ${show(subscripts)} is for ${inputs.length} operands, got ${count}`)
  }
  return [inputs, output]
}

const letter = (subscripts: string, operand: Operand, letters: string): Lettered => {
  const x = lift(operand)
  if (!(x instanceof Expr) || x.isScalar) throw new InvalidTree('einsum: every operand must be an array, got a number')
  if (shapeOf(x).length === letters.length) return { x, letters }
  throw new InvalidTree(
    `einsum: an array of shape ${show(shapeOf(x))} does not fit ${show(letters)} of ${show(subscripts)}`
  )
}

/** The sum over the axes whose letters are not among those that are kept. */
const summed = ({ x, letters }: Lettered, kept: string): Lettered => {
  const axes = [...letters].flatMap((name, axis) => (kept.includes(name) ? [] : [axis]))
  if (axes.length === 0) return { x, letters }
  const shape = shapeOf(x).filter((_, axis) => !axes.includes(axis))
  return { x: reshape(sum(x, axes), shape), letters: [...letters].filter((name) => kept.includes(name)).join('') }
}

/** The array with its axes in the order of some letters, which are all it has. */
const arranged = ({ x, letters }: Lettered, order: string): Expr =>
  letters === order
    ? x
    : transpose(
        x,
        [...order].map((name) => letters.indexOf(name))
      )

const product = (a: Lettered, b: Lettered, output: string, lengths: ReadonlyMap<string, number>): Lettered => {
  const common = [...a.letters].filter((name) => b.letters.includes(name))
  const batch = common.filter((name) => output.includes(name)).join('')
  const inner = common.filter((name) => !output.includes(name)).join('')
  const freeA = [...a.letters].filter((name) => !common.includes(name)).join('')
  const freeB = [...b.letters].filter((name) => !common.includes(name)).join('')
  const size = (letters: string): number => sizeOf([...letters].map((name) => lengths.get(name) as number))
  const matrices = (of: Lettered, rows: string, columns: string): Expr =>
    reshape(arranged(of, batch + rows + columns), [size(batch), size(rows), size(columns)])
  // What lies there with its inner axis in front is transposed by the product itself.
  const transposeA = a.letters === batch + inner + freeA
  const transposeB = b.letters === batch + freeB + inner
  const x = transposeA ? matrices(a, inner, freeA) : matrices(a, freeA, inner)
  const y = transposeB ? matrices(b, freeB, inner) : matrices(b, inner, freeB)
  const letters = batch + freeA + freeB
  const shape = [...letters].map((name) => lengths.get(name) as number)
  return { x: reshape(matmul(x, y, { transposeA, transposeB }), shape), letters }
}
