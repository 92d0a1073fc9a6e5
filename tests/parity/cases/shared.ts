import {
  type AnyGradientTransformation,
  definitionOf,
  type GradientTransformation,
  type Leaf,
  linearSchedule,
  type Tree,
  transformation,
  type Value,
  warmupCosineDecaySchedule
} from 'gradchain'

/** Our transformation for each name of a case. */
export type Cases = Readonly<Record<string, () => AnyGradientTransformation>>

/** The extra argument of `falling` and `uneven` in generate.py. */
export interface WithValue {
  readonly value: number
}

export const linear = linearSchedule({ initValue: 0.1, endValue: 0.01, transitionSteps: 8 })
export const cosine = warmupCosineDecaySchedule({
  initValue: 0,
  peakValue: 0.2,
  warmupSteps: 3,
  decaySteps: 10,
  endValue: 0.01
})

// Booleans and labels for the tree 'nested': leaf by leaf, and as a prefix of it.
export const mask = {
  kernel: true,
  bias: false,
  layers: [
    { w: true, b: false },
    { w: false, b: true }
  ],
  head: { scale: false, inner: { shift: true } }
}
export const prefixMask = { kernel: true, bias: false, layers: [true, false], head: true }
export const labels = {
  kernel: 'a',
  bias: 'b',
  layers: [
    { w: 'a', b: 'b' },
    { w: 'c', b: 'b' }
  ],
  head: { scale: 'c', inner: { shift: 'a' } }
}
export const prefixLabels = { kernel: 'a', bias: 'b', layers: ['a', 'c'], head: 'b' }

// Booleans for the tree 'small'.
export const smallMask = { kernel: true, bias: false, scale: true }
export const otherMask = { kernel: false, bias: true, scale: true }

/** A function of a tree that tells its top-level keys apart, as `MASK_FN` and `LABELS_FN` do in generate.py. */
const byKey =
  <T>(value: (key: string) => T) =>
  (params: object): { readonly [key: string]: T } =>
    Object.fromEntries(Object.keys(params).map((key) => [key, value(key)]))
export const maskFn = byKey((key) => key !== 'bias')
export const labelsFn = byKey((key) => (key === 'bias' ? 'b' : 'a'))

/** A transformation that emits what `f` makes of its updates and its new state, as `emit` does in generate.py. */
export const emit = <S, E>(
  tx: GradientTransformation<S, E>,
  f: (updates: Tree, state: S) => Tree
): GradientTransformation<S, E> => {
  const { init, update } = definitionOf('emit', tx)
  return transformation<S, E>({
    init,
    update: (updates, state, params, extra) => {
      const [transformed, next] = update(updates, state, params, extra)
      return [f(transformed, next), next]
    }
  })
}

/** A transformation with extra arguments that are functions, which the data cannot hold, as `given` makes it in generate.py. */
export const given = <S, E>(tx: GradientTransformation<S, E>, extra: E): GradientTransformation<S> => {
  const { init, update } = definitionOf('given', tx)
  return transformation<S>({ init, update: (updates, state, params) => update(updates, state, params, extra) })
}

/** A number of a state inside of a transformation, where it has not been evaluated yet. */
export const pending = (value: Tree | Leaf): Value => value as Value
