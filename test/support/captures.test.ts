/** The recorded feeds are read as their own description says. */
import { describe, expect, it } from 'vitest'

import { captureNames, capturesFolder, readCapture } from './captures.ts'

const folder = capturesFolder()

if (folder === undefined) it.skip('captures: no folder of recorded feeds here', () => undefined)
else
  describe('captures', () => {
    it.each(captureNames(folder))('%s holds what its description counts', (name) => {
      const { lines, meta } = readCapture(folder, name)
      expect(lines.length).toBeGreaterThanOrEqual(meta.frames.total)
      expect(lines[0]?.t).toBe(meta.firstTime)
      expect(lines.at(-1)?.t).toBe(meta.lastTime)
      expect(meta.symbols.length).toBeGreaterThan(0)
      expect(Object.keys(meta.expected.symbols).length).toBeGreaterThan(0)
    })
  })
