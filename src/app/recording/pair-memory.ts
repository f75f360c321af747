/** How a pair's process is told to keep its memory small: it holds a few large things, and gives most of them back soon. */

/**
 * V8's. Each thread collects its own garbage: helpers would cost processor time, and take it from the thread that stamps
 * however low the one that made the garbage stands. Young garbage in small pieces, which also keeps pauses short.
 */
export const PAIR_FLAGS: readonly string[] = ['--single-threaded-gc', '--max-semi-space-size=2']

/**
 * Of the C library of most Linux systems; elsewhere they mean nothing. Large pieces go back to the system as soon as they
 * are free, and threads share what is left of small ones.
 */
const ALLOCATION = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '262144',
  MALLOC_TRIM_THRESHOLD_: '262144',
}

/** The environment of a pair's process. What was set by whoever runs the recorder stays. */
export const pairEnvironment = (own: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ ...ALLOCATION, ...own })
