import {
  type AnyGradientTransformation,
  cast,
  InvalidOption,
  InvalidState,
  InvalidTree,
  type NdArray,
  shapeOf,
  type Tree
} from '@gradchain/core'
import {
  type Assignment,
  type DeviceMemory,
  Expr,
  type InPlace,
  inPlace,
  NeedsHost,
  type Planned,
  type Taken
} from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import type { DeviceBuffer } from '../device/types.js'
import { COPY_DST, COPY_SRC, STORAGE } from '../device/usage.js'
import type { Runner, Slot, Assignment as SlotAssignment } from '../internal/runner.js'
import { runnerOn } from '../internal/runnerOn.js'
import { DeviceArray } from './deviceArray.js'
import { slotOf, withBuffers } from './givenBuffers.js'
import { bytesOf, layOut } from './layout.js'
import { numberPlaces } from './numbers.js'
import type { BufferRange, GpuDevice } from './types.js'
import { upload } from './upload.js'

/** So many buffers are taken as they are for one gradient; where there are ever new ones, they are copied to one that stays. */
const MOST_BUFFERS = 4

/** So many places are kept for each gradient that is set aside. */
const MOST_FREE = 2

const USAGE = STORAGE | COPY_SRC | COPY_DST

type Value = NdArray['data'] | number
interface Snapshot {
  readonly params: unknown
  readonly state: unknown
}

/** What steps are made with, until the run is disposed. */
interface Inside {
  readonly steps: InPlace
  readonly buffers: DeviceBuffer[]
  readonly views: { readonly params: Tree; grads: Tree }
  /** Whether there are numbers among the gradients. */
  readonly hasNumbers: boolean
}

/** Params, gradients and state on a device, and the steps that are made there: the inside of `gpuTransient`. */
export class GpuRun {
  /** What was read last; `null` before the first snapshot. It stays when the device is lost and when the run is disposed. */
  last: Snapshot | null = null
  readonly #device: GpuDevice
  readonly #runner: Runner
  readonly #slots = new WeakMap<Expr, Slot>()
  readonly #assigned = new WeakMap<readonly Assignment[], readonly SlotAssignment[]>()
  /** The nodes of buffers that were given as gradients, and which were given in the place of each. */
  readonly #given = new WeakMap<DeviceBuffer, Map<string, Expr>>()
  readonly #seen = new Map<Expr, { readonly buffers: WeakSet<DeviceBuffer>; count: number }>()
  /** Places for gradients that are set aside, of which no step has need. */
  readonly #free = new Map<Expr, Expr[]>()
  /** The place of the first gradient of a step that is someone else's buffer. */
  #foreign: string | null = null
  #inside: Inside | null
  #failure: Error | null = null
  #end: Promise<void> = Promise.resolve()

