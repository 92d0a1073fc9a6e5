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
  const near = paths.flatMap(({ points }) => points).filter(([x, y]) => Math.abs(x) < 1e3 && Math.abs(y) < 1e3)
  const [x1, x2] = extent(
    near.map(([x]) => x),
    lower,
    upper
  )
  const [y1, y2] = extent(
    near.map(([, y]) => y),
    lower,
    upper
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
          points.filter(([x, y]) => x >= x1 && x <= x2 && y >= y1 && y <= y2),
          { stroke: COLORS.range[i % 2] as string, strokeWidth: 2, marker: points.length < 60 ? 'circle' : 'none' }
        )
      ),
      Plot.dot(
        problem.minimizers.map((at) => [...at]),
        { symbol: 'star', r: 6, fill: 'var(--vp-c-text-1)' }
      )
    ]
  })
}

/** From the smallest to the largest, and a bit more; never less than half of what is usual. */
const extent = (values: readonly number[], lower: number, upper: number): readonly [number, number] => {
  const [low, high] = [Math.min(lower / 2, ...values), Math.max(upper / 2, ...values)]
  const margin = 0.05 * (high - low)
  return [low - margin, high + margin]
}

/** How high the chains are above the minimum, step by step, on a logarithmic scale. */
export const heights = ({ minimum }: Problem, paths: readonly NamedPath[], width: number): Element =>
  plot({
    width,
    height: 220,
    style: FONT,
    x: { label: 'step' },
    y: { label: 'above the minimum', type: 'log', tickFormat: '~e', ticks: 5 },
    color: { ...COLORS, legend: paths.length > 1 },
    ariaLabel: 'The value of the function above its minimum at each step',
    marks: paths.flatMap(({ values, name }) => [
      Plot.line(
        values.flatMap((value, step) => (value > minimum ? [{ step, value: value - minimum, name }] : [])),
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
