export * from '@gradchain/core'
export * from '@gradchain/optimizers'
export * from '@gradchain/schedules'
export * from '@gradchain/transforms'
