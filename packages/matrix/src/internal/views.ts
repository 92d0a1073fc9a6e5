import { InvalidOption, InvalidTree, isContainer, type Requirement, shapeOf, show, type Tree } from '@gradchain/core'
import { type DimensionNumbers, type View, viewOf, type WeightDimensionNumbers } from './dimensionNumbers.js'
import { type Places, placesOf } from './mapPlaced.js'

const isSpec = (value: unknown): value is DimensionNumbers =>
  typeof value === 'object' &&
  value !== null &&
  isContainer(value) &&
  Object.keys(value).every((key) => key === 'reductionAxis' || key === 'outputAxis')

/** What dimension numbers must be. */
export const someDimensionNumbers: Requirement = {
  what: 'undefined, { reductionAxis, outputAxis }, or a function of path and shape that gives them',
  holds: (value) => value === undefined || typeof value === 'function' || isSpec(value)
}

/** How a leaf is seen as matrices; `null` for a leaf that is none: by default all that does not have exactly two axes. */
export const viewAt = (
  owner: string,
  given: WeightDimensionNumbers | undefined,
  path: string,
  shape: readonly number[]
): View | null => {
  if (given === undefined) return shape.length === 2 ? viewOf(owner, {}, shape, `params${path}`) : null
  if (typeof given !== 'function') return shape.length < 2 ? null : viewOf(owner, given, shape, `params${path}`)
  const spec: unknown = given(path, shape)
  if (spec === null) return null
  if (!isSpec(spec)) {
    throw new InvalidOption(
      `${owner}: weightDimensionNumbers(${show(path)}) must be { reductionAxis, outputAxis } or null, got ${show(spec)}`
    )
  }
  return viewOf(owner, spec, shape, `params${path}`)
}

/** How each leaf is seen as matrices; a leaf that is none is refused. */
export const viewsOfLeaves = (owner: string, given: WeightDimensionNumbers | undefined, leaves: Tree): Places<View> =>
  placesOf((path, leaf) => {
    const shape = shapeOf(leaf)
    const view = viewAt(owner, given, path, shape)
    if (view === null) {
      throw new InvalidTree(
        `${owner}: params${path} must be a matrix, got shape ${show(shape)}; say with weightDimensionNumbers how it is one, or give it to another transformation`
      )
    }
    return view
  }, leaves)
