import { random } from 'gradchain'

/** How many digits are to be sorted. */
export const LENGTH = 5
/** The token that stands between the digits and their order. */
export const SORT = 10
/** The digits, and `SORT`. */
export const TOKENS = 11
/** How many tokens the model sees: the digits, `SORT`, and the answer but for its last digit. */
export const CONTEXT = 2 * LENGTH

/**
 * Lists of digits to be sorted, each drawn evenly: `count` lists of `LENGTH`, one after the other.
 *
 * @example
 * drawDigits(random.key(0), 2).length // => 10
 */
export const drawDigits = (key: random.Key, count: number): Int32Array =>
  Int32Array.from(random.uniform(key, [count, LENGTH]).data, (share) => Math.floor(10 * share))

/**
 * The lists, each sorted.
 *
 * @example
 * sorted(Int32Array.of(3, 1, 2, 0, 9)) // => Int32Array [0, 1, 2, 3, 9]
 */
export const sorted = (digits: Int32Array): Int32Array => {
  const answers = digits.slice()
  for (let at = 0; at < answers.length; at += LENGTH) answers.subarray(at, at + LENGTH).sort()
  return answers
}

/**
 * What the model is shown: each list, `SORT`, and what is known of its answer, all but the last digit.
 *
 * @example
 * shown(Int32Array.of(3, 1, 2, 0, 9), Int32Array.of(0, 1, 2, 3, 9))
 * // => Int32Array [3, 1, 2, 0, 9, 10, 0, 1, 2, 3]
 */
export const shown = (digits: Int32Array, answers: Int32Array): Int32Array => {
  const tokens = new Int32Array(2 * digits.length)
  for (let at = 0; at < digits.length; at += LENGTH) {
    tokens.set(digits.subarray(at, at + LENGTH), 2 * at)
    tokens[2 * at + LENGTH] = SORT
    tokens.set(answers.subarray(at, at + LENGTH - 1), 2 * at + LENGTH + 1)
  }
  return tokens
}

/** Which share of the lists was sorted without a mistake. */
export const shareRight = (digits: Int32Array, said: Int32Array): number => {
  const answers = sorted(digits)
  const isWrong = new Uint8Array(answers.length / LENGTH)
  for (const [at, answer] of answers.entries()) if (said[at] !== answer) isWrong[Math.floor(at / LENGTH)] = 1
  return isWrong.filter((wrong) => wrong === 0).length / isWrong.length
}
