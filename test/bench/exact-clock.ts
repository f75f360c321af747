/** The wall clock in microseconds, the same in all processes: set as the recorder's is. */
import { anchorAtTick, Clock } from '../../src/recorder/clock.ts'

const clock = new Clock(anchorAtTick())

export const microsNow = (): number => clock.now()
