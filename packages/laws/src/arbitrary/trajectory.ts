import fc from 'fast-check'
import { printTrajectory } from '../internal/print.js'
import type { Step, Trajectory } from '../trajectory.js'
import { fillLike, type Palette, palette } from './palette.js'
import { params as anyParams } from './params.js'
import type { Domain } from './value.js'

/** Options of {@link trajectory}. */
export interface TrajectoryOptions {
  /** The params that `init` is given; those of the steps are like them. @defaultValue `arbitrary.params()` */
  readonly params?: fc.Arbitrary<unknown>
  /** What the transformation needs beyond gradients, state and params. @defaultValue nothing */
  readonly extra?: fc.Arbitrary<unknown>
  /** The numbers in gradients and params. @defaultValue `'finite'` */
  readonly domain?: Domain
  /** The fewest steps. @defaultValue `0` */
  readonly minSteps?: number
  /** The most steps; most trajectories are much shorter. @defaultValue `20` */
  readonly maxSteps?: number
}

/** What most trajectories are content with: what depends on the number of steps shows in the others. */
const FEW_STEPS = 4

/**
 * Params, and steps with gradients and params that fit them: few mostly, and now and then many.
 *
 * @example
 * import fc from 'fast-check'
 *
 * const trajectories = arbitrary.trajectory({ params: fc.constant({ w: 0 }), minSteps: 1 })
 * fc.assert(fc.property(trajectories, ({ steps }) => steps.length >= 1), { numRuns: 10 })
 */
export const trajectory = ({
  params = anyParams(),
  extra = fc.constant(undefined),
  domain = 'finite',
  minSteps = 0,
  maxSteps = 20
}: TrajectoryOptions = {}): fc.Arbitrary<Trajectory> => {
  const step = fc.record({ gradients: palette(domain), params: palette(domain), extra })
  const upTo = (maxLength: number) => fc.array(step, { minLength: minSteps, maxLength, size: 'max' })
  const few = upTo(Math.max(minSteps, Math.min(FEW_STEPS, maxSteps)))
  const steps = fc.oneof({ weight: 4, arbitrary: few }, { weight: 1, arbitrary: upTo(Math.max(minSteps, maxSteps)) })
  return fc.record({ params, colours: palette(domain), steps, choice: fc.nat(0xffff) }).map((drawn) => {
    const fill = (colours: Palette): unknown => fillLike(drawn.params, colours, domain)
    return {
      params: fill(drawn.colours),
      steps: drawn.steps.map((each): Step => ({ ...each, gradients: fill(each.gradients), params: fill(each.params) })),
      choice: drawn.choice,
      [fc.toStringMethod]() {
        return printTrajectory(this)
      }
    }
  })
}
