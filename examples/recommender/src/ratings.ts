import { type NdArray, random } from 'gradchain'

export const USERS = 600
export const ITEMS = 400
/** The standard deviation of what in a rating is chance: no prediction can have a smaller error. */
export const NOISE = 0.5

/** Who rated what, and how: three lists side by side. */
export interface Ratings {
  readonly users: Int32Array
  readonly items: Int32Array
  readonly values: Float32Array
}

/** How many tastes a user has, and an item speaks to. */
const TASTES = 4

/** The ratings at some places of the lists. */
export const pick = ({ users, items, values }: Ratings, places: ArrayLike<number>): Ratings => ({
  users: Int32Array.from(places, (i) => users[i] as number),
  items: Int32Array.from(places, (i) => items[i] as number),
  values: Float32Array.from(places, (i) => values[i] as number)
})

/** Which user and which item of each draw, without those that were drawn before. Few items are rated by many, many by few. */
const drawPairs = (key: random.Key, count: number): readonly (readonly [user: number, item: number])[] => {
  const { data } = random.uniform(key, [count, 2])
  const pairs = new Map<number, readonly [number, number]>()
  for (let i = 0; i < count; i++) {
    const [forUser = 0, forItem = 0] = data.subarray(2 * i)
    const user = Math.floor(USERS * forUser)
    const item = Math.floor(ITEMS * forItem * forItem)
    pairs.set(user * ITEMS + item, [user, item])
  }
  return [...pairs.values()]
}

const dotOfRows = (a: NdArray, b: NdArray, row: number, other: number): number => {
  let sum = 0
  for (let k = 0; k < TASTES; k++) sum += (a.data[row * TASTES + k] as number) * (b.data[other * TASTES + k] as number)
  return sum
}

/**
 * Ratings around 3.5 of users who differ in how kind they are, of items that differ in how good they are, and of tastes that meet or do not.
 *
 *     rating = 3.5 + kindness + quality + taste · flavour + noise
 */
export const makeRatings = (key: random.Key, count: number): Ratings => {
  const drawn = (purpose: number, shape: readonly number[]) => random.normal(random.foldIn(key, purpose), shape)
  const pairs = drawPairs(random.foldIn(key, 0), count)
  const kindness = drawn(1, [USERS]).data
  const quality = drawn(2, [ITEMS]).data
  const tastes = drawn(3, [USERS, TASTES])
  const flavours = drawn(4, [ITEMS, TASTES])
  const noise = drawn(5, [pairs.length]).data
  return {
    users: Int32Array.from(pairs, ([user]) => user),
    items: Int32Array.from(pairs, ([, item]) => item),
    values: Float32Array.from(pairs, ([user, item], i) => {
      const liking = dotOfRows(tastes, flavours, user, item)
      const [kind = 0, good = 0, chance = 0] = [kindness[user], quality[item], noise[i]]
      return 3.5 + 0.5 * kind + 0.5 * good + 0.5 * liking + NOISE * chance
    })
  }
}
