import { describe, expect, test } from 'vitest'
import { gradientFlow } from './gradientFlow.js'

const at = (...sizes: readonly number[]) => ({ layers: sizes.map((size) => new Float64Array([size, -size])) })

describe('gradientFlow', () => {
  test('counts from the last layer', () => {
    expect(gradientFlow(at(1e-4, 0.0011, 1))).toStrictEqual({
      layers: [
        { path: '.layers[0]', rms: 1e-4, is: 'vanishing' },
        { path: '.layers[1]', rms: 0.0011, is: 'steady' },
        { path: '.layers[2]', rms: 1, is: 'steady' }
      ],
      vanishing: ['.layers[0]'],
      exploding: []
    })
    expect(gradientFlow(at(1001, 999, 1)).exploding).toStrictEqual(['.layers[0]'])
  })

  test('the size of a layer does not matter, nor does the scale of all', () => {
    const gradients = { first: new Float64Array(1000).fill(2), last: 2 }
    expect(gradientFlow(gradients).layers.map(({ rms }) => rms)).toStrictEqual([2, 2])
    const flagsOf = (scale: number) => gradientFlow(at(1e-5 * scale, 1e4 * scale, scale)).layers.map(({ is }) => is)
    expect(flagsOf(2 ** -40)).toStrictEqual(flagsOf(1))
  })

  test('a last layer without a gradient says nothing, and where all is 0 all has vanished', () => {
    expect(gradientFlow(at(1, 1, 0)).vanishing).toStrictEqual(['.layers[2]'])
    expect(gradientFlow(at(0, 0)).vanishing).toStrictEqual(['.layers[0]', '.layers[1]'])
    expect(gradientFlow({})).toStrictEqual({ layers: [], vanishing: [], exploding: [] })
  })

  test('what is not finite has exploded', () => {
    const { layers, exploding } = gradientFlow(at(NaN, Infinity, 1))
    expect(layers.map(({ is }) => is)).toStrictEqual(['notFinite', 'notFinite', 'steady'])
    expect(exploding).toStrictEqual(['.layers[0]', '.layers[1]'])
  })

  test('other bounds', () => {
    expect(gradientFlow(at(0.4, 1), { vanishing: 0.5 }).vanishing).toStrictEqual(['.layers[0]'])
    expect(gradientFlow(at(3, 1), { exploding: 2 }).exploding).toStrictEqual(['.layers[0]'])
  })

  test.each([
    ['gradientFlow: vanishing must be in [0, 1), got 1', { vanishing: 1 }],
    ['gradientFlow: exploding must be a number > 1, got 1', { exploding: 1 }]
  ])('refuses: %s', (message, wrong) => {
    expect(() => gradientFlow(at(1), wrong)).toThrow(message)
  })
})
