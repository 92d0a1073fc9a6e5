import { inversePthRoot, nnls, powerIteration } from '@gradchain/matrix'
import {
  add,
  applyUpdates,
  castLike,
  diagonalMatrix,
  div,
  force,
  fullLike,
  incrementalUpdate,
  type Leaf,
  matmul,
  mul,
  type NdArray,
  ndarray,
  type Operand,
  perExampleGlobalNormClip,
  perExampleLayerNormClip,
  periodicUpdate,
  read,
  reshape,
  sumSquares,
  type Tree,
  tree
} from 'gradchain'

/** `EXAMPLES` of generate.py: the gradients, twice their difference to the params, nothing. */
const examples = (gradients: never, params: never): Tree<Leaf> => tree.map(examplesOf, gradients, params)

const examplesOf = (g: Leaf, p: Leaf): Leaf => {
  const [gradient, param] = [elementsOf(g), elementsOf(p)]
  const all = [...gradient, ...gradient.map((x, i) => 2 * (x - (param[i] ?? 0))), ...gradient.map((x) => 0 * x)]
  // The examples of a number are a bare vector, those of an array have a shape.
  if (typeof g === 'number') return Float64Array.from(all)
  return ndarray(all, [3, ...shapeOf(g)], dtypeOf(g))
}

const elementsOf = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [leaf] : Array.from('shape' in leaf ? leaf.data : leaf)

const shapeOf = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [] : 'shape' in leaf ? leaf.shape : [leaf.length]

const dtypeOf = (leaf: Leaf): 'float32' | 'float64' =>
  leaf instanceof Float32Array || (typeof leaf === 'object' && 'dtype' in leaf && leaf.dtype === 'float32')
    ? 'float32'
    : 'float64'

const sizeOf = (leaf: Leaf): number => elementsOf(leaf).length

/** `OF_DEFINITE` of generate.py: a vector that is made of a leaf and a positive definite matrix out of it. */
const ofDefinite =
  (make: (a: Operand, v: Leaf) => Operand) =>
  (gradients: never): Tree<Leaf> =>
    tree.map((g: Leaf) => {
      const elements = elementsOf(g)
      const n = elements.length
      const v = ndarray([...elements], [n, 1], dtypeOf(g))
      const steps = castLike(
        Float64Array.from(elements, (_, i) => (i + 1) / n),
        v
      )
      const a = add(div(matmul(v, v, { transposeB: true }), sumSquares(v)), diagonalMatrix(steps))
      const { data } = force(reshape(make(a, v), [n])) as NdArray
      if (typeof g === 'number') return data[0] as number
      return 'shape' in g ? ndarray([...data], g.shape, dtypeOf(g)) : (data as Float32Array)
    }, gradients)

/** The number of each leaf, in each of its elements. */
const counts = (params: never, numbers: Tree<number>) =>
  force(tree.map((p, count) => fullLike(p, count), params, numbers as never))

/** Our function of (gradients, params) for each name of a function in the data. */
export const functions: Readonly<Record<string, (gradients: never, params: never) => unknown>> = {
  apply_updates: (gradients, params) => applyUpdates(params, gradients),
  incremental_update: (gradients, params) => incrementalUpdate(gradients, params, 0.1),
  periodic_update: (gradients, params) => periodicUpdate(gradients, params, 6, 3),
  'periodic_update/between': (gradients, params) => periodicUpdate(gradients, params, 7, 3),
  tree_norm: (gradients) => read(tree.norm(gradients)),
  'tree_norm/squared': (gradients) => read(tree.squaredNorm(gradients)),
  per_example_global_norm_clip: (...of) => perExampleGlobalNormClip(examples(...of), 6)[0],
  'per_example_global_norm_clip/count': (...of) => perExampleGlobalNormClip(examples(...of), 6)[1],
  per_example_layer_norm_clip: (...of) => perExampleLayerNormClip(examples(...of), 6)[0],
  'per_example_layer_norm_clip/counts': (...of) => counts(of[1], perExampleLayerNormClip(examples(...of), 6)[1]),
  'per_example_layer_norm_clip/not_uniform': (...of) =>
    perExampleLayerNormClip(examples(...of), 6, { uniform: false })[0],
  'per_example_layer_norm_clip/not_uniform_counts': (...of) =>
    counts(of[1], perExampleLayerNormClip(examples(...of), 6, { uniform: false })[1]),
  matrix_inverse_pth_root: ofDefinite((a, v) => matmul(inversePthRoot(a, 4).root, v)),
  'matrix_inverse_pth_root/inverse': ofDefinite((a, v) => matmul(inversePthRoot(a, 1).root, v)),
  'matrix_inverse_pth_root/square': ofDefinite((a, v) => matmul(inversePthRoot(a, 2).root, v)),
  'matrix_inverse_pth_root/all': ofDefinite((a, v) =>
    matmul(inversePthRoot(a, 8, { numIters: 5, ridgeEpsilon: 0.01, errorTolerance: 1e-3 }).root, v)
  ),
  'matrix_inverse_pth_root/error': ofDefinite((a, v) => mul(inversePthRoot(a, 2, { numIters: 3 }).error, v)),
  nnls: ofDefinite((a, v) => nnls(a, reshape(v, [sizeOf(v)]), { iters: 50 })),
  'nnls/matrix': ofDefinite((a, v) => nnls(a, v, { iters: 20, L: 4 })),
  power_iteration: ofDefinite((a) => powerIteration(a).vector),
  'power_iteration/value': ofDefinite((a, v) => mul(powerIteration(a).value, v)),
  'power_iteration/key': ofDefinite((a) => powerIteration(a, { key: 7 }).vector),
  'power_iteration/all': ofDefinite(
    (a, v) => powerIteration(a, { v0: reshape(v, [sizeOf(v)]), numIters: 9, errorTolerance: 0.01 }).vector
  ),
  'power_iteration/function': ofDefinite(
    (a, v) => powerIteration((x) => force(matmul(a, x)) as NdArray, { v0: v }).vector
  )
}
