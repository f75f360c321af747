/** How a pair's process is told to keep its memory small: it holds a few large things, and gives most of them back soon. */

/** V8's. Young garbage of each thread is collected in small pieces, which also keeps its pauses short. */
export const MEMORY_FLAGS: readonly string[] = ['--max-semi-space-size=2']

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
