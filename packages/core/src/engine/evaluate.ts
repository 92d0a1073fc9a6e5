import { Kind } from '../array/dtype.js'
import { InvalidOption } from '../errors.js'
import { type Expr, isGroup, type Operand } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { lift } from '../expression/operations.js'
import { asked, unwatched } from '../watch.js'
import { chosenEngine } from './chosen.js'
import type { Engine } from './engine.js'
import { reference } from './reference.js'
import { createWasmEngine, isWasmSupported } from './wasm/engine.js'

export { withEngine } from './chosen.js'

let standard: Engine | null = null

/**
 * The engine that runs unless another is asked for: `wasm` where it can, else `reference`.
 *
 * @example
 * defaultEngine().name // => 'wasm'
 */
export const defaultEngine = (): Engine => {
  standard ??= isWasmSupported() ? createWasmEngine() : reference
  return standard
}

/** The engine that runs: the one asked for, else the default one. */
export const currentEngine = (): Engine => chosenEngine() ?? defaultEngine()

/** Gives every expression its value, in one evaluation. */
export const evaluate = (roots: readonly Expr[]): void => unwatched(() => currentEngine().evaluate(roots))

/**
 * Forces a lazy scalar, such as a sum or a norm, to a number. Only what it depends on is computed.
 *
 * @example
 * read(norm(new Float32Array([3, 4]))) // => 5
 *
 * @throws InvalidOption for an array: read its elements from what a transformation returned.
 */
export const read = (x: Operand): number => {
  const value = lift(x)
  if (typeof value === 'number') return value
  if (value.kind !== Kind.Scalar) throw new InvalidOption('read: x must be a number or a lazy scalar, got an array')
  // One number of each of many arrays is none.
  if (isGroup(value)) asked()
  if (value.op !== Op.Leaf) evaluate([value])
  return value.value
}
