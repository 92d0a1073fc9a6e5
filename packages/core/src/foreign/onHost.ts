import type { NdArray } from '../array/ndarray.js'
import { isNdArray } from '../array/ndarray.js'
import { step } from '../transformation/step.js'
import { definitionOf } from '../transformation/transformation.js'
import type { AnyGradientTransformation, ExtraOf } from '../transformation/types.js'
import { isContainer, walk } from '../tree/tree.js'
import { type ArrayLibrary, soundForm } from './interpret.js'
import { type ArrayOptimizer, type ArrayState, refuseOther } from './onArrays.js'

/**
 * An optimizer on the arrays of another library that lie in memory of this processor: their elements are brought here, computed
 * with as those of any other array, and what comes out is made an array of the library again. The state stays here.
 *
 * Extra arguments that are arrays are brought here when they are asked for, those of shape `[]` as numbers. A function among them, such as
 * `valueFn`, is called with what the optimizer computes with, expressions or arrays of ours, never with arrays of the library.
 *
 * Where reading and making arrays costs a copy, this is faster than one operation of the library after the other.
 *
 * @example
 * import { type ArrayLibrary, onHost } from '@gradchain/core/engine'
 *
 * // A library whose arrays are boxes.
 * class Box {
 *   readonly data: Float32Array
 *   constructor(data: Float32Array) {
 *     this.data = data
 *   }
 * }
 * const boxes: Pick<ArrayLibrary<Box>, 'name' | 'arrayName' | 'isArray' | 'formOf' | 'fromHost' | 'toHost'> = {
 *   name: 'boxes',
 *   arrayName: 'a Box',
 *   isArray: (value) => value instanceof Box,
 *   formOf: ({ data }) => ({ dtype: 'float32', shape: [data.length] }),
 *   fromHost: ({ data }) => new Box(Float32Array.from(data)),
 *   toHost: ({ data }) => ndarray(data, [data.length])
 * }
 * const { init, step } = onHost(boxes, scale(-0.5))
 * const params = { w: new Box(new Float32Array([1, 2])) }
 * const [next] = step({ w: new Box(new Float32Array([4, 2])) }, init(params), params)
 * next.w.data // => Float32Array [-1, 1]
 *
 * @throws InvalidTree for a leaf that is no array of the library, with its place; InvalidOption for what is no optimizer.
 * @see onArrays
 */
export const onHost = <A extends object, T extends AnyGradientTransformation>(
  library: Pick<ArrayLibrary<A>, 'name' | 'arrayName' | 'isArray' | 'formOf' | 'fromHost' | 'toHost'>,
  optimizer: T
): ArrayOptimizer<A, ExtraOf<T>> => {
  const { fromHost, isArray, name, toHost } = library
  definitionOf(name, optimizer)

  const hosted = (value: unknown, place: () => string): NdArray => {
    soundForm(library, value as A, place)
    return toHost(value as A)
  }

  const brought = (what: string, tree: unknown, isStrict: boolean): unknown => {
    const place = (path: () => string) => () => `${name}: ${what}${path()}`
    let isOwn = true
    const visit = (value: unknown, path: () => string): unknown => {
      if (isArray(value)) {
        isOwn = false
        return hosted(value, place(path))
      }
      if (isStrict) refuseOther(library, value, place(path))
      return value
    }
    const host = walk(name, [what], [tree], ([value], path) => visit(value, path), {
      isLeaf: (value) => !isContainer(value)
    })
    // A state that we made is known by itself.
    return isOwn ? tree : host
  }

  const given = (extra: unknown): unknown => {
    if (typeof extra !== 'object' || extra === null) return extra
    // What is not asked for is not brought here.
    const handler: ProxyHandler<object> = {
      get: (_, key) => {
        const value: unknown = Reflect.get(extra, key)
        if (!isArray(value))
          return isContainer(value) ? brought(`the extra argument ${String(key)}`, value, false) : value
        const array = hosted(value, () => `${name}: the extra argument ${String(key)}`)
        return array.shape.length === 0 ? array.data[0] : array
      }
    }
    // Of a copy, as a proxy must not say other things of an object that is frozen.
    return new Proxy(Object.assign(Object.create(Object.getPrototypeOf(extra)) as object, extra), handler)
  }

  const taken = (tree: unknown): unknown =>
    walk(name, ['result'], [tree], ([value]) => (isNdArray(value as object) ? fromHost(value as NdArray) : value))

  type Update = (...args: readonly unknown[]) => readonly [unknown, unknown]
  const run = (update: Update, grads: unknown, state: unknown, params: unknown, extra: unknown): never => {
    const [result, next] = update(
      brought('grads', grads, true),
      brought('state', state, false),
      brought('params', params, true),
      ...(extra === undefined ? [] : [given(extra)])
    )
    // The trees that come out are those that went in, with other arrays: this is where that is said.
    return [taken(result), next] as never
  }

  const init = optimizer.init.bind(optimizer)
  const update = optimizer.update.bind(optimizer) as Update
  const stepOnce: Update = (...args) => (step as unknown as Update)(optimizer, ...args)
  return {
    init: (params) => init(brought('params', params, true)) as ArrayState<A>,
    update: (updates, state, params, ...[extra]) => run(update, updates, state, params, extra),
    step: (grads, state, params, ...[extra]) => run(stepOnce, grads, state, params, extra)
  }
}
