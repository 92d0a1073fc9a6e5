import { InvalidOption, LazyValue, type NdArray, opaque, sum } from '@gradchain/core'
import { type Expr, nodeOf } from '@gradchain/core/engine'
import type { Device, DeviceBuffer, DevicePipeline } from '../device/types.js'
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE } from '../device/usage.js'
import { launchOf, roomFor } from '../shader/batch.js'
import type { Tie } from '../shader/joined.js'
import { memoryOf, type Place, Range, SCRATCH } from '../shader/launch.js'
import { type Givens, type Met, meet, numbersOf, takeApart } from './graph.js'
import { type DeviceFacts, planOf } from './plan.js'
import type { Assignment, Runner, Slot } from './runner.js'

/** A plan as a device has it. */
interface Prepared {
  readonly met: Met
  readonly numbers: DeviceBuffer
  readonly scratch: DeviceBuffer | null
  readonly tables: DeviceBuffer
  readonly constants: readonly Place[]
  readonly values: Float32Array<ArrayBuffer>
  /** Which numbers have to be the same. */
  readonly ties: readonly Tie[]
  /** The buffers of others that it works between. */
  readonly bound: ReadonlySet<unknown>
  readonly dispatches: readonly Dispatch[]
}

interface Dispatch {
  readonly pipeline: DevicePipeline
  readonly group: object
  readonly x: number
  readonly y: number
}

/** So many plans are kept; the one that was not used for longest goes first. */
const CAPACITY = 16

/** So many kernels are kept; the one that was not wanted for longest goes first. */
const MOST_PIPELINES = 512

const runners = new WeakMap<Device, Runner>()

/** The runner of a device, one for each. */
export const runnerOn = (device: Device): Runner => {
  const known = runners.get(device)
  if (known !== undefined) return known
  const made = createRunner(device)
  runners.set(device, made)
  return made
}

