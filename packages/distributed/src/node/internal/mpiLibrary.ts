import { CommunicationError } from '../../communicators/communicationError.js'
import { ELEMENT_TYPES, type ElementType } from '../../internal/elements.js'

/** A handle of MPI: a number in MPICH, an address in Open MPI. */
export type Handle = number | object | bigint

/** A function of the library. */
type Foreign = (...given: readonly unknown[]) => number

/** As much of koffi as is used. */
export interface Koffi {
  readonly config: (sizes: { readonly async_stack_size: number; readonly sync_stack_size: number }) => unknown
  readonly load: (path: string) => KoffiLibrary
}

interface KoffiLibrary {
  readonly func: (definition: string) => Foreign
  readonly symbol: (name: string) => Handle
}

const FUNCTIONS = {
  initialized: 'MPI_Initialized(void *)',
  initThread: 'MPI_Init_thread(void *, void *, int, void *)',
  commRank: 'MPI_Comm_rank(H, void *)',
  commSize: 'MPI_Comm_size(H, void *)',
  setErrhandler: 'MPI_Comm_set_errhandler(H, H)',
  errorString: 'MPI_Error_string(int, void *, void *)',
  typeSize: 'MPI_Type_size(H, void *)',
  typeName: 'MPI_Type_get_name(H, void *, void *)',
  iallgather: 'MPI_Iallgather(void *, int, H, void *, int, H, H, void *)',
  iallgatherv: 'MPI_Iallgatherv(void *, int, H, void *, void *, void *, H, H, void *)',
  iallreduce: 'MPI_Iallreduce(void *, void *, int, H, H, H, void *)',
  ireduce: 'MPI_Ireduce(void *, void *, int, H, H, int, H, void *)',
  ireduceScatter: 'MPI_Ireduce_scatter(void *, void *, void *, H, H, H, void *)',
  ibcast: 'MPI_Ibcast(void *, int, H, int, H, void *)',
  isend: 'MPI_Isend(void *, int, H, int, int, H, void *)',
  irecv: 'MPI_Irecv(void *, int, H, int, int, H, void *)',
  test: 'MPI_Test(void *, void *, intptr_t)',
  abort: 'MPI_Abort(H, int)',
  finalize: 'MPI_Finalize()'
} as const

/** A library of MPI: its functions, and its names for things. */
export interface MpiLibrary {
  /** Such as `MPICH 4.0.2`. */
  readonly name: string
  readonly call: Readonly<Record<keyof typeof FUNCTIONS, Foreign>>
  readonly world: Handle
  readonly byte: Handle
  readonly types: Readonly<Record<ElementType, Handle>>
  readonly ops: { readonly sum: Handle; readonly max: Handle }
  readonly errorsReturn: Handle
  readonly statusIgnore: number
}

/** Which of the two a library is. */
export interface Kind {
  readonly name: 'MPICH' | 'Open MPI'
  readonly version: string
}

/** The numbers of MPICH, which have been the same since its common binary interface, 3.1. */
const MPICH = {
  world: 0x44000000,
  errorsReturn: 0x54000001,
  byte: 0x4c00010d,
  sum: 0x58000003,
  max: 0x58000001,
  types: {
    int8: 0x4c000137,
    uint8: 0x4c00013b,
    int16: 0x4c000238,
    uint16: 0x4c00023c,
    int32: 0x4c000439,
    uint32: 0x4c00043d,
    int64: 0x4c00083a,
    uint64: 0x4c00083e,
    float32: 0x4c00040a,
    float64: 0x4c00080b
  }
} as const

/** The two that are known, by what they say of themselves; `undefined` for others and for other versions. */
export const kindOf = (text: string): Kind | undefined => {
  const mpich = /^MPICH Version:\s*([34]\.[\w.]+)/.exec(text)?.[1]
  if (mpich !== undefined) return { name: 'MPICH', version: mpich }
  const open = /^Open MPI v([45]\.[\w.]+)/.exec(text)?.[1]
  return open === undefined ? undefined : { name: 'Open MPI', version: open }
}

/**
 * Where libraries of MPI are looked for, the one of the launcher that has started this process first: another one would take every rank for
 * the only one.
 */
