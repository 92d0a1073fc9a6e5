/**
 * A result that is under way between ranks. It may be waited for in either way, or in both, as often as one likes; whoever waits for none of a series
 * of results but the last has waited for all of them.
 */
export interface Pending<T> {
  /**
   * The result; the thread stands still until it is there. For the inside of a chain, which cannot await.
   *
   * @throws CommunicationError when a rank does not come within the time limit, has ended, or disagrees.
   */
  readonly wait: () => T
  /** The result, awaited: meanwhile this thread does other work. It fails as {@link Pending.wait} does. */
  readonly promise: () => Promise<T>
}