const createRunner = (device: Device): Runner => {
  const slots = new WeakMap<Expr, Slot>()
  const ids = new WeakMap<DeviceBuffer, number>()
  let buffers = 0
  const pipelines = new Map<string, DevicePipeline>()
  const plans: Prepared[] = []
  const recent = new WeakMap<readonly Assignment[], Prepared>()
  const gone = new WeakSet<DeviceBuffer>()
  let loss: string | null = null
  device.lost.then(({ reason, message }) => {
    loss = message === '' ? reason : message
  })

  const givens: Givens = {
    slotOf: (node) => slots.get(node),
    idOf: ({ buffer }) => {
      const known = ids.get(buffer)
      if (known !== undefined) return known
      ids.set(buffer, ++buffers)
      return buffers
    }
  }

  const refuseLoss = (): void => {
    if (loss !== null) throw new InvalidOption(`webgpu: the device was lost: ${loss}`)
  }

  const bufferOf = (size: number, usage: number): DeviceBuffer =>
    device.createBuffer({ size: Math.max(16, Math.ceil(size / 16) * 16), usage })

  const pipelineOf = (code: string): DevicePipeline => {
    const known = pipelines.get(code)
    pipelines.delete(code)
    const made = known ?? pipelineFor(code)
    pipelines.set(code, made)
    if (pipelines.size > MOST_PIPELINES) {
      const [oldest] = pipelines.keys()
      pipelines.delete(oldest as string)
    }
    return made
  }

  const pipelineFor = (code: string): DevicePipeline => {
    const module = device.createShaderModule({ code })
    return device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } })
  }

  const mostBound = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize)
  const facts: DeviceFacts = {
    isShared: device.adapterInfo?.isFallbackAdapter === false,
    // The table of what is to be done, and the numbers, have one each.
    mostBuffers: device.limits.maxStorageBuffersPerShaderStage - 2,
    mostBytes: mostBound
  }

  /** Refuses what a device has no room for, before it is asked. */
  const refuseTooLarge = (what: string, size: number): void => {
    const most = device.limits.maxBufferSize
    if (size <= most) return
    throw new InvalidOption(`webgpu: ${what} must be at most ${most} bytes on this device, got ${size}`)
  }

  /** How large a buffer may be that is bound as a whole as long as so many bytes of it may be. */
  const roomIn = (bytes: number): number => (bytes <= mostBound ? mostBound : device.limits.maxBufferSize)

  /** Plans a graph: where numbers of the host are the same, as if they were one, or not so. */
  const prepare = (assignments: readonly Assignment[], met: Met, takesTies: boolean): Prepared => {
    const values = new Float32Array(met.users.length)
    numbersOf(met, values)
    const plan = planOf(
      takeApart(assignments, met, givens),
      assignments.map(({ to }) => to),
      met.users.length,
      facts
    )
    refuseTooLarge('what is computed in between', plan.scratch)
    const room = roomFor(plan.numbers)
    const numbers = bufferOf(4 * room, STORAGE | COPY_DST | COPY_SRC)
    const scratch =
      plan.scratch === 0
        ? null
        : bufferOf(Math.min(scratchFor(plan.scratch), roomIn(plan.scratch)), STORAGE | COPY_DST | COPY_SRC)
    const bytesOf = (buffer: Place['buffer']): number =>
      buffer === SCRATCH ? (scratch as DeviceBuffer).size : buffer.size
    const launches = plan.batches.map((batch) =>
      launchOf(batch, { isShared: facts.isShared, bytesOf, numbers: room, values: takesTies ? values : null })
    )
    const alignment = device.limits.minStorageBufferOffsetAlignment / 4
    let words = 0
    const starts = launches.map(({ table }) => {
      const start = words
      words = Math.ceil((words + table.length) / alignment) * alignment
      return start
    })
    const tables = bufferOf(4 * words, STORAGE | COPY_DST)
    const all = new Uint32Array(words)
    launches.forEach(({ table }, i) => all.set(table, starts[i] as number))
    device.queue.writeBuffer(tables, 0, all)
    const most = device.limits.maxComputeWorkgroupsPerDimension
    const dispatches = launches.map(({ code, buffers: bound, usesNumbers, table, groups }, i): Dispatch => {
      const pipeline = pipelineOf(code)
      const own = bound.map((buffer) => {
        const memory = memoryOf(buffer)
        const own = memory === SCRATCH ? scratch : memory
        return buffer instanceof Range ? { buffer: own, offset: buffer.offset, size: buffer.size } : { buffer: own }
      })
      const group = device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [
          { binding: 0, resource: { buffer: tables, offset: 4 * (starts[i] as number), size: 4 * table.length } },
          ...(usesNumbers ? [{ binding: 1, resource: { buffer: numbers } }] : []),
          ...own.map((resource, k) => ({ binding: 2 + k, resource }))
        ]
      })
      const y = Math.ceil(groups / most)
      return { pipeline, group, x: Math.ceil(groups / y), y }
    })
    const { constants } = plan
    return {
      met,
      numbers,
      scratch,
      tables,
      constants,
      values,
      ties: launches.flatMap(({ ties }) => ties),
      bound: new Set(launches.flatMap((x) => x.buffers.map(memoryOf))),
      dispatches
    }
  }

  const letGo = ({ numbers, scratch, tables }: Prepared): void => {
    gone.add(tables)
    numbers.destroy()
    scratch?.destroy()
    tables.destroy()
  }

  /** Puts a plan last, the one that goes last. */
  const keep = (plan: Prepared): void => {
    const at = plans.findIndex(({ tables }) => tables === plan.tables)
    if (at >= 0 && at === plans.length - 1) {
      plans[at] = plan
      return
    }
    if (at >= 0) plans.splice(at, 1)
    plans.push(plan)
    if (plans.length > CAPACITY) letGo(plans.shift() as Prepared)
  }

  const find = (assignments: readonly Assignment[]): Prepared => {
    const last = recent.get(assignments)
    if (last !== undefined && !gone.has(last.tables)) {
      keep(last)
      return last
    }
    for (const { node, to } of assignments) refuseMisfit(node, to)
    const met = meet(assignments, givens)
    const found = plans.find((plan) => isSameList(plan.met.signature, met.signature))
    const prepared = found === undefined ? prepare(assignments, met, true) : { ...found, met }
    keep(prepared)
    recent.set(assignments, prepared)
    return prepared
  }

  /** The plan of a graph, with the numbers that it has now. */
  const withNumbers = (assignments: readonly Assignment[]): Prepared => {
    const plan = find(assignments)
    const { met, values, ties } = plan
    numbersOf(met, values)
    if (ties.every(([i, j]) => Object.is(values[i], values[j]))) return plan
    // They were the same by chance, or for some steps.
    const apart = prepare(assignments, met, false)
    plans.splice(plans.indexOf(plan), 1)
    letGo(plan)
    keep(apart)
    recent.set(assignments, apart)
    return apart
  }

  const enqueue = (assignments: readonly Assignment[]): void => {
    refuseLoss()
    if (assignments.length === 0) return
    const { met, numbers, scratch, constants, values, dispatches } = withNumbers(assignments)
    if (values.length > 0) device.queue.writeBuffer(numbers, 0, values)
    // An array of a slot that someone read meanwhile lies where it lay.
    const brought = met.constants.filter((x) => !slots.has(x))
    brought.forEach((x, i) => {
      const place = constants[i]
      if (place !== undefined && scratch !== null) write(scratch, place.offset, x.data as NdArray['data'])
    })
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    for (const { pipeline, group, x, y } of dispatches) {
      pass.setPipeline(pipeline)
      pass.setBindGroup(0, group)
      pass.dispatchWorkgroups(x, y)
    }
    pass.end()
    device.queue.submit([encoder.finish()])
  }

  const write = (buffer: DeviceBuffer, offset: number, data: NdArray['data']): void => {
    const bytes = new Uint8Array(Math.ceil(data.byteLength / 4) * 4)
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    device.queue.writeBuffer(buffer, offset, bytes)
  }

  const read = async (wanted: readonly Slot[]): Promise<readonly NdArray['data'][]> => {
    refuseLoss()
    // Together they may be more than a buffer takes.
    const sizes = [0]
    const places = wanted.map(({ length, dtype }) => {
      const bytes = Math.ceil((length * (dtype === 'float32' ? 4 : 2)) / 4) * 4
      if ((sizes.at(-1) as number) + bytes > device.limits.maxBufferSize) sizes.push(0)
      const at = sizes.length - 1
      const start = sizes[at] as number
      sizes[at] = start + bytes
      return { at, start, bytes }
    })
    const stagings = sizes.map((size) => device.createBuffer({ size: Math.max(4, size), usage: MAP_READ | COPY_DST }))
    const encoder = device.createCommandEncoder()
    wanted.forEach(({ buffer, offset }, i) => {
      const { at, bytes, start } = places[i] as (typeof places)[number]
      if (bytes > 0) encoder.copyBufferToBuffer(buffer, offset, stagings[at] as DeviceBuffer, start, bytes)
    })
    device.queue.submit([encoder.finish()])
    try {
      await Promise.all(stagings.map((staging) => staging.mapAsync(1)))
    } catch (error) {
      // Nobody else ends it: the device is lost, and about to say so.
      if (error instanceof Error && error.name === 'AbortError') await device.lost
      refuseLoss()
      throw error
    }
    refuseLoss()
    const mapped = stagings.map((staging) => staging.getMappedRange())
    const read = wanted.map(({ length, dtype }, i) => {
      const { at, start } = places[i] as (typeof places)[number]
      const bytes = mapped[at] as ArrayBuffer
      return dtype === 'float32'
        ? new Float32Array(bytes, start, length).slice()
        : new Uint16Array(bytes, start, length).slice()
    })
    for (const staging of stagings) staging.destroy()
    return read
  }

  return {
    leaf: (slot, shape) => {
      const node = opaque(onlyThere, [], { dtype: slot.dtype, shape })
      slots.set(node, slot)
      return node
    },
    number: (slot) => {
      const node = opaque(onlyThere, [], { dtype: slot.dtype, shape: [1] })
      slots.set(node, slot)
      return sum(node) as Expr
    },
    enqueue,
    read,
    forget: (buffers) => {
      const theirs = plans.filter(({ bound }) => buffers.some((buffer) => bound.has(buffer)))
      for (const plan of theirs) {
        plans.splice(plans.indexOf(plan), 1)
        letGo(plan)
      }
    },
    dispose: () => {
      plans.splice(0).forEach(letGo)
      runners.delete(device)
    }
  }
}

/** Room for what is computed in between: as much for many sizes, so that kernels are the same. */
const scratchFor = (bytes: number): number =>
  bytes <= MEBIBYTE ? roomFor(bytes) : Math.ceil(bytes / MEBIBYTE) * MEBIBYTE

const MEBIBYTE = 2 ** 20

const onlyThere = (): never => {
  throw new LazyValue('webgpu: an array lies on the device: what it holds is not known here')
}

const refuseMisfit = (node: Expr, { dtype, length }: Slot): void => {
  const { dtype: own, shape } = nodeOf(node)
  const size = shape.reduce((product, n) => product * n, 1)
  const wanted = own === 'number' || own === 'float64' ? 'float32' : own
  if (wanted !== dtype || size !== length) {
    throw new InvalidOption(`webgpu: the slot must be of ${size} ${wanted}, got one of ${length} ${dtype}`)
  }
}

const isSameList = (a: readonly number[], b: readonly number[]): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false
  return true
}
