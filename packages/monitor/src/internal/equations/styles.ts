// The three notations.
import { escaped } from '../escaped.js'
import type { Name } from './names.js'
import type { Style } from './write.js'

const RAISED: Readonly<Record<string, string>> = {
  ...{ '0': '⁰', '1': '¹', '2': '²', '3': '³', '4': '⁴', '5': '⁵', '6': '⁶', '7': '⁷', '8': '⁸', '9': '⁹' },
  ...{ '-': '⁻', '−': '⁻', '+': '⁺', t: 'ᵗ', T: 'ᵀ', '.': '·', ' ': '', '(': '⁽', ')': '⁾' }
}

const LOWERED: Readonly<Record<string, string>> = {
  ...{ '0': '₀', '1': '₁', '2': '₂', '3': '₃', '4': '₄', '5': '₅', '6': '₆', '7': '₇', '8': '₈', '9': '₉' },
  ...{ a: 'ₐ', l: 'ₗ', t: 'ₜ', e: 'ₑ', s: 'ₛ', v: 'ᵥ', '−': '₋' }
}

const turned = (text: string, letters: Readonly<Record<string, string>>): string | null => {
  const found = [...text].map((letter) => letters[letter])
  return found.every((letter) => letter !== undefined) ? found.join('') : null
}

/** A number as a mantissa and a power of ten, the latter 0 where it is written out. */
const scientific = (x: number): readonly [mantissa: string, exponent: number] => {
  const size = Math.abs(x)
  if (size === 0 || !Number.isFinite(x) || (size >= 1e-4 && size < 1e6)) return [String(x), 0]
  const [mantissa = '', exponent = '0'] = x.toExponential().split('e')
  return [mantissa, Number(exponent)]
}

const numberIn = (x: number, infinity: string, times: string, ten: (exponent: number) => string): string => {
  if (x === Infinity) return infinity
  if (x === -Infinity) return `−${infinity}`
  const [mantissa, exponent] = scientific(x)
  const signed = mantissa.replace('-', '−')
  if (exponent === 0) return signed
  return mantissa === '1' ? ten(exponent) : `${signed}${times}${ten(exponent)}`
}

const TIMES = { before: 'ₜ₋₁', after: 'ₜ', start: '₀' } as const
const MOMENTS = { before: 't-1', after: 't', start: '0' } as const

const isLetter = (base: string): boolean => [...base].length === 1

/** Plain text, as in the docs. */
export const text: Style = {
  number: (x) => numberIn(x, '∞', '·', (exponent) => `10${turned(String(exponent), RAISED)}`),
  name: ({ base, hasHat, primes, index, time, leaf }) => {
    const letter = hasHat ? `${base}\u0302`.normalize('NFC') : base
    const below = index === null ? '' : (turned(String(index), LOWERED) ?? '')
    const moment = time === null || hasHat ? '' : TIMES[time]
    return `${letter}${'′'.repeat(primes)}${below}${moment}${leaf === null ? '' : `[${leaf}]`}`
  },
  word: (word) => word,
  row: (pieces) => pieces.join(''),
  sign: (sign) => (sign === '' ? ' ' : sign === ',' ? ', ' : ` ${sign} `),
  prefix: (sign) => sign,
  group: (inner) => `(${inner})`,
  fence: (open, inner, close, below) => `${open}${inner}${close}${lowered(below)}`,
  fraction: (above, below, isLongAbove, isLongBelow) =>
    `${isLongAbove ? `(${above})` : above} / ${isLongBelow ? `(${below})` : below}`,
  root: (inner, isLong) => (isLong ? `√(${inner})` : `√${inner}`),
  power: (base, exponent) => {
    const raised = turned(exponent, RAISED)
    return raised === null ? `${base}^${exponent.length > 1 ? `(${exponent})` : exponent}` : `${base}${raised}`
  },
  over: (symbol, below, inner) => `${symbol}${lowered(below)}${inner.startsWith('(') ? '' : ' '}${inner}`,
  cases: (condition, yes, no) => `(${yes} if ${condition}, else ${no})`
}

const lowered = (below: string | null): string => (below === null ? '' : (turned(below, LOWERED) ?? `[${below}]`))

const LATEX: Readonly<Record<string, string>> = {
  ...{
    α: '\\alpha',
    ξ: '\\xi',
    ρ: '\\rho',
    'ρ∞': '\\rho_\\infty',
    '−': '-',
    '≤': '\\le',
    '≠': '\\ne',
    '·': '\\cdot',
    '‖': '\\Vert',
    Σ: '\\sum'
  },
  ...{
    '⟨': '\\langle',
    '⟩': '\\rangle',
    '⌊': '\\lfloor',
    '⌋': '\\rfloor',
    '|': '\\vert',
    ln: '\\ln',
    ln1p: '\\operatorname{ln1p}'
  },
  ...{ min: '\\min', max: '\\max', exp: '\\exp', tanh: '\\tanh', sin: '\\sin', cos: '\\cos' }
}

