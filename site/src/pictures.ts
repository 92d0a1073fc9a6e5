// The pictures of the playground: a contour with paths over it, the heights of the paths, the values of a schedule.

import type { Problem } from '@gradchain/search'
import * as Plot from '@observablehq/plot'
import { read } from 'gradchain'
import type { Path } from './runs.js'

/** A path with its name. */
export interface NamedPath extends Path {
  readonly name: string
}

/** The colours of the two chains, which differ in lightness too. */
const COLORS = { domain: ['this chain', 'the other'], range: ['var(--picture-one)', 'var(--picture-two)'] }

const FONT = { fontSize: '12px', overflow: 'visible', background: 'transparent' }

/** A picture with one name: those that Plot gives to the marks are for machines, and are not allowed where they stand. */
const plot = (options: Plot.PlotOptions): Element => {
  const drawn = Plot.plot(options)
  const svg = drawn.matches('svg') ? drawn : drawn.querySelector('svg[aria-label]')
  svg?.setAttribute('role', 'img')
  for (const mark of drawn.querySelectorAll('g[aria-label]')) mark.removeAttribute('aria-label')
  return drawn
}

const heightAt = ({ f, minimum }: Problem, x: number, y: number): number =>
  Math.log10(1e-3 + Math.max(0, read(f(Float64Array.of(x, y))) - minimum))

/** The function from above, on a logarithmic scale, and where the chains went. */
export const landscape = (problem: Problem, paths: readonly NamedPath[], width: number): Element => {
  const { lower, upper } = problem.bounds
  const isNear = (at: number): boolean => at >= lower && at <= upper
  const places = [...paths.flatMap(({ points }) => points.filter((at) => at.every(isNear))), ...problem.minimizers]
  const [x1, x2] = extent(
    places.map(([x = 0]) => x),
    (upper - lower) / 4
  )
  const [y1, y2] = extent(
    places.map(([, y = 0]) => y),
    (upper - lower) / 4
  )
  return plot({
    width,
    height: Math.min(width, 420),
    style: FONT,
    x: { label: 'x', domain: [x1, x2] },
    y: { label: 'y', domain: [y1, y2] },
    ariaLabel: `Contour of ${problem.name} and the paths of the chains`,
    marks: [
      // Each area lies upon those below it, so that it gets darker, or on a dark page lighter, the higher it is.
      Plot.contour({
        value: (x: number, y: number) => heightAt(problem, x, y),
        fill: 'currentColor',
        fillOpacity: 0.045,
        stroke: 'currentColor',
        strokeOpacity: 0.25,
        strokeWidth: 0.5,
        x1,
        x2,
        y1,
        y2,
        pixelSize: 6,
        thresholds: 14
      }),
      ...paths.map(({ points }, i) =>
        Plot.line(
          points.filter((at) => at.every(Number.isFinite)).map(([x, y]) => [inReach(x), inReach(y)]),
          {
            stroke: COLORS.range[i % 2] as string,
            strokeWidth: 2,
            marker: points.length < 60 ? 'circle' : 'none',
            clip: true
          }
        )
      ),
      Plot.dot(
        problem.minimizers.map((at) => [...at]),
        { symbol: 'star', r: 6, fill: 'var(--vp-c-text-1)' }
      )
    ]
  })
}

/** A place so far outside of the picture that a line to it goes where it should, and not so far that it could not be drawn. */
const inReach = (at: number): number => Math.min(1e5, Math.max(-1e5, at))

/** From the smallest to the largest, and a bit more, and at least so much. */
const extent = (values: readonly number[], least: number): readonly [number, number] => {
  const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity])
  const half = Math.max(0.6 * (high - low), least / 2)
  return [(low + high) / 2 - half, (low + high) / 2 + half]
}

/** Powers of ten as they are read, and nothing beside those between them. */
const power = (value: number): string => {
  const exponent = Math.log10(value)
  const whole = Math.round(exponent)
  if (Math.abs(exponent - whole) > 1e-6) return ''
  return Math.abs(whole) > 4 ? `1e${whole}` : String(Number(`1e${whole}`))
}

/** How high the chains are above the minimum, step by step, on a logarithmic scale. */
export const heights = ({ minimum }: Problem, paths: readonly NamedPath[], width: number): Element =>
  plot({
    width,
    height: 220,
    style: FONT,
    x: { label: 'step' },
    y: { label: 'above the minimum', type: 'log', nice: true, tickFormat: power, ticks: 5 },
    color: { ...COLORS, legend: paths.length > 1 },
    ariaLabel: 'The value of the function above its minimum at each step',
    marks: paths.flatMap(({ values, name }) => [
      Plot.line(
        values.flatMap((value, step) =>
          value > minimum && value < Infinity ? [{ step, value: value - minimum, name }] : []
        ),
        { x: 'step', y: 'value', stroke: 'name' }
      )
    ])
  })

/** The values of a schedule, from step 0 on. */
export const schedulePicture = (values: readonly number[], width: number): Element =>
  plot({
    width,
    height: 160,
    style: FONT,
    x: { label: 'step' },
    y: { label: 'value', zero: true },
    ariaLabel: 'The values of the schedule',
    marks: [
      Plot.line(
        values.map((value, step): [number, number] => [step, value]),
        { stroke: 'var(--picture-one)' }
      )
    ]
  })
