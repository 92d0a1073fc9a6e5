import { squaredError } from '@gradchain/losses'
import {
  add,
  einsum,
  force,
  mean,
  type NdArray,
  ndarray,
  type Operand,
  random,
  sparseRows,
  type Value,
  valueAndGrad
} from 'gradchain'
import { ITEMS, type Ratings, USERS } from './ratings.js'

const FACTORS = 6

/** Users, or items: some factors and a number for each of them. */
interface Side<Table, Column> {
  readonly factors: Table
  readonly bias: Column
}

/** A rating is about the mean, the biases of user and item, and the product of their factors. */
interface Model<Table, Column, Scalar> {
  readonly users: Side<Table, Column>
  readonly items: Side<Table, Column>
  readonly mean: Scalar
}

/** What is learned. */
export type Params = Model<NdArray<'float32'>, Float32Array, number>

/** First params: small factors, and not all alike, or they would stay so. */
export const initialParams = (key: random.Key): Params => {
  const [forUsers, forItems] = random.split(key)
  const side = (of: random.Key, count: number): Params['users'] => ({
    factors: ndarray(
      random.normal(of, [count, FACTORS]).data.map((x) => 0.1 * x),
      [count, FACTORS]
    ),
    bias: new Float32Array(count)
  })
  return { users: side(forUsers, USERS), items: side(forItems, ITEMS), mean: 3.5 }
}

/** Those rows of a side that ratings are about, one for each rating. */
const gather = ({ factors, bias }: Params['users'], rows: Int32Array): Params['users'] => {
  const data = new Float32Array(rows.length * FACTORS)
  for (const [i, row] of rows.entries()) {
    data.set(factors.data.subarray(row * FACTORS, (row + 1) * FACTORS), i * FACTORS)
  }
  return { factors: ndarray(data, [rows.length, FACTORS]), bias: Float32Array.from(rows, (row) => bias[row] as number) }
}

/** The params that ratings are about: a model of as many users and items as there are ratings. */
const gathered = ({ users, items, mean: overall }: Params, ratings: Ratings): Params => ({
  users: gather(users, ratings.users),
  items: gather(items, ratings.items),
  mean: overall
})

const predicted = ({ users, items, mean: overall }: Model<Operand, Operand, Operand>): Value =>
  add(add(add(overall, users.bias), items.bias), einsum('rf,rf->r', users.factors, items.factors))

const lossOf = (rows: Model<Operand, Operand, Operand>, values: Float32Array): Value =>
  mean(squaredError(predicted(rows), values))

/** What the model says of ratings. */
export const predict = (params: Params, ratings: Ratings): Float32Array =>
  force(predicted(gathered(params, ratings))) as Float32Array

/**
 * The mean square error of a batch, and its gradient: that of the rows that were gathered, and which ones these are. A user or an item
 * that is there twice has two gradients, which are added up.
 */
export const gradients = (params: Params, ratings: Ratings) => {
  const [loss, rows] = valueAndGrad(lossOf)(gathered(params, ratings), ratings.values)
  const scattered = ({ factors, bias }: Params['users'], of: Int32Array, count: number) => ({
    factors: sparseRows(of, factors, [count, FACTORS]),
    bias: sparseRows(of, bias, [count])
  })
  return {
    loss,
    grads: {
      users: scattered(rows.users, ratings.users, USERS),
      items: scattered(rows.items, ratings.items, ITEMS),
      mean: rows.mean
    }
  }
}

/** The root of the mean square error of predictions. */
export const errorOf = (predictions: ArrayLike<number>, { values }: Ratings): number => {
  const squares = Array.from(values, (value, i) => ((predictions[i] as number) - value) ** 2)
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / values.length)
}
