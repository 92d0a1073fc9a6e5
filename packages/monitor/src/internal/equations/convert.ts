// From graphs to formulas: the graphs of several steps that differ in their numbers alone, at once.
import type { Expr, NdArray } from '@gradchain/core'
import type { GraphNode } from '@gradchain/core/engine'
import { type Atom, fit, type Known } from './fit.js'
import { type Frame, type Recording, uncast } from './record.js'
import { rectification } from './rectification.js'
import { bare, isNegative, type Part, type Scope, type Term, type TermOf, type Terms, tidy } from './terms.js'

/** One number that changes in a way that no formula was found for. */
export interface Unexplained {
  readonly term: TermOf<'symbol'>
  readonly values: readonly number[]
}

/** What the steps of one kind have in common. */
export interface Kind {
  readonly frames: readonly Frame[]
  readonly steps: readonly number[]
  readonly atoms: readonly Atom[]
  readonly numbers: readonly number[]
  readonly known: Omit<Known, 'atoms' | 'decays'>
}

/** A choice as a factor. */
interface Choice {
  readonly base: TermOf<'call'>
  readonly exponent: number
}

const UP = 1e150

const SHAPES = { sum: 'sum', minOf: 'min', maxOf: 'max' } as const

/** Turns expressions into formulas. */
export class Converter {
  readonly unexplained = new Map<string, Unexplained>()
  readonly hats = new Map<Term, Part>()
  readonly #hostArrays: Expr[] = []
  readonly #recording: Recording
  readonly #terms: Terms
  readonly #kind: Kind
  readonly #uses = new Map<Expr, number>()
  readonly #memo = new Map<Expr, Term>()
  readonly #fitted = new Map<string, Term>()
  readonly #leaves: ReadonlySet<string>
  readonly #decays: readonly number[]

  constructor(recording: Recording, terms: Terms, kind: Kind, roots: readonly (Expr | number)[]) {
    this.#recording = recording
    this.#terms = terms
    this.#kind = kind
    this.#leaves = new Set(kind.frames.flatMap(({ leaves }) => [...leaves]))
    const constants = new Set(kind.numbers)
    const frame = kind.frames[0] as Frame
    for (const root of roots) this.#count(root, frame, constants, true)
    const decays = [...constants].flatMap((x) => [x, 1 - x]).map(tidy)
    this.#decays = [...new Set(decays)].filter((x) => x > 0 && x < 1)
  }

  /** How often each node is used, and which numbers there are. */
  #count(x: Expr | number, frame: Frame, constants: Set<number>, isRoot: boolean): void {
    if (typeof x === 'number') {
      constants.add(x)
      return
    }
    if (this.#recording.symbolOf(x) !== undefined || (!isRoot && frame.named.has(x))) return
    const before = this.#uses.get(x) ?? 0
    this.#uses.set(x, before + 1)
    if (before > 0) return
    const { operands } = this.#recording.nodeOf(x)
    for (const operand of new Set(operands)) this.#count(operand, frame, constants, false)
  }

