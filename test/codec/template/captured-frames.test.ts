import { Buffer } from 'node:buffer'

import { describe, expect, it } from 'vitest'

import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import { captureNames, capturesFolder, readCapture } from '../../support/captures.ts'
import { renderedBytes, scanText } from '../../support/scanned-frames.ts'

const folder = capturesFolder()

describe('frames of real venues', () => {
  if (folder === undefined) {
    it.skip('are rendered to their exact bytes: no folder of captures, set BOOKREEL_CAPTURES')
    return
  }
  for (const name of captureNames(folder))
    it(`of ${name} are rendered to their exact bytes, all but bodies of odd shapes by their templates`, () => {
      const { lines } = readCapture(folder, name)
      const scanner = new FrameScanner()
      for (const { text, dir } of lines) {
        scanner.clear()
        if (!scanText(scanner, text)) {
          expect(dir).toBe('http')
          continue
        }
        const bytes = renderedBytes(scanner)
        if (bytes?.equals(Buffer.from(text)) !== true) expect(bytes?.toString()).toBe(text)
      }
      expect(scanner.verbatim).toBeLessThanOrEqual(1)
    })
})
