/** What a sealing thread is started with where it follows and seals the streams of several pairs. */
export const SHARED = 'shared'
