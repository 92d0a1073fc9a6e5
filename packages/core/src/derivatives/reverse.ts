// Derivatives are made of expressions out of expressions, in four parts. `operations/rules.ts` says of each operation how it is
// differentiated; `operations/cotangent.ts` is what goes from the result down to the params, with its mask of branches not
// taken; `reverse` here walks the graph, once and without recursion; `recording.ts` keeps the way through nodes that are
// evaluated meanwhile, and tells the params of nested derivatives apart. `grad`, `vjp`, `jvp` and `hvp` are one or two such
// walks; `edge.ts` makes arrays out of what they give, where arrays came in.
import { dtypeOf, Kind, widened } from '../array/dtype.js'
import { InvalidOption, InvalidTree, show } from '../errors.js'
import { type Call, Expr, shapeOf } from '../expression/expr.js'
import { isElementwise, nameOf, Op } from '../expression/op.js'
import { vjpOf } from '../expression/opaqueVjp.js'
import { Cotangent } from '../expression/operations/cotangent.js'
import { type Done, derivativeOf, type Known } from '../expression/operations/rules.js'
import { castLike, fullLike, lift, sameShape, type Value, zerosLike } from '../expression/operations.js'
import { pullOf } from './pulls.js'
import { type Origin, originOf, type Recording } from './recording.js'

/** A result of a function, and its cotangent. */
export interface Seed {
  readonly result: Value
  readonly cotangent: Cotangent
}

/**
 * The cotangents of some inputs, out of those of what was computed from them: reverse mode. Every node is visited once,
 * however often it is used, and without recursion, so that a graph may be as deep as memory allows. An input that nothing
 * depends on has zeros.
 *
 * @throws InvalidOption for an opaque function without a derivative.
 */
export const reverse = (
  owner: string,
  seeds: readonly Seed[],
  inputs: readonly Expr[],
  recording: Recording
): Value[] =>
  cotangentsOf(owner, seeds, inputs, recording).map((cotangent, i) => shapedAs(inputs[i] as Expr, cotangent))

/** {@link reverse}, as cotangents; `undefined` of an input that nothing depends on. */
export const cotangentsOf = (
  owner: string,
  seeds: readonly Seed[],
  inputs: readonly Expr[],
  recording: Recording
): (Cotangent | undefined)[] => {
  const walk = new Walk(owner, inputs, recording)
  for (const { result } of seeds) if (result instanceof Expr) walk.visit(result)
  for (const { result, cotangent } of seeds) if (result instanceof Expr) walk.give(result, cotangent)
  walk.back()
  return inputs.map((input) => walk.cotangentOf(input))
}

/** The elements of a cotangent, in the shape and dtype of the node. */
const shapedAs = (node: Expr, cotangent: Cotangent | undefined): Value => {
  if (cotangent === undefined) return zerosLike(node)
  const { value } = cotangent
  if (node.kind === Kind.Scalar) return value
  return value instanceof Expr && value.kind !== Kind.Scalar ? castLike(value, node) : fullLike(node, value)
}

const NOTHING: readonly Expr[] = []

class Walk {
  readonly #owner: string
  readonly #recording: Recording
  /** The nodes that depend on an input, operands before what uses them. */
  readonly #order: Expr[] = []
  /** Of each node seen, whether it depends on an input. */
  readonly #active = new Map<Expr, boolean>()
  readonly #flat = new Set<Expr>()
  readonly #cotangents = new Map<Expr, Cotangent>()
  readonly #known: Known

  constructor(owner: string, inputs: readonly Expr[], recording: Recording) {
    this.#owner = owner
    this.#recording = recording
    for (const input of inputs) this.#active.set(input, true)
    this.#known = { isActive: (x) => this.#isActive(x), isFlat: (x) => x instanceof Expr && this.#flat.has(x) }
  }

  cotangentOf(node: Expr): Cotangent | undefined {
    return this.#cotangents.get(node)
  }

