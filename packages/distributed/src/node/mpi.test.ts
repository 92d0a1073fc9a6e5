// What can be said without MPI; what it does is tested in tests/mpi.
import { describe, expect, test } from 'vitest'
import { candidates, type Koffi, kindOf, loadLibrary, ranksOf } from './internal/mpiLibrary.js'
import { mpi } from './mpi.js'

describe('refuses', () => {
  test.each<[string, object, string]>([
    ['a library that is not there', { library: 'libmpi.so.0' }, 'looked for libmpi.so.0; install MPICH or Open MPI'],
    ['a library without a name', { library: '' }, 'mpi: library must be the name of a file, got ""'],
    ['no time', { timeout: 0 }, 'mpi: timeout must be a number of milliseconds > 0, got 0'],
    ['an option', { ranks: 2 }, 'mpi: there is no option ranks; there are library, timeout']
  ])('%s', async (_what, options, sentence) => {
    await expect(mpi(options)).rejects.toThrow(sentence)
  })
})

test.each([
  ['MPICH Version:\t4.0.2\nMPICH Release date: …', { name: 'MPICH', version: '4.0.2' }],
  ['MPICH Version:      3.4.3\n', { name: 'MPICH', version: '3.4.3' }],
  ['Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4', { name: 'Open MPI', version: '4.1.4' }],
  ['Open MPI v5.0.7rc1, package: …', { name: 'Open MPI', version: '5.0.7rc1' }],
  ['MPICH Version:\t5.0.0\n', undefined],
  ['Open MPI v3.1.3, package: …', undefined],
  ['Intel(R) MPI Library 2021.10 for Linux* OS', undefined],
  ['', undefined]
])('%j is known for what it is', (text, kind) => {
  expect(kindOf(text)).toStrictEqual(kind)
})

test('the library of the launcher is looked for, and without one any', () => {
  expect(candidates({ OMPI_COMM_WORLD_SIZE: '2', PMI_SIZE: '2' })).toStrictEqual(['libmpi.so.40', 'libmpi.40.dylib'])
  expect(candidates({ PMI_SIZE: '2' })[0]).toBe('libmpich.so.12')
  expect(candidates({})).toStrictEqual([...candidates({ PMI_SIZE: '2' }), ...candidates({ OMPI_COMM_WORLD_SIZE: '2' })])
  expect(ranksOf({ OMPI_COMM_WORLD_SIZE: '3' })).toBe(3)
  expect(ranksOf({ PMI_SIZE: '4' })).toBe(4)
  expect(ranksOf({})).toBe(undefined)
})

/** Koffi, as it were, with a library that says this of itself. */
const koffiWith = (text: string | undefined): Koffi => ({
  config: () => {},
  load: () => ({
    func: () => {
      if (text === undefined) throw new Error('Cannot find function')
      return (...given) => {
        const [bytes, length] = given as [Uint8Array, Int32Array]
        length[0] = new TextEncoder().encodeInto(text, bytes).written
        return 0
      }
    },
    symbol: () => 0
  })
})

test.each<[string | undefined, string]>([
  [
    'Intel(R) MPI Library 2021.10',
    'mpi: x.so must be MPICH 3 or 4 or Open MPI 4 or 5, got "Intel(R) MPI Library 2021.10"'
  ],
  ['MPICH Version: 5.0.0\nmore', 'mpi: x.so must be MPICH 3 or 4 or Open MPI 4 or 5, got "MPICH Version: 5.0.0"'],
  [undefined, 'mpi: x.so must be MPICH 3 or 4 or Open MPI 4 or 5, got no library of MPI']
])('a library that says %j is refused', (text, sentence) => {
  expect(() => loadLibrary(koffiWith(text), ['x.so'])).toThrow(sentence)
})
