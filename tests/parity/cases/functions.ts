import { inversePthRoot, nnls, powerIteration } from '@gradchain/matrix'
import {
  type Accumulator,
  abs,
  add,
  applyUpdates,
  castLike,
  diagonalMatrix,
  div,
  force,
  fullLike,
  grad,
  hungarianAlgorithm,
  incrementalUpdate,
  type Leaf,
  type MakePerturbedFunOptions,
  makePerturbedFun,
  matmul,
  microbatch,
  mul,
  type NdArray,
  ndarray,
  type Operand,
  perExampleGlobalNormClip,
  perExampleLayerNormClip,
  periodicUpdate,
  random,
  read,
  reshape,
  sum,
  sumSquares,
  type Tree,
  tree
} from 'gradchain'
import { dtypeOf, elementsOf, examples, shapeOf } from './examples.js'

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

/** `PERTURBED` of generate.py. */
const perturbed = (options: MakePerturbedFunOptions) =>
  makePerturbedFun((values: Tree<Leaf>): Tree => tree.map(abs, values), options)

const NORMAL = { numSamples: 3, sigma: 0.5, noise: 'normal', useBaseline: false } as const

/** `PERTURBED_GRAD` of generate.py. */
const perturbedGradient = (options: MakePerturbedFunOptions, gradients: Tree<Leaf>, params: Tree<Leaf>): unknown =>
  grad((at: Tree) => tree.vdot(gradients, perturbed(options)(random.key(7), at) as Tree))(params)

/** `ASSIGNED` of generate.py, with the first of the params. */
const assigned =
  (columnsOf: (size: number) => number) =>
  (gradients: never, params: never): Tree<Leaf> =>
    tree.map(
      (g: Leaf, p: Leaf) => {
        const [rows, columns] = [elementsOf(g), elementsOf(p).slice(0, columnsOf(sizeOf(p)))]
        const costs = rows.flatMap((u) => columns.map((v) => (u - v) * (u - v)))
        const found = hungarianAlgorithm(ndarray(Float64Array.from(costs), [rows.length, columns.length]))
        const numbers = rows.map((_, i) => {
          const at = found.rows.indexOf(i)
          return at < 0 ? 0 : 1 + (found.columns[at] as number)
        })
        if (typeof g === 'number') return numbers[0] as number
        return 'shape' in g ? ndarray(numbers, g.shape, dtypeOf(g)) : Float64Array.from(numbers)
      },
      gradients,
      params
    )

/** `MICROBATCHED` of generate.py. */
const microbatched =
  (accumulator: Accumulator) =>
  (gradients: never, params: never): Tree<Leaf> => {
    const few = microbatch(
      (some: Tree<Leaf>, at: Tree<Leaf>) =>
        force(
          tree.map(
            (x: Leaf, p: Leaf) => mul(typeof p === 'number' ? sum(x) : reshape(sum(x, [0]), shapeOf(p)), p),
            some,
            at
          )
        ),
      { size: 1, accumulator }
    )
    return few(examples(gradients, params), params)
  }

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
  hungarian_algorithm: assigned((size) => size),
  'hungarian_algorithm/tall': assigned((size) => Math.ceil(size / 2)),
  make_perturbed_fun: (_, params) => force(perturbed({ numSamples: 5 })(random.key(7), params)),
  'make_perturbed_fun/normal': (_, params) => force(perturbed(NORMAL)(random.key(7), params)),
  'make_perturbed_fun/gradient': (gradients, params) => perturbedGradient({ numSamples: 5 }, gradients, params),
  'make_perturbed_fun/gradient_all': (gradients, params) => perturbedGradient(NORMAL, gradients, params),
  microbatch: microbatched('sum'),
  'microbatch/mean': microbatched('mean'),
  'microbatch/running_mean': microbatched('runningMean'),
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
