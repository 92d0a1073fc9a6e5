import { check } from '../check.js'
import { singleWords } from './draw.js'
import { type Key, split, word, wordsOf } from './key.js'

/**
 * The whole numbers from 0 to n − 1 in random order: every order is as likely as any other, but for a bias too small to see.
 *
 * @example
 * random.permutation(random.key(0), 5) // => Uint32Array [0, 1, 4, 3, 2]
 *
 * @throws InvalidOption for what is no key, and when `n` is not a whole number from 0 to 2³² − 1.
 */
export const permutation = (key: Key, n: number): Uint32Array => {
  wordsOf('permutation', key)
  check('permutation', { n }, word)
  let order = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = i
  let current = key
  // One sort by random words leaves a bias where words are equal; this many make it vanish.
  // It is 3 ln n / ln (2³² − 1), rounded up.
  const rounds = n <= 1 ? 0 : n <= 1625 ? 1 : n <= 2_642_245 ? 2 : 3
  for (let round = 0; round < rounds; round++) {
    const [next, now] = split(current)
    order = sorted(order, singleWords('permutation', now, n))
    current = next
  }
  return order
}

const DIGIT = 256

/** The items in the order of their words; equal words keep the order of the items. */
const sorted = (items: Uint32Array, words: Uint32Array): Uint32Array<ArrayBuffer> => {
  let [byDigit, left] = sortedByDigit(items, words, 0)
  for (let shift = 8; shift < 32; shift += 8) [byDigit, left] = sortedByDigit(byDigit, left, shift)
  return byDigit
}

const sortedByDigit = (items: Uint32Array, words: Uint32Array, shift: number) => {
  const places = new Uint32Array(DIGIT + 1)
  const digitOf = (word: number): number => (word >>> shift) % DIGIT
  for (let i = 0; i < words.length; i++) {
    const next = digitOf(words[i] as number) + 1
    places[next] = (places[next] as number) + 1
  }
  for (let digit = 1; digit <= DIGIT; digit++) places[digit] = (places[digit] as number) + (places[digit - 1] as number)
  const sortedItems = new Uint32Array(items.length)
  const sortedWords = new Uint32Array(items.length)
  for (let i = 0; i < items.length; i++) {
    const word = words[i] as number
    const place = places[digitOf(word)] as number
    places[digitOf(word)] = place + 1
    sortedItems[place] = items[i] as number
    sortedWords[place] = word
  }
  return [sortedItems, sortedWords] as const
}