  /** Orders the nodes under a result. */
  visit(result: Expr): void {
    const stack = [result]
    while (stack.length > 0) {
      const node = stack[stack.length - 1] as Expr
      if (this.#active.has(node)) {
        stack.pop()
        continue
      }
      const origin = originOf(node, this.#recording)
      const before = stack.length
      if (origin !== null) {
        for (const child of origin.more ?? NOTHING) this.#offer(child, stack)
        this.#offer(origin.c, stack)
        this.#offer(origin.b, stack)
        this.#offer(origin.a, stack)
      }
      if (stack.length > before) continue
      stack.pop()
      this.#note(node, origin)
    }
  }

  #offer(child: Expr | number | null, stack: Expr[]): void {
    if (child instanceof Expr && !this.#active.has(child)) stack.push(child)
  }

  #note(node: Expr, origin: Origin | null): void {
    const isActive = origin !== null && this.#dependsOnInput(origin)
    this.#active.set(node, isActive)
    if (!isActive) return
    this.#order.push(node)
    if (derivativeOf(origin.op)?.isFlat?.(operandsOf(node, origin), this.#known) === true) this.#flat.add(node)
  }

  #isActive(x: Value): boolean {
    return x instanceof Expr && this.#active.get(x) === true
  }

  #dependsOnInput({ op, a, b, c, more }: Origin): boolean {
    const pulls = derivativeOf(op)?.pulls
    if (pulls === undefined) return [a, b, c, ...(more ?? NOTHING)].some((x) => x !== null && this.#isActive(x))
    const operands = more ?? [a, b, c]
    return operands.some((x, i) => x !== null && (pulls[i] ?? null) !== null && this.#isActive(x))
  }

  /** Adds to what a node has. */
  give(node: Expr, cotangent: Cotangent): void {
    if (!this.#isActive(node)) return
    const before = this.#cotangents.get(node)
    const fitting = cotangent.for(node)
    this.#cotangents.set(node, before === undefined ? fitting : before.plus(fitting))
  }

  /** Goes from the results down to the inputs. */
  back(): void {
    for (let i = this.#order.length - 1; i >= 0; i--) {
      const node = this.#order[i] as Expr
      const dy = this.#cotangents.get(node)
      if (dy === undefined) continue
      this.#cotangents.delete(node)
      const origin = originOf(node, this.#recording) as Origin
      if (origin.op === Op.Opaque) this.#throughOpaque(node, origin, dy)
      else this.#through(node, origin, dy)
    }
  }

  #through(node: Expr, origin: Origin, dy: Cotangent): void {
    const rule = derivativeOf(origin.op)
    if (rule === undefined) {
      throw new InvalidOption(`${this.#owner}: there is no derivative of ${nameOf(origin.op)}`)
    }
    const operands = operandsOf(node, origin)
    const done: Done = { ...operands, isFlat: this.#known.isFlat(operands.a) }
    const met = isElementwise(origin.op) && node.kind !== Kind.Scalar
    for (let i = 0; i < rule.pulls.length; i++) {
      const child = origin.more?.[i] ?? (i === 0 ? origin.a : i === 1 ? origin.b : origin.c)
      const pull = rule.pulls[i] ?? null
      if (pull === null || !(child instanceof Expr) || !this.#isActive(child)) continue
      const dx = pull(dy, done)
      this.give(child, met && child.kind === Kind.Scalar ? dx.summed(node.size) : dx)
    }
  }

  #throughOpaque(node: Expr, { more, detail }: Origin, dy: Cotangent): void {
    const { f } = detail as Call
    const pull = pullOf(f)
    if (pull !== undefined) {
      const own = more ?? NOTHING
      pull(dy, own, (operand) => this.#isActive(operand)).forEach((cotangent, i) => {
        if (cotangent !== null) this.give(own[i] as Expr, cotangent)
      })
      return
    }
    const vjp = vjpOf(f)
    if (vjp === undefined) {
      const name = f.name === '' ? 'an opaque function without a name' : `the opaque function ${f.name}`
      throw new InvalidOption(
        `${this.#owner}: ${name} has no derivative; give it one, opaque(f, operands, result, { vjp })`
      )
    }
    const operands = more ?? NOTHING
    const cotangents = vjp(fullIn(node, dy), operands, node)
    if (!Array.isArray(cotangents) || cotangents.length !== operands.length) {
      throw new InvalidOption(
        `${this.#owner}: the vjp of an opaque function must give ${operands.length} cotangents, got ${show(cotangents)}`
      )
    }
    operands.forEach((operand, i) => {
      const cotangent = lift(cotangents[i] ?? 0)
      if (cotangent instanceof Expr && cotangent.kind !== Kind.Scalar && !sameShape(cotangent, operand)) {
        throw new InvalidTree(
          `${this.#owner}: cotangent ${i} of an opaque function has shape ${show(shapeOf(cotangent))}, the operand has ${show(shapeOf(operand))}`
        )
      }
      if (cotangents[i] !== null) this.give(operand, new Cotangent(cotangent))
    })
  }
}

/** A cotangent as an array with the shape of its node, in the dtype in which that is computed with. */
const fullIn = (node: Expr, { value }: Cotangent): Expr => {
  const full =
    value instanceof Expr && value.kind !== Kind.Scalar ? value : fullLike(node, value, dtypeOf(widened(node.kind)))
  return full as Expr
}

const operandsOf = (node: Expr, { op, a, b, c, more, detail }: Origin): Omit<Done, 'isFlat'> => ({
  op,
  y: node,
  a: a ?? more?.[0] ?? 0,
  b: b ?? more?.[1] ?? 0,
  c: c ?? 0,
  detail
})
