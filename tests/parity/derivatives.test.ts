// Derivatives against those of the real JAX, and hypergradients through updates against JAX through Optax.
import { readFileSync } from 'node:fs'
import {
  type AnyGradientTransformation,
  applyUpdates,
  dot,
  grad,
  hvp,
  type Operand,
  type Tree,
  type Value,
  valueAndGrad
} from 'gradchain'
import { describe, expect, test } from 'vitest'
import { functions, loss, optimizers } from './derivatives.js'

type Stored = number | 'NaN' | 'Infinity' | '-Infinity'

interface Data {
  readonly functions: readonly {
    readonly name: string
    readonly expression: string
    readonly v: readonly number[]
    readonly points: readonly {
      readonly x: readonly number[]
      readonly value: Stored
      readonly gradient: readonly Stored[]
      readonly product: readonly Stored[]
    }[]
  }[]
  readonly hyper: readonly {
    readonly name: string
    readonly expression: string
    readonly steps: number
    readonly h: number
    readonly start: readonly number[]
    readonly value: number
    readonly slope: number
    readonly curvature: number
    readonly gradient: readonly number[]
  }[]
}

const data = JSON.parse(readFileSync(new URL('./data/derivatives.json', import.meta.url), 'utf8')) as Data

/** The largest relative difference from JAX: only the order of operations differs, and `erf` and `pow` by some ulps. */
const TOLERANCE = 1e-12

const far = (found: ArrayLike<number>, wanted: readonly Stored[]): readonly string[] => {
  const numbers = wanted.map(Number)
  const scale = Math.max(1, ...numbers.filter(Number.isFinite).map(Math.abs))
  return numbers.flatMap((x, i) => {
    const y = found[i] as number
    const isNear = Object.is(x, y) || x === y || Math.abs(x - y) <= TOLERANCE * scale
    return isNear ? [] : [`[${i}] is ${y}, JAX has ${x}`]
  })
}

const find = <T>(table: Readonly<Record<string, T>>, name: string): T => {
  const row = table[name]
  if (row === undefined) throw new Error(`derivatives.ts has no row '${name}'`)
  return row
}

/** Where ours is something else, and why. */
const isDeviation = (name: string, x: readonly number[]): boolean =>
  // |x| has a kink at 0: ours has the slope 0, between its two slopes, JAX has that on the right.
  name === 'abs' && x.includes(0)

test('every row of the data has ours, and the other way round', () => {
  expect(Object.keys(functions).sort()).toEqual(data.functions.map(({ name }) => name).sort())
  expect(Object.keys(optimizers).sort()).toEqual(data.hyper.map(({ name }) => name).sort())
})

describe.each(data.functions)('$name, $expression', ({ name, v, points }) => {
  test.each(points)(
    'at $x: the value, the gradient and the product with the Hessian',
    ({ x, value, gradient, product }) => {
      const f = find(functions, name)
      const [at, along] = [Float64Array.from(x, Number), Float64Array.from(v)]
      const [found, slopes] = valueAndGrad(f)(at)
      const second = grad((p: Operand): Value => dot(grad(f)(p) as Operand, along))(at)
      const differences = [
        far([found], [value]).map((text) => `value${text}`),
        far(slopes, gradient).map((text) => `gradient${text}`),
        far(hvp(f)(at, along), product).map((text) => `product${text}`),
        far(second, product).map((text) => `gradient of the gradient${text}`)
      ].flat()
      if (isDeviation(name, x)) expect(differences).not.toEqual([])
      else expect(differences).toEqual([])
    }
  )
})

describe.each(data.hyper)(
  'through $steps updates of $name',
  ({ name, steps, h, start, value, slope, curvature, gradient }) => {
    const after = ({ h, x }: { h: Operand; x: Operand }): Value => {
      const tx = find(optimizers, name)(h as Value) as Driven
      let params: Tree = x
      let state = tx.init(params)
      for (let i = 0; i < steps; i++) {
        const [updates, next] = tx.update(grad(loss)(params as Operand), state, params)
        params = (applyUpdates as Apply)(params, updates)
        state = next
      }
      return loss(params as Operand)
    }

    test('the loss, its derivatives by the hyperparameter and by where it started', () => {
      const at = { h, x: Float64Array.from(start) }
      const [found, slopes] = valueAndGrad(after)(at)
      const twice = grad((p: Operand): Value => grad((q: Operand) => after({ h: q, x: at.x }))(p) as Value)(h)
      expect(
        [
          far([found], [value]).map((text) => `value${text}`),
          far([slopes.h], [slope]).map((text) => `slope${text}`),
          far(slopes.x, gradient).map((text) => `gradient${text}`),
          far([twice], [curvature]).map((text) => `curvature${text}`)
        ].flat()
      ).toEqual([])
    })
  }
)

/** What the test calls, without the types of the trees. */
interface Driven extends AnyGradientTransformation {
  readonly update: (updates: unknown, state: unknown, params: unknown) => readonly [Tree, unknown]
}
type Apply = (params: Tree, updates: Tree) => Tree
