import { ITEMS, type Ratings, USERS } from './ratings.js'

/** How many ratings without a deviation are added to those that there are, so that the mean of few is near 0. */
const SHRINKAGE = 5

const meansBy = (of: Int32Array, count: number, values: Float64Array): Float64Array => {
  const sums = new Float64Array(count)
  const counts = new Float64Array(count).fill(SHRINKAGE)
  for (const [i, row] of of.entries()) {
    sums[row] = (sums[row] as number) + (values[i] as number)
    counts[row] = (counts[row] as number) + 1
  }
  return sums.map((sum, row) => sum / (counts[row] as number))
}

/**
 * What a model has to beat: the mean of all ratings that were learned from, and by how much the item and the user are above it, on average.
 *
 * @returns a rating for each of those asked for, whatever they are.
 */
export const predictByMeans = ({ users, items, values }: Ratings, asked: Ratings): Float64Array => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const quality = meansBy(
    items,
    ITEMS,
    Float64Array.from(values, (value) => value - mean)
  )
  const rest = Float64Array.from(values, (value, i) => value - mean - (quality[items[i] as number] as number))
  const kindness = meansBy(users, USERS, rest)
  return Float64Array.from(asked.users, (user, i) => {
    const item = asked.items[i] as number
    return mean + (quality[item] as number) + (kindness[user] as number)
  })
}
