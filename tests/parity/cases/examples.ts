import {
  definitionOf,
  type GradientTransformation,
  type Leaf,
  ndarray,
  type Tree,
  transformation,
  tree,
  viewsOf
} from 'gradchain'

/** `EXAMPLES` of generate.py: the gradients, twice their difference to the params, nothing. */
export const examples = (gradients: Tree<Leaf>, params: Tree<Leaf>): Tree<Leaf> =>
  tree.map(examplesOf, gradients, params)

const examplesOf = (g: Leaf, p: Leaf): Leaf => {
  const [gradient, param] = [elementsOf(g), elementsOf(p)]
  const all = [...gradient, ...gradient.map((x, i) => 2 * (x - (param[i] ?? 0))), ...gradient.map((x) => 0 * x)]
  // The examples of a number are a bare vector, those of an array have a shape.
  if (typeof g === 'number') return Float64Array.from(all)
  return ndarray(all, [3, ...shapeOf(g)], dtypeOf(g))
}

export const elementsOf = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [leaf] : Array.from('shape' in leaf ? leaf.data : leaf)

export const shapeOf = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [] : 'shape' in leaf ? leaf.shape : [leaf.length]

export const dtypeOf = (leaf: Leaf): 'float32' | 'float64' =>
  leaf instanceof Float32Array || (typeof leaf === 'object' && 'dtype' in leaf && leaf.dtype === 'float32')
    ? 'float32'
    : 'float64'

/** A transformation that is handed examples, as `of_examples` makes it in generate.py. */
export const ofExamples = <S>(
  tx: GradientTransformation<S, { readonly perExampleGradients: Tree }>
): GradientTransformation<S> => {
  const { init, update } = definitionOf('ofExamples', tx)
  return transformation<S>({
    init,
    update: (updates, state, params) =>
      update(updates, state, params, { perExampleGradients: examples(viewsOf(updates), viewsOf(params)) })
  })
}
