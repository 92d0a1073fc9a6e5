// Formulas as the doc blocks have them, lines of Unicode such as `mₜ = β₁ mₜ₋₁ + (1 − β₁) g`, set as MathML. What is no formula
// stays what it is: code. A line is set from left to right; fractions, roots, accents and what is raised or lowered are made of it.

/** @typedef {{ kind: string, text: string, isApart: boolean }} Token */
/** @typedef {{ html: string, kind: 'operand' | 'group' | 'operator' | 'word', inner?: string, isApart: boolean }} Item */

const RAISED = new Map(
  Object.entries({
    '⁰': '0',
    '¹': '1',
    '²': '2',
    '³': '3',
    '⁴': '4',
    '⁵': '5',
    '⁶': '6',
    '⁷': '7',
    '⁸': '8',
    '⁹': '9'
  }).concat(
    Object.entries({ '⁺': '+', '⁻': '−', '⁽': '(', '⁾': ')', ᵀ: 'T', ᵃ: 'a', ᵇ: 'b', ᶜ: 'c', ᵈ: 'd', ᵉ: 'e', ᵍ: 'g' }),
    Object.entries({ ʰ: 'h', ⁱ: 'i', ʲ: 'j', ᵏ: 'k', ˡ: 'l', ᵐ: 'm', ⁿ: 'n', ᵒ: 'o', ᵖ: 'p', ʳ: 'r', ˢ: 's', ᵗ: 't' }),
    Object.entries({ ᵘ: 'u', ᵛ: 'v', ʷ: 'w', ˣ: 'x', ʸ: 'y', ᵝ: 'β', ᵞ: 'γ', ᵟ: 'δ', ᵠ: 'φ', ᴾ: 'P' })
  )
)
const LOWERED = new Map(
  Object.entries({
    '₀': '0',
    '₁': '1',
    '₂': '2',
    '₃': '3',
    '₄': '4',
    '₅': '5',
    '₆': '6',
    '₇': '7',
    '₈': '8',
    '₉': '9'
  }).concat(
    Object.entries({ '₊': '+', '₋': '−', '₍': '(', '₎': ')', ₐ: 'a', ₑ: 'e', ₕ: 'h', ᵢ: 'i', ⱼ: 'j', ₖ: 'k', ₗ: 'l' }),
    Object.entries({ ₘ: 'm', ₙ: 'n', ₒ: 'o', ₚ: 'p', ᵣ: 'r', ₛ: 's', ₜ: 't', ᵤ: 'u', ᵥ: 'v', ₓ: 'x', ᵦ: 'β', ᵧ: 'γ' })
  )
)

const ACCENTS = new Map([
  ['\u0302', 'ˆ'],
  ['\u0303', '˜'],
  ['\u0304', '¯'],
  ['\u0305', '¯']
])

