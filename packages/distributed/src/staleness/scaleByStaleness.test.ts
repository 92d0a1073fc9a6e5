import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scaleByStaleness } from './scaleByStaleness.js'

const emitted = (w: number, staleness: number): number =>
  scaleByStaleness().update({ w }, {}, { w: 0 }, { staleness })[0].w

const aGradient = fc.double({ noNaN: true, noDefaultInfinity: true })

test('divides by how many updates a gradient is late', () => {
  fc.assert(
    fc.property(aGradient, fc.integer({ min: 1, max: 1000 }), (w, late) => Object.is(emitted(w, late), w / late))
  )
})

test.each([0, 0.5, 1])('is the identity for a staleness of %s', (staleness) => {
  fc.assert(fc.property(aGradient, (w) => Object.is(emitted(w, staleness), w)))
})

test.each([-1, NaN, Infinity, '1'])('refuses a staleness of %s', (staleness) => {
  expect(() => emitted(1, staleness as number)).toThrow('scaleByStaleness: staleness must be a finite number ≥ 0, got')
})

test('refuses an update that is not told', () => {
  expect(() => scaleByStaleness().update({ w: 1 }, {}, { w: 0 }, {} as never)).toThrow(
    'scaleByStaleness: staleness must be a finite number ≥ 0, got undefined'
  )
})
