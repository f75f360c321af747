/**
 * Looks at a page in a browser as people do: light, dark, on a phone, without scripts; points at it, and prints what was
 * there to see as JSON. `node look.mjs PAGE [FOLDER]`: pictures are kept in the folder.
 */
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import { launch } from './browser.mjs'

const WAYS = [
  { name: 'light', width: 1000, colorScheme: 'light', javaScriptEnabled: true },
  { name: 'dark', width: 1000, colorScheme: 'dark', javaScriptEnabled: true },
  { name: 'phone', width: 360, colorScheme: 'light', javaScriptEnabled: true },
  { name: 'no-script', width: 1000, colorScheme: 'light', javaScriptEnabled: false },
]

/** In the page: how many colours a picture has, and the share of the most frequent one. */
const countColours = async (picture) => {
  const image = new Image()
  image.src = `data:image/png;base64,${picture}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = image.width
  canvas.height = image.height
  const context = canvas.getContext('2d')
  context.drawImage(image, 0, 0)
  const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)
  const counts = new Map()
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  return { colours: counts.size, mostOfOne: Math.max(...counts.values()) / pixels.length }
}

const figuresOf = () =>
  Object.fromEntries(
    [...document.querySelectorAll('[data-figure]')].map(({ dataset }) => [dataset.figure, dataset.value]),
  )

/** What is told when a drawing is pointed at, and when it is walked through by key. */
const readings = async (page) => {
  const reading = page.locator('#reading')
  const depth = page.locator('#depth .area')
  if ((await depth.count()) === 0) return undefined
  const before = await reading.textContent()
  const box = await depth.boundingBox()
  await depth.hover({ position: { x: box.width * 0.6, y: box.height * 0.3 } })
  const pointed = await reading.textContent()
  const lines = await page.locator('.cross:visible').count()
  await page.mouse.move(0, 0)
  await page.locator('#price .area').focus()
  await page.keyboard.press('Home')
  await depth.dispatchEvent('pointerleave', { pointerType: 'mouse' })
  const first = await reading.textContent()
  await page.keyboard.press('ArrowRight')
  const second = await reading.textContent()
  await page.keyboard.press('Escape')
  return { before, pointed, lines, first, second, after: await reading.textContent() }
}

const lookAt = async (browser, blank, file, { name, width, ...options }, folder) => {
  const context = await browser.newContext({ viewport: { width, height: 800 }, ...options })
  const page = await context.newPage()
  const told = []
  const requests = []
  page.on('console', (message) => told.push(message.text()))
  page.on('pageerror', (error) => told.push(error.message))
  page.on('dialog', (dialog) => {
    told.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => requests.push(request.url()))
  const url = pathToFileURL(resolve(file)).href
  await page.goto(url)
  const drawings = {}
  for (const area of await page.locator('.area').all()) {
    const id = await area.evaluate((element) => element.closest('figure').id)
    const picture = (await area.screenshot()).toString('base64')
    drawings[id] = await blank.evaluate(countColours, picture)
  }
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
  const look = {
    name,
    told,
    requests: requests.filter((one) => one !== url && !one.startsWith('data:')),
    isTooWide: await page.evaluate(() => document.documentElement.scrollWidth > innerWidth),
    background: await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
    title: await page.title(),
    heading: await page.locator('h1').textContent(),
    figures: await page.evaluate(figuresOf),
    unnamed: await page.locator('svg[role=img]:not([aria-label])').count(),
    strangers: await page.locator('img, iframe, object, embed, link, a').count(),
    drawings,
    readings: options.javaScriptEnabled ? await readings(page) : undefined,
  }
  await context.close()
  return look
}

const [file = '', folder] = process.argv.slice(2)
const browser = await launch()
try {
  const blank = await (await browser.newContext()).newPage()
  const looks = []
  for (const way of WAYS) looks.push(await lookAt(browser, blank, file, way, folder))
  process.stdout.write(`${JSON.stringify(looks)}\n`)
} finally {
  await browser.close()
}
