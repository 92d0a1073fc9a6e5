import { toBatch } from './batches.js'
import { CLASSES, type Digit } from './data.js'
import { scores } from './gradients.js'
import type { Params } from './model.js'

/** How many of the digits the network reads rightly: those whose own score is the highest. */
export const countRight = (params: Params, digits: readonly Digit[]): number => {
  const all = scores(params, toBatch(digits).images)
  return digits.filter(({ label }, row) => {
    const ten = all.subarray(row * CLASSES, (row + 1) * CLASSES)
    return ten.indexOf(Math.max(...ten)) === label
  }).length
}
