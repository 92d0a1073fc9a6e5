import {
  applyUpdates,
  force,
  fullLike,
  incrementalUpdate,
  type Leaf,
  ndarray,
  perExampleGlobalNormClip,
  perExampleLayerNormClip,
  periodicUpdate,
  read,
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
  return ndarray(
    all,
    [3, ...shapeOf(g)],
    g instanceof Float32Array || ('dtype' in g && g.dtype === 'float32') ? 'float32' : 'float64'
  )
}

const elementsOf = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [leaf] : Array.from('shape' in leaf ? leaf.data : leaf)

const shapeOf = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [] : 'shape' in leaf ? leaf.shape : [leaf.length]

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
    counts(of[1], perExampleLayerNormClip(examples(...of), 6, { uniform: false })[1])
}
