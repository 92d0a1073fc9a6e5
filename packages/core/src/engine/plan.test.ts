import { describe, expect, test } from 'vitest'
import type { Expr } from '../expression/expr.js'
import { add, div, lift, mul, neg, norm, opaque, sqrt, sub, sum } from '../expression/operations.js'
import { groupPasses, LONGEST, type Pass, planStages, splitPass } from './plan.js'

const x = (n = 3): Expr => lift(Float32Array.from({ length: n }, (_, i) => i + 1)) as Expr
const stagesOf = (...roots: unknown[]) => planStages(roots as Expr[])

describe('stages', () => {
  test('what is elementwise is one, whatever its length up to the longest', () => {
    let y = x()
    for (let i = 0; i < LONGEST; i++) y = add(y, 1) as Expr
    expect(stagesOf(y)).toStrictEqual([{ host: [], outputs: [y], reductions: [] }])
  })

  test('what is longer is cut, and what it is cut at is stored', () => {
    let y = x()
    const nodes: Expr[] = []
    for (let i = 0; i < 2 * LONGEST + 1; i++) {
      y = add(y, 1) as Expr
      nodes.push(y)
    }
    const stages = stagesOf(y)
    expect(stages.map(({ outputs }) => outputs)).toStrictEqual([[nodes[LONGEST - 1]], [nodes[2 * LONGEST - 1]], [y]])
  })

  test('the length is that of all branches together', () => {
    const grown = (from: Expr): Expr => {
      let y = from
      for (let i = 0; i < LONGEST / 2; i++) y = add(y, 1) as Expr
      return y
    }
    const [a, b] = [grown(x()), grown(x())]
    const both = add(a, b) as Expr
    expect(stagesOf(both).map(({ outputs }) => outputs)).toStrictEqual([[a, b], [both]])
  })

  test('what works on whole arrays that are there comes at once', () => {
    const whole = opaque(({ data }) => data.slice() as Float32Array, [x()], { dtype: 'float32', shape: [3] }) as Expr
    expect(stagesOf(whole)).toStrictEqual([{ host: [whole], outputs: [], reductions: [] }])
  })

  test('a sum is known in the stage after the one that adds it up, which stores what is summed', () => {
    const a = x()
    const m = add(a, mul(a, a)) as Expr
    const size = norm(m) as Expr
    const y = div(m, size) as Expr
    const stages = stagesOf(y)
    expect(stages).toHaveLength(2)
    expect(stages[0]?.reductions).toHaveLength(1)
    expect(stages[0]?.outputs).toStrictEqual([m])
    // The root of the sum is one number, for the host.
    expect(stages[1]?.host).toContain(size)
    expect(stages[1]?.outputs).toStrictEqual([y])
  })

  test('what is summed is not stored where what needs it is computed in the same pass, and no later one is', () => {
    const a = x()
    const m = add(a, mul(a, a)) as Expr
    const size = norm(m) as Expr
    const y = sub(a, m) as Expr
    const stages = stagesOf(y, size)
    expect(stages.map(({ outputs, reductions }) => [outputs, reductions.length])).toStrictEqual([
      [[y], 1],
      [[], 0]
    ])
  })

  test('it is stored where a later pass needs something, and where nobody needs it yet', () => {
    const a = x()
    const m = add(a, mul(a, a)) as Expr
    const size = norm(m) as Expr
    const [y, z] = [sub(a, m) as Expr, mul(a, size) as Expr]
    expect(stagesOf(y, z)[0]?.outputs).toStrictEqual([y, m])
    const n = add(a, a) as Expr
    expect(stagesOf(norm(n) as Expr)[0]?.outputs).toStrictEqual([n])
  })

  test('an array that is only scaled is not stored to be summed', () => {
    const scaled = mul(x(), 0.5) as Expr
    const stages = stagesOf(sub(scaled, sum(scaled)))
    expect(stages[0]?.outputs).toEqual([])
    expect(stages[0]?.reductions).toHaveLength(1)
  })

  test('a node that works on whole arrays has its operands stored before it, and is there before what uses it', () => {
    const operand = neg(x()) as Expr
    const whole = opaque(({ data }) => data.slice() as Float32Array, [operand], {
      dtype: 'float32',
      shape: [3]
    }) as Expr
    const y = sqrt(whole) as Expr
    const stages = stagesOf(y)
    const stageOf = (pick: (stage: (typeof stages)[number]) => readonly Expr[], node: Expr): number =>
      stages.findIndex((stage) => pick(stage).includes(node))
    const [stored, called, used] = [
      stageOf(({ outputs }) => outputs, operand),
      stageOf(({ host }) => host, whole),
      stageOf(({ outputs }) => outputs, y)
    ]
    expect(stored).toBeGreaterThanOrEqual(0)
    // In a stage the host's nodes come first.
    expect(stored).toBeLessThan(called)
    expect(called).toBeLessThanOrEqual(used)
  })

  test('nothing is pending: no stage', () => {
    expect(stagesOf(x())).toStrictEqual([])
  })
})

describe('passes', () => {
  test('arrays that share an operand are one, others are not', () => {
    const [a, b] = [x(), x()]
    const [first, second, third] = [add(a, 1), mul(a, 2), neg(b)] as [Expr, Expr, Expr]
    expect(groupPasses([first, second, third], [])).toStrictEqual([
      { size: 3, domain: null, outputs: [first, second], reductions: [] },
      { size: 3, domain: null, outputs: [third], reductions: [] }
    ])
  })

  test('what brings two groups together later makes them one', () => {
    const [a, b] = [x(), x()]
    const [first, second, both] = [neg(a), neg(b), add(a, b)] as [Expr, Expr, Expr]
    const total = sum(b) as Expr
    expect(groupPasses([first, second, both], [total])).toStrictEqual([
      { size: 3, domain: null, outputs: [first, second, both], reductions: [total] }
    ])
  })

  test('a number in common does not', () => {
    const size = sum(x()) as Expr
    const [first, second] = [mul(x(3), size), mul(x(5), size)] as [Expr, Expr]
    expect(groupPasses([first, second], []).map(({ size }) => size)).toStrictEqual([3, 5])
  })

  test('more results than one kernel gives are several, each result in one of them, in order', () => {
    const outputs = Array.from({ length: 130 }, () => neg(x()) as Expr)
    const reductions = Array.from({ length: 70 }, () => sum(x()) as Expr)
    const pass: Pass = { size: 3, domain: null, outputs, reductions }
    const pieces = splitPass(pass)
    expect(pieces.flatMap((piece) => piece.outputs)).toStrictEqual(outputs)
    expect(pieces.flatMap((piece) => piece.reductions)).toStrictEqual(reductions)
    expect(Math.max(...pieces.map((piece) => piece.outputs.length + piece.reductions.length))).toBe(64)
    const few: Pass = { ...pass, outputs: outputs.slice(0, 40), reductions: reductions.slice(0, 24) }
    expect(splitPass(few)).toStrictEqual([few])
  })
})
