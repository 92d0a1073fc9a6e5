import { describe, expect, test } from 'vitest'
import { formula, mathematics } from './mathematics.mjs'

/** MathML with fewer words: `mi` as it is, a fraction as `a/b` in braces, what is raised behind `^`. */
const short = (html: string | undefined): string =>
  (html ?? 'no formula')
    .replace(/<mspace[^>]*><\/mspace>/g, ' ')
    .replace(/<mo(?= |>)[^>]*>/g, '<mo>')
    .replace(/<math[^>]*>/g, '<math>')
    .replace(/<(mi|mn|mo|mtext|mrow|math)>|<\/(mi|mn|mo|mtext|mrow|math)>/g, (tag) => (/mrow/.test(tag) ? tag : ''))
    .replace(/<mrow>/g, '{')
    .replace(/<\/mrow>/g, '}')
    .replace(/&lt;/g, '‹')

describe('formula', () => {
  test.each([
    ['x = 1', 'x=1'],
    ['mₜ₋₁', '<msub>m{t−1}</msub>'],
    ['β₁ᵗ', '<msubsup>β{1}{t}</msubsup>'],
    ['m̂', '<mover accent="true">mˆ</mover>'],
    ['Ĝ²', '<msup><mover accent="true">Gˆ</mover>{2}</msup>'],
    ['g / n', '<mfrac>{g}{n}</mfrac>'],
    [
      'm̂ / (√v̂ + eps)',
      '<mfrac>{<mover accent="true">mˆ</mover>}{<msqrt><mover accent="true">vˆ</mover></msqrt>+eps}</mfrac>'
    ],
    ['√(1 − x)', '<msqrt>1−x</msqrt>'],
    ['∛q', '<mroot>{q}3</mroot>'],
    ['√max(a, b)', '<msqrt>{max{(a,b)}}</msqrt>'],
    ['(a + b) / 2', '<mfrac>{a+b}{2}</mfrac>'],
    ['2 t β / (1 − β)', '<mfrac>{2 t β}{1−β}</mfrac>'],
    ['e^(−λ · p)', '<msup>e{−λ·p}</msup>'],
    ['s_y', '<msub>s{y}</msub>'],
    ['‖g‖²', '<msup>{‖g‖}{2}</msup>'],
    ['0.01 / t⁰·⁵⁵', '<mfrac>{0.01}{<msup>t{0.55}</msup>}</mfrac>'],
    ['u = 0 where x < y', 'u=0 where x‹y'],
    ['x over all y', 'x over all y'],
    ['[0, 1)', '{[0,1)}'],
    ['x′ ≠ g⊥', '<msup>x{′}</msup>≠<msup>g{⊥}</msup>'],
    ["x'", '<msup>x{′}</msup>'],
    ["k = 'sum'", "k='sum'"]
  ])('%s', (text, expected) => {
    expect(short(formula(text))).toBe(expected)
  })

  test('what is not clearly over what stays on its line', () => {
    expect(short(formula('β / (1 − β) (P − Q)'))).toBe('β/{(1−β)} {(P−Q)}')
    expect(short(formula('a/b/c'))).toBe('a/b/c')
    expect(short(formula('a / b / c'))).toBe('a/b/c')
    expect(short(formula('a / b c / √d'))).toBe('a/b c/<msqrt>d</msqrt>')
    expect(short(formula('a / b + c / d'))).toBe('<mfrac>{a}{b}</mfrac>+<mfrac>{c}{d}</mfrac>')
  })

  test.each(['(a', 'a)', 'a # b', '‖x', 'x^', '√'])('%s is none', (text) => {
    expect(formula(text)).toBeUndefined()
  })
})

describe('mathematics', () => {
  test('lines become lines, and what stands far apart becomes cells', () => {
    const html = mathematics('    m = 1          v = 2\n    u = m / v      where v is not 0 and more\n') ?? ''
    expect(html.match(/class="formula"/g)).toHaveLength(2)
    expect(html.match(/class="cell"/g)).toHaveLength(4)
    expect(html).toContain('<mfrac>')
  })

  test('words are words', () => {
    expect(mathematics('    u = g          what comes in, that is\n')).toContain(
      '<span class="cell">what comes in, that is</span>'
    )
  })

  test('markup in a cell that is no formula is text', () => {
    expect(mathematics("    u = g          # <b> & it's {{ x }}\n")).toBeUndefined()
    expect(mathematics('    u = g          # <b> & more\n')).toContain('# &lt;b&gt; &amp; more')
  })

  test.each(['    chain(clip(1), adam(α))', '    f({ a: 1 }) = 2', '    (x) => x', '    a table          of words'])(
    '%s stays code',
    (text) => {
      expect(mathematics(text)).toBeUndefined()
    }
  )
})
