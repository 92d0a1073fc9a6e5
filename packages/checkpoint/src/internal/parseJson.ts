import { show } from '@gradchain/core'
import type { Refuse } from './attempt.js'

/**
 * JSON out of a file, no deeper than `depth`. Where it has a key twice, `JSON.parse` would keep the last and say nothing; that is
 * refused here, as is a key `__proto__`.
 */
export const parseJson = (refuse: Refuse, entry: string, text: string, depth: number): unknown => {
  scan(refuse, entry, text, depth)
  try {
    return JSON.parse(text)
  } catch {
    return refuse('malformed', entry, 'JSON', `other text, beginning with ${show(text.slice(0, 40))}`)
  }
}

/** Goes over text that may be JSON, without making anything of it: what is none is found by the parser. */
const scan = (refuse: Refuse, entry: string, text: string, depth: number): void => {
  // The keys of each object that is open; nothing for an array.
  const open: (Set<string> | null)[] = []
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      open.push(code === OPEN_OBJECT ? new Set() : null)
      if (open.length > depth) refuse('tooLarge', entry, `nested at most ${depth} deep`, 'more')
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      open.pop()
    } else if (code === QUOTE) {
      const end = endOfString(text, i)
      const keys = open.at(-1)
      const written = text.slice(i + 1, end)
      i = end
      if (keys === undefined || keys === null || !isColonAfter(text, end)) continue
      addKey(refuse, entry, keys, written.includes('\\') ? unescaped(written) : written)
    }
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Where the string that begins here ends: at a quote, or at the end of the text. */
const endOfString = (text: string, start: number): number => {
  let i = start + 1
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1
  return i
}

const isColonAfter = (text: string, end: number): boolean => {
  let i = end + 1
  while (/\s/.test(text.charAt(i))) i += 1
  return text.charAt(i) === ':'
}

const addKey = (refuse: Refuse, entry: string, keys: Set<string>, key: string): void => {
  if (key === '__proto__') refuse('refused', entry, 'without a key __proto__', 'one')
  if (keys.has(key)) refuse('malformed', entry, 'without a key twice', `${show(key)} twice`)
  keys.add(key)
}

const unescaped = (written: string): string => {
  try {
    return JSON.parse(`"${written}"`) as string
  } catch {
    return written
  }
}