const spelled = (word: string): string => word.replace(/[_%#&${}]/g, '\\$&')

const inLatex = (symbol: string): string =>
  LATEX[symbol] ?? (isLetter(symbol) ? symbol : `\\operatorname{${spelled(symbol)}}`)

/** LaTeX, for Markdown. */
export const latex: Style = {
  number: (x) => numberIn(x, '\\infty', ' \\cdot ', (exponent) => `10^{${exponent}}`).replaceAll('−', '-'),
  name: ({ base, hasHat, primes, index, time, leaf }) => {
    const letter = LATEX[base] ?? (isLetter(base) ? base : `\\mathrm{${spelled(base)}}`)
    const below = [index === null ? '' : String(index), time === null || hasHat ? '' : MOMENTS[time]]
      .filter((one) => one !== '')
      .join(',')
    const at = leaf === null ? '' : `[\\text{${spelled(leaf)}}]`
    return `${hasHat ? `\\hat{${letter}}` : letter}${"'".repeat(primes)}${below === '' ? '' : `_{${below}}`}${at}`
  },
  word: (word) => (word === 'T' ? '\\top' : inLatex(word)),
  row: (pieces) => pieces.join(''),
  sign: (sign) => (sign === '' ? '\\, ' : sign === ',' ? ', ' : ` ${LATEX[sign] ?? sign} `),
  prefix: (sign) => LATEX[sign] ?? sign,
  group: (inner) => `\\left(${inner}\\right)`,
  fence: (open, inner, close, below) =>
    `\\left${LATEX[open] ?? open} ${inner} \\right${LATEX[close] ?? close}${below === null ? '' : `_{\\text{${below}}}`}`,
  fraction: (above, below) => `\\frac{${above}}{${below}}`,
  root: (inner) => `\\sqrt{${inner}}`,
  power: (base, exponent) => `${base}^{${exponent}}`,
  over: (symbol, below, inner) => `${inLatex(symbol)}${below === null ? '' : `_{\\text{${below}}}`} ${inner}`,
  cases: (condition, yes, no) =>
    `\\begin{cases} ${yes} & \\text{if } ${condition} \\\\ ${no} & \\text{otherwise} \\end{cases}`
}

const mi = (word: string): string => `<mi>${escaped(word)}</mi>`
const mo = (sign: string, attributes = ''): string => `<mo${attributes}>${escaped(sign)}</mo>`
const mn = (digits: string): string => `<mn>${digits}</mn>`
const mrow = (...pieces: readonly string[]): string => `<mrow>${pieces.join('')}</mrow>`
const mtext = (word: string): string => `<mtext>${escaped(word)}</mtext>`

const momentOf = (time: Exclude<Name['time'], null>): string =>
  time === 'before' ? mrow(mi('t'), mo('−'), mn('1')) : time === 'after' ? mi('t') : mn('0')

/** MathML, for pages. */
export const mathml: Style = {
  number: (x) => {
    const [mantissa, exponent] = scientific(x)
    if (!Number.isFinite(x)) return x < 0 ? mrow(mo('−', ' form="prefix"'), mi('∞')) : mi('∞')
    const minus = mantissa.startsWith('-') ? [mo('−', ' form="prefix"')] : []
    const digits = mantissa.replace('-', '')
    if (exponent === 0) return minus.length === 0 ? mn(digits) : mrow(...minus, mn(digits))
    const size = mn(String(Math.abs(exponent)))
    const ten = `<msup>${mn('10')}${exponent < 0 ? mrow(mo('−', ' form="prefix"'), size) : size}</msup>`
    return mrow(...minus, ...(digits === '1' ? [] : [mn(digits), mo('·')]), ten)
  },
  name: ({ base, hasHat, primes, index, time, leaf }) => {
    const letter = hasHat ? `<mover accent="true">${mi(base)}${mo('^')}</mover>` : mi(base)
    const primed = primes === 0 ? letter : `<msup>${letter}${mo('′'.repeat(primes))}</msup>`
    const below = [...(index === null ? [] : [mn(String(index))]), ...(time === null || hasHat ? [] : [momentOf(time)])]
    const named =
      below.length === 0 ? primed : `<msub>${primed}${below.length === 1 ? below[0] : mrow(...below)}</msub>`
    return leaf === null ? named : mrow(named, mo('['), mtext(leaf), mo(']'))
  },
  word: mi,
  row: (pieces) => mrow(...pieces),
  sign: (sign) => (sign === '' ? mo('\u2062') : mo(sign)),
  prefix: (sign) => mo(sign, ' form="prefix"'),
  group: (inner) => mrow(mo('('), inner, mo(')')),
  fence: (open, inner, close, below) => {
    const fenced = mrow(mo(open, ' form="prefix"'), inner, mo(close, ' form="postfix"'))
    return below === null ? fenced : `<msub>${fenced}${mtext(below)}</msub>`
  },
  fraction: (above, below) => `<mfrac>${above}${below}</mfrac>`,
  root: (inner) => `<msqrt>${inner}</msqrt>`,
  power: (base, exponent) => `<msup>${base}${exponent}</msup>`,
  over: (symbol, below, inner) => {
    const sign = symbol === 'Σ' ? mo('∑') : mi(symbol)
    return mrow(below === null ? sign : `<msub>${sign}${mtext(below)}</msub>`, inner)
  },
  cases: (condition, yes, no) => {
    const row = (...cells: readonly string[]): string =>
      `<mtr>${cells.map((cell) => `<mtd>${cell}</mtd>`).join('')}</mtr>`
    // A space at the end of a text of MathML is dropped; one that does not break is not.
    const table = `<mtable>${row(yes, mrow(mtext('if\u00a0'), condition))}${row(no, mtext('otherwise'))}</mtable>`
    return mrow(mo('{'), table)
  }
}
