import { LENGTH, shown } from './task.js'

/**
 * What a model answers by itself: it says one digit after the other, each from the digits to be sorted and from what it has said so far.
 *
 * @param next - given what is shown, what it takes for each digit of the answers, one list after the other.
 */
export const answered = (digits: Int32Array, next: (shown: Int32Array) => Int32Array): Int32Array => {
  const said = new Int32Array(digits.length)
  for (let place = 0; place < LENGTH; place++) {
    const likeliest = next(shown(digits, said))
    for (let at = place; at < said.length; at += LENGTH) said[at] = likeliest[at] as number
  }
  return said
}
