// What we use of WebGPU. A `GPUDevice` of a browser, of Dawn for Node or of another library is one of these, whichever typings of
// WebGPU a program has, or none.

/** Memory of a device. */
export interface DeviceBuffer {
  readonly size: number
  readonly usage: number
  readonly mapState: string
  mapAsync(mode: number, offset?: number, size?: number): Promise<unknown>
  getMappedRange(offset?: number, size?: number): ArrayBuffer
  unmap(): unknown
  destroy(): unknown
}

/** A compiled shader with an entry point. */
export interface DevicePipeline {
  getBindGroupLayout(index: number): object
}

/** Launches that follow one another. */
export interface DevicePass {
  setPipeline(pipeline: object): unknown
  setBindGroup(index: number, group: object | null): unknown
  dispatchWorkgroups(x: number, y?: number, z?: number): unknown
  end(): unknown
}

/** What is to be done, in order. */
export interface DeviceEncoder {
  beginComputePass(): DevicePass
  copyBufferToBuffer(
    source: DeviceBuffer,
    sourceOffset: number,
    target: DeviceBuffer,
    targetOffset: number,
    size: number
  ): unknown
  finish(): object
}

/** What a device says of itself when it is lost. */
export interface DeviceLoss {
  readonly reason: string
  readonly message: string
}

/** A device that computes. */
export interface Device {
  readonly adapterInfo?: { readonly isFallbackAdapter?: boolean }
  readonly limits: {
    readonly maxStorageBuffersPerShaderStage: number
    readonly maxStorageBufferBindingSize: number
    readonly maxBufferSize: number
    readonly maxComputeWorkgroupsPerDimension: number
    readonly minStorageBufferOffsetAlignment: number
  }
  readonly lost: Promise<DeviceLoss>
  readonly queue: {
    writeBuffer(
      buffer: DeviceBuffer,
      offset: number,
      data: ArrayBufferView<ArrayBuffer>,
      dataOffset?: number,
      size?: number
    ): unknown
    submit(commands: Iterable<object>): unknown
    onSubmittedWorkDone(): Promise<unknown>
  }
  createBuffer(descriptor: object): DeviceBuffer
  createShaderModule(descriptor: object): object
  createBindGroup(descriptor: object): object
  createComputePipeline(descriptor: object): DevicePipeline
  createCommandEncoder(): DeviceEncoder
}
