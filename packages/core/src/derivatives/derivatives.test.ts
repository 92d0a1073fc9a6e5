// What holds of derivatives in company: on random losses, against differences and against each other.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differenceOf } from '../../../laws/src/engine/graph.js'
import { defaultEngine, withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import type { Operand } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { derivativeOf } from '../expression/operations/rules.js'
import * as ops from '../expression/operations.js'
import { add, type Value } from '../expression/operations.js'
import { checkGradients } from './checkGradients.js'
import { grad } from './grad.js'
import { hvp } from './hvp.js'
import { jvp } from './jvp.js'
import { filledLike, flat, inner, lossOf, type Params, paramsOf, recipe } from './testing.js'
import { valueAndGrad } from './valueAndGrad.js'
import { vjp } from './vjp.js'

const numbers = fc.array(
  fc.integer({ min: -16, max: 16 }).map((n) => n / 8),
  { minLength: 13, maxLength: 13 }
)

// The two sides add in other orders; each loss is bounded, and so are its derivatives, by a few hundred.
const isNear = (a: number, b: number, scale = 1): boolean => Math.abs(a - b) <= 1e-9 * (scale + Math.abs(a))

test('every operation has a rule, or is given its derivative', () => {
  const without = Object.values(Op).filter((op) => derivativeOf(op) === undefined)
  // Folds are made of many leaves as one: params are told apart before a function is differentiated by them.
  expect(without).toEqual([Op.Leaf, Op.Opaque, Op.Fold])
})

// Each graph is evaluated once or a few times on a few elements: the plain engine has nothing to compile.
const plainly = <T>(run: () => T): T => withEngine(reference, run)
const few = { numRuns: 40 }

describe('on random losses', () => {
  test('the gradient agrees with differences', () => {
    fc.assert(
      fc.property(recipe, (r) => {
        const found = plainly(() => checkGradients(lossOf(r), paramsOf(r), { rtol: 1e-6, atol: 1e-8 }))
        expect(found).toMatchObject({ agrees: true, checked: 13, mismatches: [] })
      })
    )
  })

  test('the gradient of the gradient agrees with differences of the gradient', () => {
    fc.assert(
      fc.property(recipe, numbers, (r, v) => {
        const params = paramsOf(r)
        const along = filledLike(params, v)
        const slope = (p: Params): Value => {
          const g = grad(lossOf(r))(p)
          return [
            ops.dot(g.x, along.x),
            ops.dot(g.deep[0] as Operand, along.deep[0] as Operand),
            ops.mul(g.s, along.s)
          ].reduce((a, b) => add(a, b)) as Value
        }
        plainly(() => {
          expect(checkGradients(slope, params, { rtol: 1e-5, atol: 1e-7 })).toMatchObject({ mismatches: [] })
          const [second, product] = [flat(grad(slope)(params)), flat(hvp(lossOf(r))(params, along))]
          expect(second.findIndex((x, i) => !isNear(x, product[i] as number))).toBe(-1)
        })
      }),
      few
    )
  })

  test('the Hessian is symmetric: ⟨u, H v⟩ = ⟨H u, v⟩', () => {
    fc.assert(
      fc.property(recipe, numbers, numbers, (r, us, vs) => {
        const params = paramsOf(r)
        const [u, v] = [filledLike(params, us), filledLike(params, vs)]
        const product = (w: typeof params) => plainly(() => hvp(lossOf(r))(params, w))
        expect(isNear(inner(u, product(v)), inner(product(u), v), 100)).toBe(true)
      })
    )
  })

  test('the gradient along a direction is the derivative along it', () => {
    fc.assert(
      fc.property(recipe, numbers, (r, ts) => {
        const params = paramsOf(r)
        const tangent = filledLike(params, ts)
        const [value, gradient] = plainly(() => valueAndGrad(lossOf(r))(params))
        const [same, slope] = plainly(() => jvp(lossOf(r))(params, tangent))
        expect(same).toBe(value)
        expect(isNear(slope as number, inner(gradient, tangent))).toBe(true)
        const [again, product] = plainly(() => vjp(lossOf(r))(params, 1))
        expect(again).toBe(value)
        expect(differenceOf(flat(product), flat(gradient))).toBe(-1)
      })
    )
  })

  test('it is linear in the loss, to the bit where the factors are powers of two', () => {
    fc.assert(
      fc.property(recipe, (r) => {
        const params = paramsOf(r)
        const loss = lossOf(r)
        const gradient = (f: (p: Params) => Value) => flat(plainly(() => grad(f)(params)))
        const apart = gradient(loss)
        const four = gradient((p) => ops.mul(4, loss(p)))
        expect(
          differenceOf(
            four,
            apart.map((x) => 4 * x)
          )
        ).toBe(-1)
        const both = gradient((p) => add(loss(p), ops.sumSquares(p.x)))
        const x = flat(params.x)
        expect(both.findIndex((g, i) => !isNear(g, (apart[i] as number) + 2 * (x[i] ?? 0)))).toBe(-1)
      })
    )
  })

  test('the product rule', () => {
    fc.assert(
      fc.property(recipe, recipe, (r, q) => {
        const params = paramsOf(r)
        const [f, g] = [lossOf(r), lossOf(q)]
        const of = (h: (p: Params) => Value) => plainly(() => valueAndGrad(h)(params))
        const product = flat(of((p) => ops.mul(f(p), g(p)))[1])
        const [fx, df] = of(f)
        const [gx, dg] = of(g)
        const [a, b] = [flat(df), flat(dg)]
        expect(product.findIndex((x, i) => !isNear(x, fx * (b[i] as number) + gx * (a[i] as number), 10))).toBe(-1)
      })
    )
  })

  test.each(['float32', 'float64'] as const)('the engines agree to the bit, in %s', (dtype) => {
    fc.assert(
      fc.property(recipe, numbers, (r, v) => {
        const params = paramsOf(r, dtype)
        const all = () => [valueAndGrad(lossOf(r))(params), hvp(lossOf(r))(params, filledLike(params, v))]
        const [fused, plain] = [withEngine(defaultEngine(), all), withEngine(reference, all)]
        expect(differenceOf(flat(fused), flat(plain))).toBe(-1)
      }),
      few
    )
  })
})
