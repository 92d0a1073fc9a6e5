import { check, inUnitInterval, type Leaf, read, rms, type Tree, withDefaults } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link gradientFlow}. */
export interface GradientFlowOptions {
  /** Below which share of the last layer's gradient a layer's has vanished, in `[0, 1)`. @defaultValue `1e-3` */
  readonly vanishing?: number
  /** Above how many times the last layer's gradient a layer's has exploded, a number > 1. @defaultValue `1e3` */
  readonly exploding?: number
}

/** The gradient of a layer. */
export interface LayerFlow {
  /** Where it is: `.layers[0].kernel`. */
  readonly path: string
  /** The root of the mean of its squares. */
  readonly rms: number
  /** What is to be said of it. */
  readonly is: 'steady' | 'vanishing' | 'exploding' | 'notFinite'
}

/** What {@link gradientFlow} finds. */
export interface GradientFlow {
  /** Every array, in tree order. */
  readonly layers: readonly LayerFlow[]
  /** The paths of the layers whose gradient has vanished. */
  readonly vanishing: readonly string[]
  /** The paths of those whose gradient has exploded, or is not finite. */
  readonly exploding: readonly string[]
}

/**
 * How gradients get from the loss to the first layers: whether they vanish or explode on the way.
 *
 * Backpropagation begins at the last layer in tree order, so what counts is the size beside that one, the last whose gradient is not 0:
 *
 *     rₗ = rms(gₗ) / rms(g of the last)          vanishing: rₗ < 1e-3          exploding: rₗ > 1e3
 *
 * The root of the mean of the squares does not depend on how large a layer is. Of norms that were measured by `normOf('gradients', { by: 'leaf' })` it reads
 * each as it is. Where all is 0, all has vanished.
 *
 * Laws: scaling all gradients by a number > 0 changes no flag; the last layer is steady where it is finite and not 0.
 *
 * @example
 * const flow = gradientFlow({ layers: [new Float32Array([1e-7, -1e-7]), new Float32Array([0.01, 0.02]), new Float32Array([0.5, 1])] })
 * flow.vanishing // => ['.layers[0]']
 * flow.layers[2] // => { path: '.layers[2]', rms: 0.7905694150420949, is: 'steady' }
 * gradientFlow({ first: new Float32Array([4, 4]), last: new Float32Array(3).fill(1e-3) }).exploding // => ['.first']
 *
 * @throws InvalidOption when an option is outside its range; InvalidTree for what is no tree of arrays.
 * @see diagnose
 */
export const gradientFlow = (gradients: Tree<Leaf>, options: GradientFlowOptions = {}): GradientFlow => {
  const { vanishing, exploding } = withDefaults('gradientFlow', options, { vanishing: 1e-3, exploding: 1e3 })
  check('gradientFlow', { vanishing }, inUnitInterval)
  check('gradientFlow', { exploding }, { what: 'a number > 1', holds: (x) => typeof x === 'number' && x > 1 })
  const sizes = tree.leaves(tree.map((g: Leaf) => rms(g), gradients)).map((size) => read(size))
  const last = sizes.findLast((size) => Number.isFinite(size) && size > 0) ?? 0
  const stateOf = (size: number): LayerFlow['is'] => {
    if (!Number.isFinite(size)) return 'notFinite'
    if (size === 0 || size < vanishing * last) return 'vanishing'
    return size > exploding * last ? 'exploding' : 'steady'
  }
  const layers = tree.paths(gradients).map((path, i): LayerFlow => {
    const size = sizes[i] as number
    return { path, rms: size, is: stateOf(size) }
  })
  const pathsOf = (...states: readonly LayerFlow['is'][]): readonly string[] =>
    layers.filter((layer) => states.includes(layer.is)).map(({ path }) => path)
  return { layers, vanishing: pathsOf('vanishing'), exploding: pathsOf('exploding', 'notFinite') }
}
