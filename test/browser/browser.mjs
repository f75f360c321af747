/** The browser that stands in the package beside this file, unpacked into a folder of its own at the first call. */
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, 'node_modules')
const UNPACKED = join(FOLDER, '.browser')
const SYSTEM_LIBRARIES = '/usr/lib/x86_64-linux-gnu'

export const isInstalled = () => existsSync(join(FOLDER, 'playwright-core'))

/** Its libraries and fonts come with it, for machines that have none. */
const unpack = async () => {
  const folder = mkdtempSync(join(FOLDER, '.browser-'))
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs20.x'
  try {
    const { default: chromium } = await import('@sparticuz/chromium')
    await chromium.executablePath()
    // Another process may have been sooner; what is unpacked is the same.
    if (!existsSync(UNPACKED)) renameSync(folder, UNPACKED)
  } finally {
    rmSync(folder, { recursive: true, force: true })
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}

/** A running browser; the caller closes it. */
export const launch = async () => {
  if (!existsSync(UNPACKED)) await unpack()
  const { chromium } = await import('playwright-core')
  const libraries = [SYSTEM_LIBRARIES, join(UNPACKED, 'al2023', 'lib')].join(':')
  return await chromium.launch({
    executablePath: join(UNPACKED, 'chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
    env: { ...process.env, LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: join(UNPACKED, 'fonts') },
  })
}