export const candidates = (env: Readonly<Record<string, string | undefined>>): readonly string[] => {
  const mpich = ['libmpich.so.12', 'libmpi.so.12', 'libmpich.dylib', 'libmpi.12.dylib']
  const open = ['libmpi.so.40', 'libmpi.40.dylib']
  if (env['OMPI_COMM_WORLD_SIZE'] !== undefined) return open
  if (env['PMI_SIZE'] !== undefined) return mpich
  return [...mpich, ...open]
}

/** How many ranks the launcher says there are; `undefined` without a launcher. */
export const ranksOf = (env: Readonly<Record<string, string | undefined>>): number | undefined => {
  const text = env['OMPI_COMM_WORLD_SIZE'] ?? env['PMI_SIZE']
  return text === undefined ? undefined : Number(text)
}

/** Stacks for calls into the library; what koffi gives is too little for MPICH. */
const STACKS = { async_stack_size: 2 << 20, sync_stack_size: 4 << 20 } as const

/**
 * What keeps UCX, which carries the bytes of some builds of MPICH, from watching over all memory of the process: for that it replaces functions of
 * the C library, after which memory of Node's own is gone, about once in forty runs. Whoever has set it is left alone.
 */
const UNWATCHED = { UCX_MEM_EVENTS: 'n' } as const

let isConfigured = false

/** Loads the first library that is there, and finds out which one it is. */
export const loadLibrary = (koffi: Koffi, paths: readonly string[]): MpiLibrary => {
  for (const [name, value] of Object.entries(UNWATCHED)) process.env[name] ??= value
  // Koffi takes its sizes once.
  if (!isConfigured) koffi.config(STACKS)
  isConfigured = true
  const found = firstOf(koffi, paths)
  if (found === undefined) {
    throw new CommunicationError(
      'unavailable',
      `mpi: there is no library of MPI, looked for ${paths.join(', ')}; install MPICH or Open MPI (on Debian and Ubuntu \`apt-get install mpich\` or \`openmpi-bin\`)`
    )
  }
  const { path, library } = found
  const text = versionOf(library)
  const kind = text === undefined ? undefined : kindOf(text)
  if (kind === undefined) {
    const what = text === undefined ? 'no library of MPI' : JSON.stringify(text.split('\n')[0]?.slice(0, 80))
    throw new CommunicationError('unavailable', `mpi: ${path} must be MPICH 3 or 4 or Open MPI 4 or 5, got ${what}`)
  }
  const isMpich = kind.name === 'MPICH'
  const call = Object.fromEntries(
    Object.entries(FUNCTIONS).map(([name, definition]) => [
      name,
      library.func(`int ${definition.replace(/\bH\b/g, isMpich ? 'int' : 'void *')}`)
    ])
  ) as unknown as MpiLibrary['call']
  const known = { name: `${kind.name} ${kind.version}`, call }
  if (isMpich) {
    const { world, errorsReturn, byte, sum, max, types } = MPICH
    return { ...known, world, errorsReturn, byte, types, ops: { sum, max }, statusIgnore: 1 }
  }
  const of = (symbol: string): Handle => library.symbol(`ompi_mpi_${symbol}`)
  return {
    ...known,
    world: of('comm_world'),
    errorsReturn: of('errors_return'),
    byte: of('byte'),
    types: Object.fromEntries(
      ELEMENT_TYPES.map((type) => [
        type,
        of(type === 'float32' ? 'float' : type === 'float64' ? 'double' : `${type}_t`)
      ])
    ) as Record<ElementType, Handle>,
    ops: { sum: of('op_sum'), max: of('op_max') },
    statusIgnore: 0
  }
}

const firstOf = (koffi: Koffi, paths: readonly string[]): { path: string; library: KoffiLibrary } | undefined => {
  for (const path of paths) {
    try {
      return { path, library: koffi.load(path) }
    } catch {
      // The next one, perhaps.
    }
  }
  return undefined
}

/** What a library says of itself; the call is there before all others are. */
const versionOf = (library: KoffiLibrary): string | undefined => {
  let call: Foreign
  try {
    call = library.func('int MPI_Get_library_version(void *, void *)')
  } catch {
    return undefined
  }
  const text = new Uint8Array(16_384)
  const length = new Int32Array(1)
  return call(text, length) === 0 ? new TextDecoder().decode(text.subarray(0, length[0])) : undefined
}
