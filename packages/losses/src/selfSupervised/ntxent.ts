import {
  add,
  check,
  div,
  exp,
  InvalidTree,
  log,
  matmul,
  max,
  maxOf,
  ndarray,
  type Operand,
  positive,
  shapeOf,
  show,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import { stretched } from '../internal/axes.js'
import { type ClassLabels, knownOf } from '../internal/indices.js'
import { arrayOfRank } from '../internal/operands.js'

/** Options of {@link ntxent}. */
export interface NtxentOptions {
  /** What similarities are divided by, finite and > 0. @defaultValue `0.07` */
  readonly temperature?: number
}

/**
 * The temperature-scaled cross entropy of pairs: embeddings with the same label are drawn together, others driven apart.
 *
 * For the cosine s of the angle between embeddings, and τ = temperature, averaged over all pairs i ≠ j with the same label:
 *
 *     ℓᵢⱼ = −log( exp(sᵢⱼ/τ) / (exp(sᵢⱼ/τ) + Σₖ exp(sᵢₖ/τ)) )          over all k of another label
 *
 * The result is one number; it is 0 where there is no pair. Lengths are taken for at least the root of the spacing of floating-point numbers,
 * so that an embedding of zeros has the cosine 0.
 *
 * Laws: ≥ 0; a batch in another order has the same; so have embeddings of other lengths, and other names of labels.
 *
 * @param embeddings - an array or an expression of shape [batch, features].
 * @param labels - one for each embedding: a list, an array, or an expression, which is evaluated when the loss is called.
 *
 * @example
 * const embeddings = ndarray(new Float64Array([1, 0, 0, 1, -1, 0]), [3, 2])
 * read(ntxent(embeddings, [0, 0, 1], { temperature: 1 })) // => 0.503…
 *
 * @throws InvalidTree for arrays that do not fit each other, InvalidOption when temperature is not a finite number > 0.
 * @see Chen et al. (2020), A Simple Framework for Contrastive Learning of Visual Representations,
 * {@link https://arxiv.org/abs/2002.05709}
 */
export const ntxent = (embeddings: Operand, labels: ClassLabels, options: NtxentOptions = {}): Value => {
  const { temperature } = withDefaults('ntxent', options, { temperature: 0.07 })
  check('ntxent', { temperature }, positive)
  const x = arrayOfRank('ntxent', 'embeddings', embeddings, 2)
  const [n, features] = shapeOf(x) as [number, number]
  const known = knownOf(labels)
  if (known.shape.length !== 1 || known.shape[0] !== n) {
    const wanted = `shape [${n}] for embeddings of shape ${show([n, features])}`
    throw new InvalidTree(`ntxent: labels must have ${wanted}, got ${show(known.shape)}`)
  }
  const isPair = new Float64Array(n * n)
  const isOther = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (known.numbers[i] !== known.numbers[j]) isOther[i * n + j] = 1
      else if (i !== j) isPair[i * n + j] = 1
    }
  }
  const pairs = isPair.reduce((count, is) => count + is, 0)
  const [pair, other] = [ndarray(isPair, [n, n]), ndarray(isOther, [n, n])]

  const spacing = x.dtype === 'float64' ? Number.EPSILON : 1.1920928955078125e-7
  const unit = div(x, stretched(sqrt(max(sum(square(x), [1]), spacing)), [n, features]))
  const similar = div(matmul(unit, unit, { transposeB: true }), temperature)
  const largest = maxOf(where(add(pair, other), similar, -Infinity), [1])
  const shifted = sub(similar, stretched(stopGradient(largest), [n, n]))
  const driven = sum(where(other, exp(shifted), 0), [1])
  const terms = sub(log(add(stretched(driven, [n, n]), exp(shifted))), shifted)
  return div(sum(where(pair, terms, 0)), Math.max(1, pairs))
}
