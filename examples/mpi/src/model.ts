import { softmaxCrossEntropyWithIntegerLabels } from '@gradchain/losses'
import {
  add,
  broadcast,
  force,
  matmul,
  max,
  mul,
  type NdArray,
  ndarray,
  type Operand,
  random,
  reshape,
  sum
} from 'gradchain'
import { CLASSES, type Digit, PIXELS } from '../../digits/src/data.js'

/** A layer: a matrix and a bias. */
export interface Layer<L = NdArray> {
  readonly w: L
  readonly b: L
}

/** The params of the network. */
export type Params<L = NdArray> = { readonly hidden: Layer<L>; readonly out: Layer<L> }

/** Params to begin with: those of a layer are uniform, as wide as keeps what comes out of it about as large as what goes in. */
export const initialParams = (hidden: number, seed = 0): Params => {
  const layer = (key: random.Key, inputs: number, units: number): Layer => {
    const limit = Math.sqrt(6 / (inputs + units))
    const w = random.uniform(key, [inputs, units])
    return {
      w: ndarray(
        (w.data as Float32Array).map((x) => limit * (2 * x - 1)),
        [inputs, units]
      ),
      b: ndarray(new Float32Array(units), [units])
    }
  }
  const [first, second] = random.split(random.key(seed))
  return { hidden: layer(first, PIXELS, hidden), out: layer(second, hidden, CLASSES) }
}

const through = ({ w, b }: Layer<Operand>, x: Operand, rows: number, units: number): Operand =>
  add(matmul(x, w), broadcast(reshape(b, [1, units]), [rows, units]))

const scores = (params: Params<Operand>, x: NdArray, hidden: number): Operand => {
  const [rows] = x.shape as readonly [number]
  return through(params.out, max(0, through(params.hidden, x, rows, hidden)), rows, CLASSES)
}

/**
 * The sum of a share's losses over the size that shares have on average: the mean over all ranks is that of the batch, even where one has a digit
 * more than another.
 */
export const lossOf =
  (hidden: number, share: number) =>
  (params: Params<Operand>, x: NdArray, labels: readonly number[]): Operand =>
    mul(1 / share, sum(softmaxCrossEntropyWithIntegerLabels(scores(params, x, hidden), labels)))

/** The pixels of some digits, one row each. */
export const pixelsOf = (digits: readonly Digit[]): NdArray =>
  ndarray(Float32Array.from(digits.flatMap(({ pixels }) => pixels)), [digits.length, PIXELS])

/** How many of some digits are read right. */
export const rightOf = (params: Params, hidden: number, digits: readonly Digit[]): number => {
  const { all } = force({ all: scores(params, pixelsOf(digits), hidden) } as never) as { readonly all: NdArray }
  return digits.filter(({ label }, i) => {
    const row = all.data.subarray(i * CLASSES, (i + 1) * CLASSES)
    return row.indexOf(Math.max(...row)) === label
  }).length
}