  constructor(
    optimizer: AnyGradientTransformation,
    params: unknown,
    device: GpuDevice,
    state: unknown,
    allowReadback: boolean
  ) {
    const { dispose } = Symbol as { readonly dispose?: symbol }
    if (dispose !== undefined) Object.defineProperty(this, dispose, { value: this.dispose })
    this.#device = device
    this.#runner = runnerOn(device)
    const buffers: DeviceBuffer[] = []
    const nextNumber = numberPlaces(device, buffers)
    const memory: DeviceMemory = {
      place: (arrays) => {
        let slots: readonly Slot[] = []
        const noRoom = (message: string): Error =>
          new InvalidOption(`gpuTransient: the device has no room for ${bytesIn(buffers)} bytes: ${message}`)
        this.#scoped(
          'out-of-memory',
          () => {
            const layout = layOut('gpuTransient', device, arrays)
            buffers.push(...layout.buffers)
            slots = layout.slots
          },
          noRoom
        )
        upload(
          device,
          arrays.flatMap(({ data }, i) => (data === null ? [] : [{ to: slots[i] as Slot, data }]))
        )
        return arrays.map(({ shape }, i) => this.#leaf(slots[i] as Slot, shape))
      },
      number: () => {
        const slot = nextNumber()
        const node = this.#runner.number(slot)
        this.#slots.set(node, slot)
        // It is the sum of an array of one, which is there, too.
        if (node.a instanceof Expr) this.#slots.set(node.a, slot)
        return node
      },
      isPlaced: (node) => this.#slots.has(node)
    }
    const steps = inPlace('gpuTransient', optimizer, params, memory, { state, allowReadback })
    const views = {
      params: tree.map(this.#viewOf, steps.params as Tree),
      grads: tree.map(this.#viewOf, steps.grads as Tree)
    }
    const hasNumbers = tree.leaves(views.grads).some((leaf) => typeof leaf === 'number')
    this.#inside = { steps, buffers, views: views as Inside['views'], hasNumbers }
    void device.lost.then(({ reason, message }) => {
      this.#failure ??= new InvalidState(
        `step: the device was lost (${message === '' ? reason : message}); \`last\` is what was read last`
      )
    })
  }

  get readsBack(): boolean {
    return this.#whole('readsBack').steps.readsBack
  }

  get params(): unknown {
    const { steps, views } = this.#whole('params')
    return tree.leaves(steps.params).some((leaf) => typeof leaf === 'number')
      ? tree.map(this.#viewOf, steps.params as Tree)
      : views.params
  }

  get grads(): unknown {
    return this.#whole('grads').views.grads
  }

  get bytes(): number {
    return bytesIn(this.#whole('bytes').buffers)
  }

  step = (grads?: unknown, extra?: unknown): void => {
    const inside = this.#working('step')
    this.#foreign = null
    if (inside.steps.readsBack) {
      this.#stepLater(inside, grads, extra)
      return
    }
    const copies: Copy[] = []
    const taken = this.#taken(inside, grads, () => this.#buffersTaken(inside, grads, copies))
    const planned = inside.steps.plan(taken, extra)
    this.#keepNumbers(inside, taken)
    this.#watched(!this.#assigned.has(planned.assignments), () => {
      this.#write(taken)
      this.#copy(copies)
      this.#perform(planned)
    })
  }

  ready = async (): Promise<void> => {
    await this.#end
    if (this.#inside !== null) await this.#device.queue.onSubmittedWorkDone()
    if (this.#failure !== null) throw this.#failure
  }

  snapshot = async (): Promise<Snapshot> => {
    const inside = this.#working('snapshot')
    return this.#after(inside, async () => {
      const { nodes, toTrees } = inside.steps.hold()
      const read = await this.#runner.read(nodes.map(this.#slotOf)).catch((error: unknown) => {
        throw this.#failure ?? error
      })
      // What went wrong meanwhile went wrong with what was read, too.
      if (this.#failure !== null) throw this.#failure
      this.last = toTrees(nodes.map((node, i) => valueOf(node, read[i] as NdArray['data'])))
      return this.last
    })
  }

  setState = (state: unknown): void => {
    const inside = this.#working('setState')
    const planned = inside.steps.planState(state)
    const uploads = inside.steps.readsBack
      ? planned.uploads.map(({ to, data }) => ({ to, data: data.slice() }))
      : planned.uploads
    const goOn = (): void => {
      this.#write({ uploads })
      planned.commit()
    }
    if (!inside.steps.readsBack) goOn()
    else void this.#after(inside, async () => goOn())
  }

  dispose = (): void => {
    const inside = this.#inside
    if (inside === null) return
    this.#inside = null
    const destroy = (): void => {
      this.#runner.forget(inside.buffers)
      destroyAll(inside.buffers)
    }
    if (inside.steps.readsBack) void this.#end.then(destroy)
    else destroy()
  }

