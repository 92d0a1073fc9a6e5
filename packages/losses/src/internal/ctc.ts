import {
  broadcast,
  check,
  type Expr,
  finite,
  InvalidOption,
  InvalidTree,
  type NdArray,
  ndarray,
  neg,
  type Operand,
  opaque,
  reshape,
  shapeOf,
  show,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import { along } from './axes.js'
import { type Alignment, addBackwards, closed, waysOf } from './ctcAlphas.js'
import { aClass, type ClassLabels, checkNumbers, isClass, type Known, knownOf } from './indices.js'
import { arrayOfRank, isSameShape } from './operands.js'
import { picked } from './picked.js'
import { logSoftmaxOf } from './softmax.js'

/** Options of {@link ctcLoss} and {@link ctcLossWithForwardProbs}. */
export interface CtcLossOptions {
  /** The number of the class that stands for no label. @defaultValue `0` */
  readonly blankId?: number
  /** What stands for the logarithm of the probability of what is impossible, finite and < 0. @defaultValue `-1e5` */
  readonly logEpsilon?: number
}

const shapedLike = (owner: string, name: string, x: ClassLabels, wanted: readonly number[]): Known => {
  const known = knownOf(x)
  if (isSameShape(known.shape, wanted)) return known
  throw new InvalidTree(`${owner}: ${name} must have shape ${show(wanted)}, got ${show(known.shape)}`)
}

const paddingsOf = (owner: string, name: string, x: ClassLabels, wanted: readonly number[]): Uint8Array => {
  const known = shapedLike(owner, name, x, wanted)
  checkNumbers(owner, name, known, '0 or 1', (p) => p === 0 || p === 1)
  return Uint8Array.from(known.numbers)
}

/** The loss of each sequence of a batch, and all its ways, packed in rows as {@link waysOf} has them. */
export const alignedOf = (
  owner: string,
  logits: Operand,
  logitPaddings: ClassLabels,
  labels: ClassLabels,
  labelPaddings: ClassLabels,
  options: CtcLossOptions
): { readonly losses: Value; readonly packed: Expr; readonly of: Alignment } => {
  const { blankId, logEpsilon } = withDefaults(owner, options, { blankId: 0, logEpsilon: -1e5 })
  check(owner, { logEpsilon }, { what: 'a finite number < 0', holds: (x) => finite.holds(x) && (x as number) < 0 })
  const [batch, steps, classes] = shapeOf(arrayOfRank(owner, 'logits', logits, 3)) as [number, number, number]
  if (!isClass(blankId, classes)) {
    throw new InvalidOption(`${owner}: blankId must be ${aClass(classes)}, got ${show(blankId)}`)
  }
  const known = knownOf(labels)
  const { shape } = known
  const width = shape[1]
  if (shape.length !== 2 || shape[0] !== batch || width === undefined || steps === 0) {
    const wanted = `shape [${batch}, …] for logits of shape ${show([batch, steps, classes])}`
    throw new InvalidTree(`${owner}: labels must have ${wanted}, which have one step or more, got ${show(shape)}`)
  }
  const isPadding = paddingsOf(owner, 'logitPaddings', logitPaddings, [batch, steps])
  const isAbsent = paddingsOf(owner, 'labelPaddings', labelPaddings, [batch, width])
  checkNumbers(owner, 'labels', known, aClass(classes), (x, at) => isAbsent[at] === 1 || isClass(x, classes))
  checkNumbers(owner, 'labelPaddings', { shape, numbers: isAbsent }, '1 after a 1', (p, at) => {
    return p === 1 || at % width === 0 || isAbsent[at - 1] === 0
  })
  const of: Alignment = {
    batch,
    steps,
    classes,
    width,
    blank: blankId,
    logEpsilon,
    isPadding,
    labels: Int32Array.from(known.numbers, (x) => (isClass(x, classes) ? x : -1))
  }
  // What is padding may be anything, NaN too.
  const isAbsentStep = broadcast(ndarray(Float32Array.from(isPadding), [batch, steps, 1]), [batch, steps, classes])
  const packed = packedOf(of, logSoftmaxOf(along(owner, 'logits', where(isAbsentStep, 0, logits), {})) as Expr)
  // Where the sum of all ways of a sequence stands.
  const row = 2 * width + 1
  const ends = Int32Array.from({ length: batch }, (_, b) => {
    const present = isAbsent.subarray(b * width, (b + 1) * width).filter((p) => p === 0).length
    return ((steps - 1) * batch + b) * row + present
  })
  return { losses: neg(reshape(picked(packed, ends, [batch]), null)), packed, of }
}

const packedOf = (of: Alignment, logProbs: Expr): Expr => {
  const { batch, steps, width } = of
  const row = 2 * width + 1
  const ways = ({ data }: NdArray): Float32Array | Float64Array => {
    const out = new (data instanceof Float64Array ? Float64Array : Float32Array)(steps * batch * row)
    for (let b = 0; b < batch; b++) {
      const own = waysOf(of, data, b)
      own.set(closed(own, width), steps * row)
      for (let t = 0; t < steps; t++) out.set(own.subarray((t + 1) * row, (t + 2) * row), (t * batch + b) * row)
    }
    return out
  }
  const slopes = ({ data: cotangents }: NdArray, { data }: NdArray): Float32Array | Float64Array => {
    const sums = new Float64Array(data.length)
    for (let b = 0; b < batch; b++) {
      const own = new Float64Array(steps * row)
      for (let t = 0; t < steps; t++) {
        own.set(cotangents.subarray((t * batch + b) * row, (t * batch + b + 1) * row), t * row)
      }
      addBackwards(of, data, b, own, sums)
    }
    return data instanceof Float64Array ? sums : Float32Array.from(sums)
  }
  return opaque(
    ways,
    [logProbs],
    { dtype: logProbs.dtype, shape: [steps, batch, row] },
    { vjp: (dy) => [opaque(slopes, [dy, logProbs], { like: logProbs })] }
  )
}
