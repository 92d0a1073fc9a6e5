import { declarationsOf } from './functions.js'
import { binding, numbersBinding, type Place, type Work } from './launch.js'

/** Brings a number from a slot to its place among the numbers, or there from here. */
export const transfer = (slot: Place, number: number, way: 'in' | 'out'): Work => {
  const [to, from] = way === 'in' ? ['numbers', 'words'] : ['words', 'numbers']
  const [there, here] = [`table[at]`, `table[at + 1u]`]
  const [target, source] = way === 'in' ? [here, there] : [there, here]
  return {
    head: [
      declarationsOf([]),
      numbersBinding(way === 'in'),
      binding(2, way === 'out', 'words', 'f32', 'BYTES0 / 4u')
    ].join('\n'),
    body: `${to}[${target}] = ${from}[${source}];`,
    grain: 'members',
    buffers: [slot.buffer],
    usesNumbers: true,
    member: {
      record: [slot.offset / 4, number],
      reads: way === 'in' ? [slot] : [],
      writes: way === 'out' ? [slot] : [],
      size: 1
    }
  }
}