  /** Does something at once, or after the steps that are still to be made. */
  #after<T>({ steps }: Inside, run: () => Promise<T>): Promise<T> {
    if (!steps.readsBack) return run()
    const done = this.#end.then(() => {
      if (this.#failure !== null) throw this.#failure
      return run()
    })
    this.#end = done.then(nothing, nothing)
    return done
  }

  /** A step in whose middle values are read: its gradients are set aside now, as they may be others when its turn comes. */
  #stepLater(inside: Inside, grads: unknown, extra: unknown): void {
    const taken: Aside[] = []
    try {
      this.#setAside(inside, grads, extra, taken)
    } catch (error) {
      this.#giveBack(inside, taken)
      throw error
    }
  }

  #setAside(inside: Inside, grads: unknown, extra: unknown, asides: Aside[]): void {
    const { steps } = inside
    const aside = (from: BufferRange, like: Expr): Expr => {
      // The same places where they are free again: what was planned for them holds.
      const known = this.#free.get(like)?.pop()
      const node = known ?? this.#leaf(this.#temporary(like, inside.buffers), shapeOf(like))
      asides.push({ like, node })
      this.#watched(false, () => this.#copy([{ from, to: this.#slotOf(node) }]))
      return node
    }
    const first = this.#taken(
      inside,
      grads,
      () =>
        withBuffers(grads, steps.grads as Tree, (range, like, place) => {
          if ((range.buffer.usage & COPY_SRC) !== 0) return aside(this.#checkedSlot(range, like, place), like)
          throw new InvalidTree(`${place} must be a buffer of the usage COPY_SRC, as these steps are made later`)
        }) ?? (grads as Tree)
    )
    // What arrays hold is in the places of the gradients from now on, for this step and for others.
    this.#write(first)
    this.#keepNumbers(inside, first)
    const places = new Set<unknown>(tree.leaves(steps.grads as Tree))
    const given = tree.map(
      (leaf) => (leaf instanceof Expr && places.has(leaf) ? aside(this.#slotOf(leaf), leaf) : leaf),
      first.given as Tree
    )
    const taken = { ...steps.take(given as Tree, []), touched: first.touched }
    const stepNow = async (): Promise<void> => {
      const answers: (readonly Value[])[] = []
      const planned = await this.#answered(answers, () => steps.plan(taken, extra, answers))
      this.#watched(true, () => this.#perform(planned))
    }
    const done = this.#after(inside, stepNow).catch((error: unknown) => {
      this.#failure ??= error instanceof Error ? error : new InvalidState(`step: ${String(error)}`)
    })
    void done.then(() => this.#giveBack(inside, asides))
  }

  /** Places for gradients that were set aside are there for others. */
  #giveBack({ buffers }: Inside, asides: readonly Aside[]): void {
    for (const { like, node } of asides) {
      const free = this.#free.get(like) ?? []
      this.#free.set(like, free)
      if (free.push(node) <= MOST_FREE) continue
      // Many steps were made at once.
      const { buffer } = this.#slotOf(free.pop() as Expr)
      buffers.splice(buffers.indexOf(buffer), 1)
      this.#runner.forget([buffer])
      buffer.destroy()
    }
  }

  async #answered(answers: (readonly Value[])[], plan: () => Planned): Promise<Planned> {
    for (;;) {
      try {
        return plan()
      } catch (error) {
        if (!(error instanceof NeedsHost)) throw error
        answers.push(await this.#valuesOf(error.roots))
      }
    }
  }

  /** What nodes come to. */
  async #valuesOf(nodes: readonly Expr[]): Promise<readonly Value[]> {
    const temporary: DeviceBuffer[] = []
    try {
      const slots = nodes.map((node) => this.#temporary(node, temporary))
      this.#runner.enqueue(nodes.map((node, i) => ({ node: inFloat32(node), to: slots[i] as Slot })))
      const read = await this.#runner.read(slots)
      return nodes.map((node, i) => valueOf(node, read[i] as NdArray['data']))
    } finally {
      destroyAll(temporary)
    }
  }

  #temporary(like: Expr, temporary: DeviceBuffer[]): Slot {
    const { dtype } = like
    const form = like.isScalar
      ? ({ dtype: 'float32', length: 1 } as const)
      : { dtype: dtype === 'float64' ? 'float32' : dtype, length: like.size }
    const size = Math.max(16, Math.ceil(bytesOf(form) / 16) * 16)
    const buffer = this.#device.createBuffer({ size, usage: USAGE })
    temporary.push(buffer)
    return { buffer, offset: 0, ...form }
  }

  #perform({ assignments, commit }: Planned): void {
    let slots = this.#assigned.get(assignments)
    if (slots === undefined) {
      slots = assignments.map(({ node, to }) => ({ node, to: this.#slotOf(to) }))
      this.#assigned.set(assignments, slots)
    }
    this.#runner.enqueue(slots)
    commit()
  }

  #write({ uploads }: Pick<Taken, 'uploads'>): void {
    upload(
      this.#device,
      uploads.map(({ to, data }) => ({ to: this.#slotOf(to), data }))
    )
  }

  #copy(copies: readonly Copy[]): void {
    if (copies.length === 0) return
    const encoder = this.#device.createCommandEncoder()
    for (const { from, to } of copies) {
      const bytes = Math.ceil(bytesOf(to) / 4) * 4
      if (bytes > 0) encoder.copyBufferToBuffer(from.buffer, from.offset ?? 0, to.buffer, to.offset, bytes)
    }
    this.#device.queue.submit([encoder.finish()])
  }

  /** Gradients whose buffers are nodes. */
  #buffersTaken({ steps }: Inside, grads: unknown, copies: Copy[]): Tree | undefined {
    if (grads === undefined) return undefined
    const take = (range: BufferRange, like: Expr, place: string): Expr => {
      const slot = this.#checkedSlot(range, like, place)
      const seen = this.#seen.get(like) ?? { buffers: new WeakSet(), count: 0 }
      this.#seen.set(like, seen)
      if (!seen.buffers.has(slot.buffer)) {
        const own = this.#slotOf(like)
        if (seen.count === MOST_BUFFERS && (slot.buffer.usage & COPY_SRC) !== 0 && slot.buffer !== own.buffer) {
          copies.push({ from: slot, to: own })
          return like
        }
        seen.buffers.add(slot.buffer)
        seen.count += 1
      }
      const known = this.#given.get(slot.buffer) ?? new Map<string, Expr>()
      this.#given.set(slot.buffer, known)
      const key = `${slot.offset} ${slot.dtype} ${shapeOf(like).join()}`
      const node = known.get(key) ?? this.#leaf(slot, shapeOf(like))
      known.set(key, node)
      return node
    }
    return withBuffers(grads, steps.grads as Tree, take) ?? (grads as Tree)
  }

  #checkedSlot(range: BufferRange, like: Expr, place: string): Slot {
    const slot = slotOf(range, this.#slotOf(like), place)
    this.#foreign ??= place
    return slot
  }

  /**
   * Does something against which the device may have something that it alone can tell, later: a buffer of someone else may be
   * another device's, or destroyed, and what was not computed before may be refused.
   */
  #watched(isNew: boolean, run: () => void): void {
    const place = this.#foreign
    this.#foreign = null
    if (place === null && !isNew) {
      run()
      return
    }
    const flaw =
      place === null ? 'step: the device refuses' : `${place} must be a buffer of this device that was not destroyed`
    this.#scoped('validation', run, (message) => new InvalidTree(`${flaw}: ${message}`))
  }

  #scoped(filter: 'validation' | 'out-of-memory', run: () => void, failureOf: (message: string) => Error): void {
    this.#device.pushErrorScope(filter)
    try {
      run()
    } finally {
      void this.#device.popErrorScope().then((error) => {
        if (error !== null) this.#failure ??= failureOf(error.message)
      }, nothing)
    }
  }

  #leaf(slot: Slot, shape: readonly number[]): Expr {
    const node = this.#runner.leaf(slot, shape)
    this.#slots.set(node, slot)
    return node
  }

  readonly #slotOf = (node: Expr): Slot => this.#slots.get(node) as Slot

  readonly #viewOf = (leaf: unknown): unknown => {
    if (!(leaf instanceof Expr)) return leaf
    return new DeviceArray(this.#slotOf(leaf), leaf.isScalar ? [] : shapeOf(leaf))
  }

  #numbers(inside: Inside): readonly number[] {
    if (!inside.hasNumbers) return []
    const numbers: number[] = []
    tree.mapWithPath(
      (path: string, own: unknown, written: unknown) => {
        if (own instanceof Expr) return 0
        if (typeof written !== 'number') throw new InvalidTree(`step: grads${path} must be a number`)
        return numbers.push(written)
      },
      inside.steps.grads as Tree,
      inside.views.grads
    )
    return numbers
  }

  /** Gradients as they are taken: those that were given, or those that were written. */
  #taken(inside: Inside, grads: unknown, given: () => Tree | undefined): Taken {
    return grads === undefined ? inside.steps.take(undefined, this.#numbers(inside)) : inside.steps.take(given(), [])
  }

  /** Numbers that a step was given stay, as arrays do. */
  #keepNumbers({ hasNumbers, steps, views }: Inside, { given }: Taken): void {
    if (!hasNumbers) return
    const pending: [own: Fields, places: Fields, given: Fields][] = [[views, { grads: steps.grads }, { grads: given }]]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [own, places, values] = next
      for (const [key, value] of Object.entries(values)) {
        const place = places[key]
        if (value === null) continue
        if (typeof place === 'number') own[key] = value
        else if (!(place instanceof Expr)) {
          pending.push([own[key] as Fields, place as Fields, value as Fields])
        }
      }
    }
  }

  #whole(owner: string): Inside {
    if (this.#inside === null) throw new InvalidState(`${owner}: this run was disposed`)
    return this.#inside
  }

  #working(owner: string): Inside {
    const inside = this.#whole(owner)
    if (this.#failure !== null) throw this.#failure
    return inside
  }
}

type Fields = Record<string, unknown>

/** A node of a place for a gradient like another one. */
interface Aside {
  readonly like: Expr
  readonly node: Expr
}

interface Copy {
  readonly from: BufferRange
  readonly to: Slot
}

const bytesIn = (buffers: readonly DeviceBuffer[]): number => buffers.reduce((sum, { size }) => sum + size, 0)

const destroyAll = (buffers: readonly DeviceBuffer[]): void => {
  for (const buffer of buffers) buffer.destroy()
}

const nothing = (): void => {}

/** What is computed in float32, as devices have no float64. */
const inFloat32 = (node: Expr): Expr =>
  !node.isScalar && node.dtype === 'float64' ? (cast(node, 'float32') as Expr) : node

const valueOf = (node: Expr, data: NdArray['data']): Value => {
  if (node.isScalar) return data[0] as number
  return node.dtype === 'float64' ? Float64Array.from(data) : data
}
