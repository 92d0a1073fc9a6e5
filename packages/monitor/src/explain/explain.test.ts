import {
  adam,
  addDecayedWeights,
  addNoise,
  applyIfFinite,
  chain,
  clip,
  clipByGlobalNorm,
  cosineDecaySchedule,
  lookahead,
  masked,
  multiSteps,
  ndarray,
  normalize,
  radam,
  reduceOnPlateau,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleBySchedule,
  sgd,
  stateless,
  tree
} from 'gradchain'
import { expect, test } from 'vitest'
import { explain } from './explain.js'

const params = { w: ndarray(new Float32Array([1, -2, 3, 0.5]), [2, 2]), b: new Float32Array([1, 2]) }

/** The lines without those that name calls. */
const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /[=←:]/.test(line) && !/\(.*\{/.test(line))

test('writes Adam as its paper does', () => {
  expect(lines(explain(adam(1e-3), params))).toStrictEqual([
    'm₀ = v₀ = 0',
    'mₜ = 0.9 mₜ₋₁ + 0.1 g',
    'vₜ = 0.999 vₜ₋₁ + 0.001 g²',
    'm̂ = mₜ / (1 − 0.9ᵗ)',
    'v̂ = vₜ / (1 − 0.999ᵗ)',
    'u₁ = m̂ / (√v̂ + 10⁻⁸)',
    'u₂ = −0.001 u₁',
    'p ← p + u₂'
  ])
})

test('takes params whose type is an interface', () => {
  interface Layer {
    readonly weights: Float32Array
  }
  const layer: Layer = { weights: new Float32Array(2) }
  expect(lines(explain(scale(0.5), layer))).toStrictEqual(['u = 0.5 g', 'p ← p + u'])
  // @ts-expect-error -- a string is no param, and is said to be none where types are not looked at
  expect(() => explain(scale(0.5), { name: 'layer' })).toThrow(/^init: params\.name /)
})

test('says in LaTeX and in MathML what it says in text', () => {
  const markdown = explain(sgd(0.1), params, { format: 'markdown' })
  expect(markdown).toBe('- `sgd(0.1)`\n  - `scaleByLearningRate(0.1)`\n    - $u = -0.1\\, g$\n- $p \\leftarrow p + u$')
  const page = explain(chain(scaleByAdam(), scale(-1)), params, { format: 'mathml' })
  expect(page).toContain('<mfrac><mover accent="true"><mi>m</mi><mo>^</mo></mover>')
  // Every element is closed, in order.
  const open: string[] = []
  for (const [, slash, name] of page.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
    if (slash === '') open.push(name as string)
    else expect(open.pop()).toBe(name)
  }
  expect(open).toStrictEqual([])
})

test('names a schedule, also where it gives the same for a long time', () => {
  const schedule = cosineDecaySchedule({ initValue: 0.5, decaySteps: 1000 })
  expect(explain(scaleByLearningRate(schedule), params)).toContain('u = −αₜ g')
  const late = (step: number): number => (step < 5000 ? 0.5 : 0.25)
  expect(explain(scaleBySchedule(late), params)).toContain('u = αₜ g')
  expect(explain(scaleBySchedule(late), params)).toContain('a function of yours at step t − 1')
})

test('a number that changes is never written as a constant', () => {
  const text = explain(radam(1), params)
  expect(text).toContain('for t ≤ 5:')
  expect(text).toContain('ρ∞ = 1999\n')
  expect(text).toContain('ρₜ = ρ∞ − 2 · t · 0.999ᵗ / (1 − 0.999ᵗ)\n')
  expect(text).toContain('rₜ = √((ρₜ − 4) · (ρₜ − 2) · ρ∞ / ((ρ∞ − 4) · (ρ∞ − 2) · ρₜ))\n')
  expect(text).toContain('u₁ = rₜ m̂ / (√v̂ + 10⁻⁸)\n')
  expect(explain(radam(1), params, { format: 'markdown' })).toContain('$\\rho_\\infty = 1999$')
})

test('tells steps apart that do other things', () => {
  expect(lines(explain(lookahead(sgd(1), { syncPeriod: 3, slowStepSize: 0.25 }), params))).toStrictEqual([
    's₀ = p',
    'u₁ = −g',
    'at t = 3, 6, 9, …:',
    'sₜ = sₜ₋₁ + 0.25 · (p + u₁ − sₜ₋₁)',
    'u₂ = sₜ − p',
    'otherwise:',
    'u₂ = u₁',
    'p ← p + u₂'
  ])
  expect(explain(multiSteps(sgd(1), 20), params)).toContain('at t = 20, 40, 60, …:')
})

test('tells leaves apart that are not treated alike', () => {
  const text = explain(masked(addDecayedWeights(0.5), { w: true, b: false }), params)
  expect(text).toContain('addDecayedWeights(0.5), for w')
  expect(text).toContain('u₂ = u₁    for w')
  expect(text).toContain('u₂ = g    for b')
})

test('says whether a norm is that of a leaf or of all', () => {
  expect(explain(clipByGlobalNorm(1), params)).toContain('‖g‖ₐₗₗ')
  const each = stateless((updates) => tree.map((g) => tree.scale(0.5, g), updates))
  expect(lines(explain(each, params))).toStrictEqual(['u = 0.5 g', 'p ← p + u'])
  expect(explain(normalize(), { w: new Float32Array(2) })).not.toContain('ₐₗₗ')
})

test('says what the host looks at', () => {
  expect(explain(applyIfFinite(sgd(1), 1), params)).toContain('what the host decides by: Σₐₗₗ g')
})

test('numbers that are drawn are said to be, each time others', () => {
  expect(explain(addNoise({ eta: 1, gamma: 0, key: 3 }), params)).toContain('ξ: numbers that are drawn')
})

test('takes what a transformation needs besides', () => {
  const tx = chain(scale(0.5), reduceOnPlateau({ patience: 2 }))
  expect(explain(tx, params, { extra: { value: 1 } })).toContain('u₁ = 0.5 g')
  expect(() => explain(tx, params)).toThrow('reduceOnPlateau: value must be a number, got undefined')
  const wanting = stateless(() => JSON.parse('{'))
  expect(() => explain(wanting, params)).toThrow('explain: tx must run on symbols with the extra that is given')
})

test('leaves its arguments alone, and says the same again', () => {
  const before = structuredClone(params)
  expect(explain(adam(1), params)).toBe(explain(adam(1), params))
  expect(params).toStrictEqual(before)
})

test('takes params of every form', () => {
  expect(explain(clip(1), 3)).toContain('u = min(max(g, −1), 1)')
  expect(explain(clip(1), new Float64Array(2))).toContain('u = min(max(g, −1), 1)')
  expect(explain(clip(1), [null, { a: ndarray(new Uint16Array(2), [2], 'bfloat16') }])).toContain(
    'u = min(max(g, −1), 1)'
  )
  expect(explain(clip(1), {})).toBe('clip(1): changes nothing')
})

test('a pair of functions on arrays is a pair of functions', () => {
  const own = { init: () => ({}), update: <U, S>(updates: U, state: S): readonly [U, S] => [updates, state] }
  expect(explain(chain(own, scale(2)), params)).toContain('u₂ = 2 u₁')
})

test.each([
  [() => explain({} as never, params), 'explain: a transformation must be a pair'],
  [
    () => explain(sgd(1), params, { format: 'html' as never }),
    'explain: format must be one of "text", "markdown", "mathml"'
  ],
  [() => explain(sgd(1), params, { form: 'text' } as never), 'explain: ']
])('refuses what it cannot do: %#', (run, message) => {
  expect(run).toThrow(message)
})