  /** The formula of nodes that stand at the same place in the graphs of the steps. */
  convert(given: readonly (Expr | number)[], isRoot = false): Term {
    const { nodeOf } = this.#recording
    const xs = isRoot
      ? given.map((x) => (typeof x === 'number' || this.#recording.symbolOf(x) ? x : uncast(x, nodeOf)))
      : given
    const [x] = xs
    if (x === undefined || typeof x === 'number') return this.#number(xs as readonly number[])
    const symbol = this.#recording.symbolOf(x) ?? (isRoot ? undefined : this.#kind.frames[0]?.named.get(x))
    if (symbol !== undefined) return this.#terms.symbol(symbol)
    const known = this.#memo.get(x)
    if (known !== undefined) return known
    const found = this.#node(xs as readonly Expr[])
    const made = !isRoot && (this.#uses.get(x) ?? 0) > 1 ? this.#terms.part(found) : found
    this.#memo.set(x, made)
    return made
  }

  #number(values: readonly number[]): Term {
    const key = values.join()
    const before = this.#fitted.get(key)
    if (before !== undefined) return before
    const made = this.#fit(values)
    this.#fitted.set(key, made)
    return made
  }

  #fit(values: readonly number[]): Term {
    const [first = 0] = values
    const { atoms, known } = this.#kind
    const isSame = values.every((value) => Object.is(value, first))
    if (isSame) {
      const isTelling = Math.abs(first) !== 1 && first !== 0 && values.length > 1
      const isThat = (x: number): boolean => Math.abs(x) === Math.abs(first)
      const same = isTelling ? atoms.find(({ values: own }) => own.every(isThat)) : undefined
      if (same === undefined) return this.#terms.number(first)
      return this.#terms.scaled(Math.sign(first) * Math.sign(same.values[0] as number), same.term)
    }
    const fitted = fit(this.#terms, values, { ...known, atoms, decays: this.#decays })
    if (fitted !== null) return fitted
    const rectified = rectification(this.#terms, values, known.steps, known.step, this.#decays)
    if (rectified !== null) {
      for (const part of rectified) this.hats.set(part.symbol, part)
      return rectified[0].symbol
    }
    const key = `number ${values.join()}`
    const term = this.#terms.symbol({ family: { key, kind: 'number', field: 'c' }, leaf: null, when: 'after' })
    this.unexplained.set(key, { term, values })
    return term
  }

  #node(xs: readonly Expr[]): Term {
    const terms = this.#terms
    const nodes = xs.map((x) => this.#recording.nodeOf(x))
    const [node] = nodes as [GraphNode]
    const operand = (at: number): Term => this.convert(nodes.map(({ operands }) => operands[at] as Expr | number))
    const all = (): readonly Term[] => node.operands.map((_, at) => operand(at))
    switch (node.name) {
      case 'leaf':
        return this.#leaf(xs, nodes)
      case 'fill':
      case 'cast':
      case 'reshape':
      case 'broadcast':
        return operand(0)
      case 'add':
        return this.#overTree(terms.sum([operand(0), operand(1)]))
      case 'sub':
        return this.#difference(operand(0), operand(1))
      case 'neg':
        return terms.scaled(-1, operand(0))
      case 'mul':
        return this.#hatted(operand(0), operand(1))
      case 'div':
        return this.#quotient(nodes, operand(0), operand(1))
      case 'sqrt':
        return terms.root(operand(0))
      case 'pow':
        return terms.power(operand(0), operand(1))
      case 'sumSquares':
        return terms.square(terms.call('norm', [operand(0)]))
      case 'sum':
        return terms.call('sum', [operand(0)])
      case 'minOf':
      case 'maxOf':
        return this.#reduced(SHAPES[node.name], operand(0), 'leaf')
      case 'dot': {
        const [a, b] = [operand(0), operand(1)]
        return a === b ? terms.square(terms.call('norm', [a])) : terms.call('dot', [a, b])
      }
      case 'reduce':
        return this.#reduced(SHAPES[node.by], operand(0), [...node.axes])
      case 'min':
      case 'max':
        return this.#extreme(node.name, operand(0), operand(1))
      case 'where':
        return this.#where(operand(0), operand(1), operand(2))
      case 'less': {
        const [a, b] = [operand(0), operand(1)]
        if (b.kind === 'number' && b.value === Infinity && bare(a).kind === 'call') {
          const inner = bare(a) as TermOf<'call'>
          if (inner.name === 'abs') return terms.call('isFinite', inner.args)
        }
        return terms.call('less', [a, b])
      }
      case 'permute':
        return terms.call('transpose', [operand(0)])
      case 'matmul': {
        const [a, b] = [operand(0), operand(1)]
        const turned = (term: Term, is: boolean): Term => (is ? terms.call('transpose', [term]) : term)
        return terms.call('matmul', [turned(a, node.transposeA), turned(b, node.transposeB)])
      }
      case 'opaque':
        if (node.operands.length === 0) return this.#hostArray(xs)
        return terms.call(node.f.name === '' ? 'f' : node.f.name, all())
      case 'equal': {
        const [a, b] = [operand(0), operand(1)]
        return terms.call('equal', a.kind === 'number' ? [b, a] : [a, b])
      }
      default:
        return terms.call(node.name, all())
    }
  }

  #leaf(xs: readonly Expr[], nodes: readonly GraphNode[]): Term {
    const values = nodes.map((node) => (node.name === 'leaf' ? node.value : 0))
    const numbers = values.filter((value): value is number => typeof value === 'number')
    if (numbers.length === values.length) return this.#number(numbers)
    const even = values.map((value) => (typeof value === 'number' ? value : evenOf(value)))
    if (even.every((value) => value !== null)) return this.#number(even)
    return this.#hostArray(xs)
  }

  /** Numbers that come from elsewhere, such as a generator. */
  #hostArray([x]: readonly Expr[]): Term {
    const at = this.#hostArrays.indexOf(x as Expr)
    const index = at < 0 ? this.#hostArrays.push(x as Expr) - 1 : at
    const key = `array ${this.#kind.frames[0]?.key} ${index}`
    return this.#terms.symbol({ family: { key, kind: 'array', field: 'ξ' }, leaf: null, when: 'now' })
  }

  /** A moment that is made up for its start has a name of its own. */
  #hatted(a: Term, b: Term): Term {
    const product = this.#choices(this.#terms.times(a, b))
    const [symbol, factor] = a.kind === 'symbol' ? [a, b] : b.kind === 'symbol' ? [b, a] : [null, a]
    if (symbol === null || !isBiasCorrection(factor)) return product
    const { family, when } = symbol.symbol
    if (family.kind !== 'state' || when !== 'after') return product
    const hat = this.#terms.symbol({
      family: { key: `hat ${product.generic}`, kind: 'part', field: family.field, hatOf: symbol.symbol },
      leaf: symbol.leaf ?? null,
      when: 'now'
    })
    this.hats.set(hat, { symbol: hat, value: product })
    return hat
  }

  #difference(a: Term, b: Term): Term {
    const inner = bare(b)
    if (a.kind === 'number' && a.value === 1 && inner.kind === 'call' && inner.name === 'equal') {
      const [x, zero] = inner.args as readonly [Term, Term]
      const isAboutCondition = zero.kind === 'number' && zero.value === 0 && isCondition(bare(x))
      return isAboutCondition ? x : this.#terms.call('notEqual', inner.args)
    }
    return this.#terms.minus(a, b)
  }

  /** A quotient; of a sum by how many there are, a mean. */
  #quotient(nodes: readonly GraphNode[], a: Term, b: Term): Term {
    const [first] = nodes as [GraphNode]
    const [dividend] = first.operands
    const inner = bare(a)
    if (b.kind === 'number' && dividend !== undefined && typeof dividend !== 'number' && inner.kind !== 'number') {
      const { name, operands, shape } = this.#recording.nodeOf(dividend)
      const [of] = operands
      const isReduction = name === 'sum' || name === 'sumSquares' || name === 'reduce'
      if (isReduction && of !== undefined && typeof of !== 'number') {
        const count = of.size / shape.reduce((n, length) => n * length, 1)
        if (count === b.value && count > 1) {
          if (inner.kind === 'call' && inner.name === 'sum') return this.#terms.call('mean', inner.args, inner.scope)
          const base = inner.kind === 'product' ? inner.factors[0]?.base : undefined
          if (base?.kind === 'call' && base.name === 'norm' && inner.kind === 'product' && inner.coefficient === 1)
            return this.#terms.square(this.#terms.call('rms', base.args, base.scope))
        }
      }
    }
    return this.#choices(this.#terms.over(a, b))
  }

  /** A product of choices by one condition is one choice. */
  #choices(term: Term): Term {
    if (term.kind !== 'product') return term
    const all = term.factors.map(({ base, exponent }) => ({ base: bare(base), exponent }))
    const choices = all.filter(
      (factor): factor is Choice => factor.base.kind === 'call' && factor.base.name === 'where'
    )
    const [first] = choices
    const condition = first?.base.args[0]
    if (condition === undefined || choices.length < 2 || choices.some(({ base }) => base.args[0] !== condition))
      return term
    const taken = (at: 1 | 2): Term =>
      this.#terms.product(
        1,
        choices.map(({ base, exponent }) => ({ base: base.args[at] as Term, exponent }))
      )
    const chosen = this.#where(condition, taken(1), taken(2))
    const rest = term.factors.filter((_, i) => !choices.includes(all[i] as Choice))
    return this.#terms.product(term.coefficient, [...rest, { base: chosen, exponent: 1 }])
  }

  /** A formula where a condition is known to hold, or not to. */
  #given(term: Term, condition: Term, holds: boolean): Term {
    const terms = this.#terms
    const memo = new Map<Term, Term>()
    const go = (x: Term): Term => {
      const known = memo.get(x) ?? opened(x)
      memo.set(x, known)
      return known
    }
    const opened = (x: Term): Term => {
      switch (x.kind) {
        case 'part': {
          const inner = go(x.inner)
          return inner === x.inner ? x : inner
        }
        case 'call': {
          if (x.name === 'where' && x.args[0] === condition) return go(x.args[holds ? 1 : 2] as Term)
          const args = x.args.map(go)
          return args.every((arg, i) => arg === x.args[i]) ? x : terms.call(x.name, args, x.scope)
        }
        case 'sum': {
          const inner = x.terms.map(go)
          return inner.every((one, i) => one === x.terms[i]) ? x : terms.sum(inner)
        }
        case 'product': {
          const factors = x.factors.map(({ base, exponent }) => ({ base: go(base), exponent }))
          return factors.every(({ base }, i) => base === x.factors[i]?.base) ? x : terms.product(x.coefficient, factors)
        }
        default:
          return x
      }
    }
    return go(term)
  }

  #reduced(by: 'sum' | 'min' | 'max', of: Term, scope: Scope): Term {
    const inner = bare(of)
    const isSquare = by === 'sum' && inner.kind === 'product' && inner.coefficient === 1 && inner.factors.length === 1
    const [only] = isSquare ? inner.factors : []
    if (only?.exponent === 2) return this.#terms.square(this.#terms.call('norm', [only.base], scope))
    return this.#terms.call(by === 'sum' ? 'sum' : by === 'min' ? 'least' : 'largest', [of], scope)
  }

  #extreme(name: 'min' | 'max', a: Term, b: Term): Term {
    const flat = [a, b].flatMap((term) => (term.kind === 'call' && term.name === name ? term.args : [term]))
    const over = name === 'min' ? Infinity : -Infinity
    const isZero = (term: Term): boolean => term.kind === 'number' && term.value === 0
    const isNothing = name === 'max' && flat.some(isAtLeastZero)
    const some = flat.filter((term) => !(term.kind === 'number' && term.value === over) && !(isNothing && isZero(term)))
    const reductions = some.filter((term): term is TermOf<'call'> => {
      return term.kind === 'call' && (term.name === 'largest' || term.name === 'least') && term.scope === 'leaf'
    })
    if (this.#isOfAll(reductions) && reductions.length === some.length) {
      return this.#terms.overAll(reductions[0]?.name as string, reductions[0]?.args as readonly Term[])
    }
    const unique = [...new Set(some)]
    return unique.length === 1 ? (unique[0] as Term) : this.#terms.call(name, unique)
  }

  /** Whether these are the same of each leaf. */
  #isOfAll(parts: readonly Term[]): boolean {
    const leaves = new Set(parts.map(({ leaf }) => leaf))
    return (
      parts.length > 1 &&
      parts.length === this.#leaves.size &&
      leaves.size === parts.length &&
      !leaves.has(null) &&
      !leaves.has(undefined) &&
      new Set(parts.map(({ generic }) => generic)).size === 1
    )
  }

  /** A sum over all leaves of the same of each. */
  #overTree(term: Term): Term {
    if (term.kind !== 'sum') return term
    const byForm = new Map<number, Term[]>()
    for (const part of term.terms) {
      const opened = bare(part)
      byForm.set(opened.generic, [...(byForm.get(opened.generic) ?? []), opened])
    }
    const whole = [...byForm.values()].find((parts) => this.#isOfAll(parts))
    if (whole === undefined) return term
    const rest = term.terms.filter((part) => !whole.includes(bare(part)))
    return this.#terms.sum([this.#widened(whole[0] as Term), ...rest])
  }

  #widened(term: Term): Term {
    const terms = this.#terms
    if (term.kind === 'product') {
      const inner = term.factors.filter(({ base }) => base.leaf !== null)
      const [only] = inner
      const isNorm = only?.exponent === 2 && only.base.kind === 'call' && only.base.name === 'norm'
      const isSum =
        only?.exponent === 1 && only.base.kind === 'call' && (only.base.name === 'sum' || only.base.name === 'dot')
      if (
        inner.length === 1 &&
        only !== undefined &&
        only.base.kind === 'call' &&
        only.base.scope === 'leaf' &&
        (isNorm || isSum)
      ) {
        const { name, args } = only.base
        return terms.product(
          term.coefficient,
          term.factors.map((factor) =>
            factor === only ? { base: terms.overAll(name, args), exponent: only.exponent } : factor
          )
        )
      }
    }
    if (term.kind === 'call' && term.scope === 'leaf' && (term.name === 'sum' || term.name === 'dot')) {
      return terms.overAll(term.name, term.args)
    }
    return terms.overAll('sumOfLeaves', [term])
  }

  #where(condition: Term, yes: Term, no: Term): Term {
    const terms = this.#terms
    const one = (term: Term): boolean => term.kind === 'number' && term.value === 1
    const isScale = (term: Term): boolean =>
      term.kind === 'number' && (Math.abs(term.value) > UP || Math.abs(term.value) < 1 / UP) && term.value !== 0
    // What only keeps squares in range is not part of the formula.
    if (isScale(yes) && one(no)) return no
    if (yes === no) return yes
    const sign = this.#sign(condition, yes, no)
    const [a, b] = [this.#given(yes, condition, true), this.#given(no, condition, false)]
    return sign ?? terms.call('where', [condition, a, b])
  }

  /** 1 where x > 0, −1 where x < 0, and what is left. */
  #sign(condition: Term, yes: Term, no: Term): Term | null {
    const [c, rest] = [bare(condition), bare(no)]
    const isOne = yes.kind === 'number' && yes.value === 1
    if (!isOne || c.kind !== 'call' || c.name !== 'less' || rest.kind !== 'call' || rest.name !== 'where') return null
    const [zero, x] = c.args
    const [, minus, floor] = rest.args
    const isMinus = minus?.kind === 'number' && minus.value === -1
    const last = floor === undefined ? undefined : bare(floor)
    const isFloor = last?.kind === 'call' && last.name === 'floor' && bare(last.args[0] as Term) === bare(x as Term)
    if (zero?.kind !== 'number' || zero.value !== 0 || !isMinus || !isFloor) return null
    return this.#terms.call('sign', [x as Term])
  }
}