const all = (/** @type {ReadonlyMap<string, string>} */ map) => [...map.keys()].join('')
const PATTERN = new RegExp(
  [
    /(?<space> +)/u,
    /(?<quoted>'[\w.-]*'|`[^`]*`)/u,
    /(?<number>\d+(?:\.\d+)?(?:e-?\d+)?)/u,
    /(?<word>[A-Za-z][A-Za-z0-9]+)/u,
    new RegExp(`(?<raised>[${all(RAISED)}][${all(RAISED)}·′]*)`, 'u'),
    new RegExp(`(?<lowered>[${all(LOWERED)}][${all(LOWERED)}]*)`, 'u'),
    /(?<accent>[\u0302-\u0305])/u,
    /(?<prime>[′'⊥]+)/u,
    /(?<power>\^)/u,
    /(?<index>_)/u,
    /(?<root>[√∛])/u,
    /(?<slash>\/)/u,
    /(?<open>[([⟨⌊⌈])/u,
    /(?<close>[)\]⟩⌋⌉])/u,
    /(?<fence>[‖|])/u,
    /(?<letter>[A-Za-z\u0370-\u03ffℓ∇∂∞½¼¾ΣΠ∑∏])/u,
    /(?<operator>[-+−±·×⊙⊗∘=≠≈≡<>≤≥∝←→↦∈∉∪∩∀∃∞…,:;.!∼~*?⋯⇔;]+)/u
  ]
    .map(({ source }) => source)
    .join('|'),
  'uy'
)

/** @param {string} text @returns {Token[] | undefined} */
const tokens = (text) => {
  // Letters alone: ≠ would come apart, too.
  const decomposed = text.replace(/\p{L}/gu, (letter) => letter.normalize('NFD'))
  /** @type {Token[]} */
  const found = []
  let isApart = false
  PATTERN.lastIndex = 0
  while (PATTERN.lastIndex < decomposed.length) {
    const groups = PATTERN.exec(decomposed)?.groups
    if (groups === undefined) return undefined
    const [kind = '', piece = ''] = Object.entries(groups).find(([, value]) => value !== undefined) ?? []
    if (kind !== 'space') found.push({ kind, text: piece, isApart })
    isApart = kind === 'space'
  }
  return found
}

const escaped = (/** @type {string} */ text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('{', '&#123;')
const row = (/** @type {string} */ html) => `<mrow>${html}</mrow>`
const operator = (/** @type {string} */ text) => `<mo>${escaped(text)}</mo>`
const bracket = (/** @type {string} */ text, /** @type {string} */ form) =>
  `<mo stretchy="false" form="${form}">${escaped(text)}</mo>`

/** A run of small characters, in the size of others. @param {string} text @param {ReadonlyMap<string, string>} map */
const small = (text, map) =>
  row(
    (
      Array.from(text, (character) => map.get(character) ?? character)
        .join('')
        .match(/\d+(?:·\d+)?|./gu) ?? []
    )
      .map((piece) =>
        /^\d/.test(piece)
          ? `<mn>${piece.replace('·', '.')}</mn>`
          : /^[+−()]$/.test(piece)
            ? `<mo stretchy="false" form="infix" lspace="0" rspace="0">${piece}</mo>`
            : `<mi>${piece}</mi>`
      )
      .join('')
  )

/** What may close a bracket: an interval is open on one side, if it likes. */
const CLOSING = new Map(Object.entries({ '(': ')]', '[': '])', '⟨': '⟩', '⌊': '⌋', '⌈': '⌉' }))

/** What cannot be set. */
class Unset extends Error {}

/** Reads the tokens of a line. @param {readonly Token[]} given */
const reader = (given) => {
  let at = 0
  const peek = () => given[at]
  const next = () => {
    const token = given[at++]
    if (token === undefined) throw new Unset()
    return token
  }

  /** What is raised and lowered behind an operand. @param {string} base */
  const scripted = (base) => {
    let html = base
    let below = ''
    let above = ''
    for (;;) {
      const token = peek()
      if (token === undefined || token.isApart) break
      if (token.kind === 'accent')
        html = `<mover accent="true">${html}<mo stretchy="false">${ACCENTS.get(token.text) ?? 'ˆ'}</mo></mover>`
      else if (token.kind === 'raised' && above === '') above = small(token.text, RAISED)
      else if (token.kind === 'lowered' && below === '') below = small(token.text, LOWERED)
      else if (token.kind === 'prime') above = row(`${above}<mo>${token.text.replaceAll("'", '′')}</mo>`)
      else if ((token.kind === 'power' && above === '') || (token.kind === 'index' && below === '')) {
        at++
        const script = atom().inner
        if (token.kind === 'power') above = row(script)
        else below = row(script)
        continue
      } else break
      at++
    }
    if (above !== '' && below !== '') return `<msubsup>${html}${below}${above}</msubsup>`
    return above !== '' ? `<msup>${html}${above}</msup>` : below !== '' ? `<msub>${html}${below}</msub>` : html
  }

  /** The text of a bracket, up to the one that closes it. @param {(token: Token) => boolean} closes */
  const inside = (closes) => {
    /** @type {Item[]} */
    const items = []
    for (let token = peek(); token !== undefined && !closes(token); token = peek()) items.push(item())
    return { html: joined(items), end: next().text }
  }

  /** A symbol, a number, a bracket: whatever can be raised, without what raises it. @returns {{ html: string, inner: string, isGroup: boolean }} */
  const bare = () => {
    const { kind, text } = next()
    const plain = (/** @type {string} */ html) => ({ html, inner: html, isGroup: false })
    if (kind === 'number') return plain(`<mn>${text}</mn>`)
    if (kind === 'letter' || kind === 'word') return plain(`<mi>${text}</mi>`)
    if (kind === 'quoted') return plain(`<mtext>${escaped(text.replaceAll('`', ''))}</mtext>`)
    if (kind === 'open') {
      const closing = CLOSING.get(text) ?? ''
      const { html: inner, end } = inside((token) => token.kind === 'close' && closing.includes(token.text))
      const html = row(bracket(text, 'prefix') + inner + bracket(end, 'postfix'))
      return { html, inner, isGroup: text === '(' && end === ')' }
    }
    if (kind === 'fence') {
      const { html: inner } = inside((token) => token.kind === 'fence' && token.text === text)
      return { html: row(bracket(text, 'prefix') + inner + bracket(text, 'postfix')), inner, isGroup: false }
    }
    if (kind === 'root') {
      const { inner } = factor()
      return plain(text === '√' ? `<msqrt>${inner}</msqrt>` : `<mroot>${row(inner)}<mn>3</mn></mroot>`)
    }
    throw new Unset()
  }

  /** An operand with what is raised and lowered. */
  const atom = () => {
    const { html, inner, isGroup } = bare()
    const set = scripted(html)
    return set === html ? { html, inner, isGroup } : { html: set, inner: set, isGroup: false }
  }

  /** An operand, and the brackets right behind it: `f(t)`. */
  const factor = () => {
    let { html, inner, isGroup } = atom()
    for (let token = peek(); token?.kind === 'open' && !token.isApart; token = peek()) {
      html = row(html + atom().html)
      inner = html
      isGroup = false
    }
    return { html, inner, isGroup }
  }

  /** @returns {Item} */
  const item = () => {
    const token = peek()
    if (token === undefined) throw new Unset()
    const { kind, text, isApart } = token
    if (kind === 'operator' || kind === 'slash') {
      at++
      return { html: kind === 'slash' ? '<mo>/</mo>' : operator(text), kind: 'operator', isApart }
    }
    if (kind === 'word') {
      const after = given[at + 1]
      const isAlone = after === undefined || after.isApart || after.kind === 'operator' || after.kind === 'close'
      if (isAlone) {
        at++
        return { html: `<mtext>${text}</mtext>`, kind: 'word', isApart }
      }
    }
    const { html, inner, isGroup } = factor()
    return { html, kind: isGroup ? 'group' : 'operand', inner, isApart }
  }

  return () => {
    /** @type {Item[]} */
    const items = []
    while (peek() !== undefined) items.push(item())
    return items
  }
}

const isSlash = (/** @type {Item | undefined} */ item) => item?.html === '<mo>/</mo>'
const isOperand = (/** @type {Item | undefined} */ item) => item?.kind === 'operand' || item?.kind === 'group'

/**
 * Items beside each other, with fractions where it is clear what is above and below: a product over one operand that nothing
 * else follows.
 * @param {readonly Item[]} items
 */
const joined = (items) => {
  /** @type {Item[]} */
  const done = []
  for (let i = 0; i < items.length; i++) {
    const item = /** @type {Item} */ (items[i])
    const below = items[i + 1]
    const after = items[i + 2]
    const isFraction =
      isSlash(item) &&
      item.isApart &&
      isOperand(below) &&
      !isOperand(after) &&
      !isSlash(after) &&
      isOperand(done.at(-1)) &&
      // What is divided already is no product: a / b / c is not a / (b / c).
      !isSlash(done[done.findLastIndex((before) => !isOperand(before))])
    if (!isFraction || below === undefined) {
      done.push(item)
      continue
    }
    /** @type {Item[]} */
    const above = []
    while (isOperand(done.at(-1))) above.unshift(/** @type {Item} */ (done.pop()))
    const isApart = above[0]?.isApart ?? false
    const only = above.length === 1 && above[0]?.kind === 'group' ? above[0].inner : undefined
    done.push({
      html: `<mfrac>${row(only ?? beside(above))}${row(below.kind === 'group' ? (below.inner ?? '') : below.html)}</mfrac>`,
      kind: 'operand',
      isApart
    })
    i++
  }
  return beside(done)
}

/** @param {readonly Item[]} items */
const beside = (items) =>
  items
    .map((item, i) => {
      const before = items[i - 1]
      if (before === undefined || !item.isApart) return item.html
      if (item.kind === 'operator' || before.kind === 'operator') return item.html
      const width = item.kind === 'word' || before.kind === 'word' ? 0.3 : 0.17
      return `<mspace width="${width}em"></mspace>${item.html}`
    })
    .join('')

/**
 * A formula as MathML, the words in it as text, which can be wrapped; `undefined` when it is none.
 * @param {string} text
 */
export const formula = (text) => {
  const given = tokens(text)
  if (given === undefined) return undefined
  try {
    /** @type {(string | Item[])[]} */
    const runs = []
    for (const item of reader(given)()) {
      const last = runs.at(-1)
      if (item.kind === 'word') runs.push(item.html.replace(/<[^>]*>/g, ''))
      else if (Array.isArray(last)) last.push(item)
      else runs.push([item])
    }
    return runs
      .map((run) => (typeof run === 'string' ? run : `<math displaystyle="true">${joined(run)}</math>`))
      .join(' ')
  } catch (error) {
    if (error instanceof Unset) return undefined
    throw error
  }
}

/** Signs of code. */
const isCode = (/** @type {string} */ text) => /[{}]|=>|\/\/|^\s*(?:chain|const|partition|\w+\()|\*\*/m.test(text)
/** What formulas have and code and tables of words have not. */
const isFormal = (/** @type {string} */ text) => /[=←≤≥∝≈→∑Σ‖√½⟨]|(?<=\s)[<>](?=\s)/.test(text)
/** Words alone, which may be wrapped. */
const isProse = (/** @type {string} */ text) => /^[A-Za-z,.;:()' -]{2,}$/.test(text)

/**
 * A block of lines that were set apart, as a table of formulas: what stands far apart on a line are its cells.
 * @param {string} block
 * @returns {string | undefined}
 */
export const mathematics = (block) => {
  if (isCode(block) || !isFormal(block)) return undefined
  const lines = block
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n')
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)))
  const rows = lines.map((line) => {
    const cells = line.slice(indent).split(/ {3,}|(?<=[,;]) {2,}/)
    const set = cells.map((cell) => (cell === '' ? '' : ((isProse(cell) ? undefined : formula(cell)) ?? escaped(cell))))
    return `<div class="formula">${set.map((cell) => `<span class="cell">${cell}</span>`).join('')}</div>`
  })
  return `<div class="formulas" tabindex="0" v-pre><div class="rows">${rows.join('')}</div></div>\n`
}
