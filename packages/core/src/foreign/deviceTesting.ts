// For tests: a device that is made of boxes and computes by the reference engine.
import { allocate, type Data, kindOf } from '../array/dtype.js'
import { type NdArray, sizeOf } from '../array/ndarray.js'
import { NeedsHost } from '../engine/needsHost.js'
import type { Expr } from '../expression/expr.js'
import { sum } from '../expression/operations.js'
import type { AnyGradientTransformation, Tree } from '../transformation/types.js'
import { type DeviceMemory, type InPlace, inPlace, type Planned, type Taken } from './inPlace.js'
import { interpretation } from './interpret.js'
import { type Box, boxes } from './testing.js'

/** Steps on a device, one at a time. */
export interface BoxDevice {
  readonly steps: InPlace
  /** How often values were read back. */
  readonly readings: () => number
  readonly step: (grads: unknown, extra?: unknown, numbers?: readonly number[]) => Planned
  readonly setState: (state: unknown) => void
  readonly snapshot: () => { readonly params: unknown; readonly state: unknown }
  /** What lies in the place of a node. */
  readonly held: (node: Expr) => Data
}

/** Options of {@link boxDevice}. */
export interface BoxDeviceOptions {
  readonly allowReadback?: boolean
  readonly state?: unknown
}

/** An optimizer on a device of its own. */
export const boxDevice = (
  tx: AnyGradientTransformation,
  params: unknown,
  { allowReadback = false, state }: BoxDeviceOptions = {}
): BoxDevice => {
  const library = boxes()
  const { leaf, outputs } = interpretation(library)
  const boxOf = new Map<Expr, Box>()
  const arrayOf = new Map<Expr, Expr>()
  let readings = 0
  const place = (array: NdArray): Expr => {
    const box = library.box(array)
    const node = leaf(box, () => 'a box')
    boxOf.set(node, box)
    return node
  }
  const memory: DeviceMemory = {
    place: (arrays) =>
      arrays.map(({ dtype, shape, data }) =>
        place({ dtype, shape, data: data?.slice() ?? allocate(kindOf(dtype), sizeOf(shape)) } as NdArray)
      ),
    number: () => {
      const array = place({ dtype: 'float64', shape: [1], data: new Float64Array(1) })
      const number = sum(array) as Expr
      arrayOf.set(number, array)
      return number
    },
    isPlaced: (node) => boxOf.has(node)
  }
  const steps = inPlace('boxDevice', tx, params, memory, { state, allowReadback })

  const boxAt = (node: Expr): Box => boxOf.get(arrayOf.get(node) ?? node) as Box
  const held = (node: Expr): Data => (boxAt(node).value as NdArray).data
  const valueOf = (box: Box | number): Data | number =>
    typeof box === 'number' ? box : typeof box.value === 'number' ? box.value : box.value.data.slice()
  const write = (to: Expr, data: Data | number): void => {
    held(to).set(typeof data === 'number' ? [data] : data)
  }
  const perform = ({ assignments, commit }: Planned): void => {
    const values = outputs(assignments.map(({ node }) => node)).map(valueOf)
    assignments.forEach(({ to }, i) => write(to, values[i] as Data | number))
    commit()
  }
  const planned = (taken: Taken, extra: unknown): Planned => {
    const answers: (Data | number)[][] = []
    for (;;) {
      try {
        return steps.plan(taken, extra, answers)
      } catch (error) {
        if (!(error instanceof NeedsHost)) throw error
        readings += 1
        answers.push(outputs(error.roots).map(valueOf))
      }
    }
  }
  return {
    ...{ steps, held, readings: () => readings },
    step: (grads, extra, numbers = []) => {
      const taken = steps.take(grads as Tree | undefined, numbers)
      for (const { to, data } of taken.uploads) write(to, data)
      const plan = planned(taken, extra)
      perform(plan)
      return plan
    },
    setState: (next) => {
      const { uploads, ...plan } = steps.planState(next)
      for (const { to, data } of uploads) write(to, data)
      perform(plan)
    },
    snapshot: () => {
      const { nodes, toTrees } = steps.hold()
      return toTrees(outputs(nodes).map(valueOf))
    }
  }
}
