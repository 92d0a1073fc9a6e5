import type { TensorDType } from '../../tensor.js'

/** The dtype of the elements of each typed storage of PyTorch whose elements we hold. */
const STORAGES: Readonly<Record<string, TensorDType>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  BFloat16Storage: 'bfloat16',
  HalfStorage: 'float16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  ShortStorage: 'int16',
  IntStorage: 'int32',
  LongStorage: 'int64',
  BoolStorage: 'bool'
}

/** The dtype of the elements of a storage, by the name of its class; `undefined` for one that we do not hold. */
export const dtypeOfStorage = (name: string): TensorDType | undefined =>
  Object.hasOwn(STORAGES, name) ? STORAGES[name] : undefined

/** The class of storage that holds elements of a dtype; `undefined` for those that came to PyTorch after such classes. */
export const storageOfDType = (dtype: TensorDType): string | undefined =>
  Object.keys(STORAGES).find((name) => STORAGES[name] === dtype)
