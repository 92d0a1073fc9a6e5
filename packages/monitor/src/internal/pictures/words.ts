import type { Requirement } from '@gradchain/core'

/** A text as pictures may hold it: control characters, which terminals obey and XML refuses, are written out. */
export const words = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu,
    (found) => `\\u${(found.codePointAt(0) as number).toString(16).padStart(4, '0')}`
  )

/** A text in lines of words, none longer than there is room for. */
export const broken = (text: string, width: number): readonly string[] => {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(cut(word, width))
  }
  return lines
}

/** A text, or as much of it as there is room for. */
export const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1).replace(/[\ud800-\udbff]$/, '')}…` : text

/** A text. */
export const aText: Requirement = { what: 'a text', holds: (value) => typeof value === 'string' }

/** From where to where. */
export const aRange: Requirement = {
  what: 'two numbers up to 1e300, the first below the second',
  holds: (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((end) => typeof end === 'number' && Math.abs(end) <= 1e300) &&
    value[0] < value[1]
}

/** How many curves can be told apart. */
export const MOST_SERIES = 8
