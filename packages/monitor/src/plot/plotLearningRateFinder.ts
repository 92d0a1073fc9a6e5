import { InvalidOption, show, withDefaults } from '@gradchain/core'
import { curves, digits } from '../internal/pictures/curves.js'
import { checkPicture } from '../internal/pictures/options.js'
import type { LearningRateFinder, LearningRateFinderState } from '../loop/learningRateFinder.js'
import type { LayeredPicture, PictureOptions } from './picture.js'

/**
 * What `learningRateFinder` tried and what it suggests, as a picture: the losses, their average, and the suggested rates.
 * Where nothing was tried yet, the picture says so.
 *
 * @example
 * const finder = learningRateFinder({ least: 1e-3, most: 10, steps: 33, smoothing: 0 })
 * let [state, w] = [finder.init, 1]
 * while (!state.isDone) {
 *   w -= finder.learningRate(state) * 2 * w
 *   state = finder.step(state, w ** 2)
 * }
 * toText(plotLearningRateFinder(finder, state), { width: 40, height: 6 }).split('\n')
 * // => ['loss by learning rate',
 * // 'loss',
 * // '   1 ┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠒⠒⠒⠒⠤⣀⡀',
 * // '     │                  ┊┊  ⠈⠑⢄',
 * // '     │                  ┊┊     ⠑⡄',
 * // '     │                  ┊┊      ⠘⡄',
 * // '1e-5 ┤                  ┊┊       ⢱     ⡀',
 * // '     │                  ┊┊        ⠣⢄⣀⠤⠊',
 * // '     └──────────┬───────────────────┬───',
 * // '               0.01                 1',
 * // '                 learning rate',
 * // '┊ steepest 0.0562',
 * // '┊ a tenth of the lowest 0.075']
 *
 * @throws InvalidOption for what is no finder or none of its states, and an option outside its range.
 * @see toText; `toSvg` of `@gradchain/monitor/svg`
 */
export const plotLearningRateFinder = (
  finder: LearningRateFinder,
  state: LearningRateFinderState,
  options: PictureOptions = {}
): LayeredPicture => {
  const given = withDefaults<Required<PictureOptions>>('plotLearningRateFinder', options, {
    title: 'loss by learning rate',
    width: 600,
    height: 260
  })
  checkPicture('plotLearningRateFinder', given)
  if (typeof (finder as Partial<LearningRateFinder> | undefined)?.suggest !== 'function') {
    throw new InvalidOption(
      `plotLearningRateFinder: finder must be one that learningRateFinder made, got ${show(finder)}`
    )
  }
  if (!Array.isArray((state as Partial<LearningRateFinderState> | undefined)?.tried)) {
    throw new InvalidOption(`plotLearningRateFinder: state must be one of the finder, got ${show(state)}`)
  }
  const suggested = finder.suggest(state)
  const xs = state.tried.map(({ learningRate }) => learningRate)
  return curves(
    [
      { name: 'loss', xs, ys: state.tried.map(({ loss }) => loss), isFaint: true },
      { name: 'average', xs, ys: state.tried.map(({ smoothed }) => smoothed) }
    ],
    {
      ...given,
      xTitle: 'learning rate',
      yTitle: 'loss',
      xScale: 'log',
      yScale: undefined,
      marks:
        suggested === null
          ? []
          : Object.entries(suggested).map(([name, x]) => ({ name: `${NAMES[name]} ${digits(x)}`, x }))
    }
  )
}

const NAMES: Readonly<Record<string, string>> = { steepest: 'steepest', beforeMinimum: 'a tenth of the lowest' }
