import { denseRows, lazyRows, random, sgd, sparseAdam, step, tree } from 'gradchain'
import { expect, test } from 'vitest'
import { errorOf, gradients, initialParams, type Params, predict } from './model.js'
import type { Ratings } from './ratings.js'

const { users, items } = initialParams(random.key(1))
const params: Params = {
  users: { ...users, bias: users.bias.map((_, i) => 0.01 * i) },
  items: { ...items, bias: items.bias.map((_, i) => -0.02 * i) },
  mean: 3
}
// User 4 is there twice.
const ratings: Ratings = {
  users: Int32Array.of(4, 9, 4),
  items: Int32Array.of(1, 1, 2),
  values: Float32Array.of(4, 2, 5)
}

/** The rating of a user for an item by the definition. */
const rating = ({ users, items, mean }: Params, user: number, item: number): number => {
  const [width = 0] = users.factors.shape.slice(1)
  let sum = mean + (users.bias[user] as number) + (items.bias[item] as number)
  for (let k = 0; k < width; k++) {
    sum += (users.factors.data[user * width + k] as number) * (items.factors.data[item * width + k] as number)
  }
  return sum
}

const lossOf = (some: Params): number =>
  ratings.values.reduce(
    (sum, value, i) => sum + (rating(some, ratings.users[i] as number, ratings.items[i] as number) - value) ** 2 / 3,
    0
  )

test('ratings are predicted as defined', () => {
  const predicted = predict(params, ratings)
  expect(predicted.length).toBe(3)
  predicted.forEach((value, i) => {
    expect(value).toBeCloseTo(rating(params, ratings.users[i] as number, ratings.items[i] as number), 5)
  })
})

test('the gradient is that of the loss: a short step along it lowers the loss by its square', () => {
  const { loss, grads } = gradients(params, ratings)
  expect(loss).toBeCloseTo(lossOf(params), 5)
  const small = sgd(1e-3)
  const [after] = step(small, grads, small.init(params), params)
  const dense = [grads.users.factors, grads.users.bias, grads.items.factors, grads.items.bias].flatMap((rows) => {
    const whole = denseRows(rows)
    return [...('data' in whole ? whole.data : whole)]
  })
  const square = [...dense, grads.mean].reduce((sum, g) => sum + g * g, 0)
  expect((loss - lossOf(after)) / (1e-3 * square)).toBeCloseTo(1, 1)
})

test('a step moves the users and items of the batch, and no others', () => {
  const tx = lazyRows(sparseAdam(0.1))
  const [after] = step(tx, gradients(params, ratings).grads, tx.init(params), params)
  const moved = (now: Float32Array, before: Float32Array): readonly number[] =>
    [...now.keys()].filter((i) => now[i] !== before[i])
  expect(moved(after.users.bias, params.users.bias)).toStrictEqual([4, 9])
  expect(moved(after.items.bias, params.items.bias)).toStrictEqual([1, 2])
  expect(after.mean).not.toBe(params.mean)
  expect(tree.leaves(after).length).toBe(5)
})

test('an error is the root of the mean of squares', () => {
  expect(errorOf([4, 2, 2], ratings)).toBeCloseTo(Math.sqrt(3), 12)
  expect(errorOf([4, 2, 5], ratings)).toBe(0)
})
