/** The wall clock in microseconds, the same in all processes: set when it goes on to its next millisecond. */
let began = Date.now()
for (const before = began; began === before;) began = Date.now()
const start = performance.now()

export const microsNow = (): number => Math.round((began + performance.now() - start) * 1000)
