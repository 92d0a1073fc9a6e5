import { adam, ndarray, sgd, trace } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { Converter, isCondition } from './convert.js'
import { fit } from './fit.js'
import { Names } from './names.js'
import { outline } from './outline.js'
import { print } from './print.js'
import { record, uncast } from './record.js'
import { shownCall, shownValue } from './shown.js'
import { latex, mathml, text } from './styles.js'
import { bare, isNegative, type Sym, type Term, Terms, tidy } from './terms.js'
import { write } from './write.js'

const terms = new Terms()

const named = (field: string): Term => {
  const symbol: Sym = { family: { key: field, kind: 'extra', field }, leaf: null, when: 'now' }
  return terms.symbol(symbol)
}

const [x, y] = [named('x'), named('y')] as const
const symbols = [x, y].flatMap((term) => (term.kind === 'symbol' ? [term.symbol] : []))
const names = new Names(symbols)
const inText = (term: Term): string => write(term, text, names, null)

describe('terms', () => {
  test('are the same object where they are the same formula', () => {
    expect(terms.sum([x, terms.scaled(2, y)])).toBe(terms.sum([x, terms.times(terms.number(2), y)]))
  })

  test.each([
    [terms.times(x, x), 'x²'],
    [terms.over(x, terms.root(terms.square(x))), 'x / √(x²)'],
    [terms.minus(terms.scaled(-2, x), terms.scaled(-3, x)), 'x'],
    [terms.sum([terms.scaled(-0.5, x), y]), 'y − 0.5 x'],
    [terms.sum([y, terms.sum([x, y])]), '2 y + x'],
    [terms.scaled(0, x), '0'],
    [terms.number(0.1 + 0.2), '0.3'],
    [terms.scaled(1e-9, x), '10⁻⁹ x'],
    [terms.scaled(1 / 3, x), 'x / 3'],
    [terms.product(1, [{ base: x, exponent: 1 / 3 }]), 'x^(1 / 3)'],
    [terms.over(terms.sum([x, y]), terms.times(x, y)), '(x + y) / (x y)'],
    [terms.times(terms.sum([x, y]), x), '(x + y) · x'],
    [terms.call('where', [terms.call('less', [x, y]), x, y]), '(x if x < y, else y)'],
    [terms.call('dot', [x, y], 'all'), '⟨x, y⟩ₐₗₗ'],
    [terms.call('matmul', [terms.call('transpose', [x]), y]), 'xᵀ y'],
    [terms.number(Number.POSITIVE_INFINITY), '∞']
  ])('are written as people do: %#', (term, written) => {
    expect(inText(term)).toBe(written)
  })

  test('know what they are', () => {
    expect(isNegative(terms.scaled(-1, x))).toBe(true)
    expect(isNegative(x)).toBe(false)
    expect(isCondition(terms.call('less', [x, y]))).toBe(true)
    expect(bare(terms.part(terms.sum([x, y])))).toBe(terms.sum([x, y]))
    expect(tidy(1 - 0.9)).toBe(0.1)
  })

  test('are written in three notations', () => {
    const term = terms.over(x, terms.root(y))
    expect(write(term, latex, names, null)).toBe('\\frac{x}{\\sqrt{y}}')
    expect(write(term, mathml, names, null)).toBe('<mfrac><mi>x</mi><msqrt><mi>y</mi></msqrt></mfrac>')
  })

  test('what has a markup of its own is escaped', () => {
    const odd = named('a<b&c')
    const all = new Names(odd.kind === 'symbol' ? [odd.symbol] : [])
    expect(write(odd, mathml, all, null)).toBe('<mi>a&lt;b&amp;c</mi>')
    expect(write(named('a_b'), latex, all, null)).toBe('\\mathrm{a\\_b}')
  })
})

describe('fit', () => {
  const steps = [1, 2, 3, 4, 5, 6, 7, 8, 100, 1000]
  const step = named('t')
  const all = new Names(step.kind === 'symbol' ? [step.symbol] : [])
  const found = (f: (t: number) => number, decays: readonly number[] = [0.9, 0.999]): string | null => {
    const term = fit(terms, steps.map(f), { steps, step, decays, atoms: [] })
    return term && write(term, text, all, null)
  }

  test.each<readonly [(t: number) => number, string]>([
    [(t) => t, 't'],
    [(t) => 1 / t, '1 / t'],
    [(t) => 1 / (1 - 0.9 ** t), '1 / (1 − 0.9ᵗ)'],
    [(t) => 1 / (1 - 0.9 ** (t + 1)), '1 / (1 − 0.9ᵗ⁺¹)'],
    [(t) => Math.sqrt(1 - 0.999 ** t), '√(1 − 0.999ᵗ)'],
    [(t) => Math.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t), '√(1 − 0.999ᵗ) / (1 − 0.9ᵗ)'],
    [(t) => 0.25 * t + 3, '0.25 t + 3'],
    // What no argument says.
    [(t) => 1 / (1 - 0.7 ** t), '1 / (1 − 0.7ᵗ)'],
    [(t) => 1 - t ** -0.8, '1 − 1 / t⁰·⁸'],
    [(t) => (t - 1) ** 0.25, '(t − 1)⁰·²⁵'],
    [(t) => (t + 1) * Math.sqrt(t), '(t + 1) · √t'],
    [(t) => (t === 1 ? 0 : 0.5), '(0 if t = 1, else 0.5)']
  ])('finds the formula: %#', (f, written) => {
    expect(found(f)).toBe(written)
  })

  test('finds none where there is none', () => {
    expect(found((t) => Math.sin(t * t))).toBeNull()
    expect(found(() => Number.NaN)).toBeNull()
  })
})

test('calls are shown as they were written', () => {
  expect(shownCall(['sgd', 0.1, { momentum: 0.9, dtype: undefined }])).toBe('sgd(0.1, { momentum: 0.9 })')
  expect(shownCall(['adam', 1, {}])).toBe('adam(1)')
  expect(shownValue([sgd(1), 'a', () => 0])).toBe('[sgd(1), "a", ƒ]')
})

test('what is recorded is outlined and printed, and nothing else is', () => {
  const params = { w: ndarray(new Float32Array(4), [2, 2]) }
  const recording = record(trace(0.5), params, undefined)
  expect(recording.samples[0]?.root.events.length).toBe(2)
  const items = outline(trace(0.5), recording)
  expect(items.map(({ what }) => what)).toStrictEqual(['block', 'line'])
  expect(print(items, 'text').split('\n')[2]).toBe('  bₜ = 0.5 bₜ₋₁ + g')
})

test('far steps are looked at where only counters count', () => {
  const { samples } = record(adam(1), { w: new Float32Array(1) }, undefined)
  expect(samples.at(-1)?.step).toBe(10_000)
})

test('a rounding is not written', () => {
  const params = { w: ndarray(new Uint16Array(2), [2], 'bfloat16') }
  const { samples, nodeOf } = record(trace(0.5, { accumulatorDtype: 'bfloat16' }), params, undefined)
  const events = samples[0]?.root.events ?? []
  const rounded = events.flatMap((event) => ('value' in event && typeof event.value !== 'number' ? [event.value] : []))
  expect(rounded.map((node) => nodeOf(node).name)).toContain('cast')
  expect(rounded.map((node) => nodeOf(uncast(node, nodeOf)).name)).not.toContain('cast')
  expect(Converter).toBeTypeOf('function')
})