/** The number that all elements of an array are; `null` where they are not one. */
const evenOf = ({ data, dtype }: NdArray): number | null => {
  const [first] = data
  const isKnown = (dtype === 'float32' || dtype === 'float64') && first !== undefined
  return isKnown && data.every((x) => x === first) ? first : null
}

/** Whether it is 1 or 0 by what it is. */
export const isCondition = (term: Term): boolean =>
  term.kind === 'call' && ['less', 'lessEqual', 'equal', 'notEqual', 'isFinite'].includes(term.name)

/** Whether it is no less than 0 by what it is. */
const isAtLeastZero = (term: Term): boolean => {
  const inner = bare(term)
  if (inner.kind === 'call') return ['norm', 'rms', 'abs'].includes(inner.name)
  return (
    inner.kind === 'product' &&
    inner.coefficient > 0 &&
    inner.factors.every(({ base, exponent }) => exponent === 2 || isAtLeastZero(base))
  )
}

/** 1 / (1 − βᵗ), or the like. */
const isBiasCorrection = (term: Term): boolean => {
  if (term.kind !== 'product' || term.coefficient !== 1 || term.factors.length !== 1) return false
  const [{ base, exponent }] = term.factors as readonly [TermOf<'product'>['factors'][number]]
  return (
    exponent === -1 &&
    base.kind === 'sum' &&
    base.terms.length === 2 &&
    base.terms.some(isNegative) &&
    base.terms.some((inner) => inner.kind === 'number' && inner.value === 1)
  )
}
