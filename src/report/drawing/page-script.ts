/** What a report does when it is pointed at: a line at one time through all drawings, and its figures. It works without. */
import { COLUMNS_PER_MARK } from '../collecting/trade-columns.ts'

export const PAGE_SCRIPT = `
'use strict'
;(() => {
  const data = JSON.parse(document.getElementById('figures').textContent)
  const reading = document.getElementById('reading')
  const areas = [...document.querySelectorAll('[data-time]')]
  const lines = areas.map((area) => {
    const line = document.createElement('div')
    line.className = 'cross'
    line.hidden = true
    area.append(line)
    return line
  })
  const codes = data.depth && Uint8Array.from(atob(data.depth.codes), (byte) => byte.charCodeAt(0))
  const known = (value) => value !== null && value !== undefined
  const figure = (value, unit) => (known(value) ? value + ' ' + unit : '–')
  const timeOf = (column) => {
    const micros = data.start + column * data.width
    const second = Math.floor(micros / 1e6)
    const whole = new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ')
    return whole + '.' + String(micros - second * 1e6).padStart(6, '0').slice(0, data.digits) + ' UTC'
  }
  const restingAt = (column, share) => {
    const { rows, low, step, least, most, places } = data.depth
    const row = Math.min(rows - 1, Math.max(0, Math.floor(share * rows)))
    const code = codes[row * data.count + column]
    const from = (low + (rows - 1 - row) * step).toFixed(places)
    const size = code === 0 ? 'not known' : code === 1 ? 'nothing' : (least * (most / least) ** ((code - 2) / 253)).toPrecision(2) * 1 + ' ' + data.base
    return 'from ' + from + ' ' + data.quote + ': ' + (code > 1 ? 'about ' : '') + size
  }
  let at = -1
  let isByKey = false
  const show = (column, share) => {
    at = Math.min(data.count - 1, Math.max(0, column))
    for (const line of lines) {
      line.hidden = false
      line.style.left = ((at + 0.5) / data.count) * 100 + '%'
    }
    const mark = Math.floor(at / ${String(COLUMNS_PER_MARK)})
    const told = [timeOf(at)]
    if (data.usable[at] > 0) {
      told.push('bid ' + figure(data.bid[at], data.quote), 'ask ' + figure(data.ask[at], data.quote))
      told.push('spread ' + figure(data.spread[at], data.quote))
    } else told.push('no usable book')
    told.push('bought ' + (data.bought[mark] || 0) + ', sold ' + (data.sold[mark] || 0) + ' ' + data.base)
    told.push('usable ' + Math.round(data.usable[at] * 100) + ' %, proved ' + Math.round(data.proved[at] * 100) + ' %')
    if (codes && share !== undefined) told.push(restingAt(at, share))
    reading.textContent = told.join('  ·  ')
  }
  const hide = () => {
    for (const line of lines) line.hidden = true
    reading.textContent = ''
  }
  areas.forEach((area) => {
    const point = (event) => {
      const box = area.getBoundingClientRect()
      const isDepth = area.closest('#depth') !== null
      isByKey = false
      show(
        Math.floor(((event.clientX - box.left) / box.width) * data.count),
        isDepth ? (event.clientY - box.top) / box.height : undefined,
      )
    }
    area.addEventListener('pointermove', point)
    area.addEventListener('pointerdown', point)
    area.addEventListener('pointerleave', (event) => {
      if (event.pointerType === 'mouse' && !isByKey) hide()
    })
    area.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -24, PageDown: 24, Home: -data.count, End: data.count }[event.key]
      if (event.key === 'Escape') hide()
      if (step === undefined) return
      event.preventDefault()
      // The page may scroll away from under a mouse that rests.
      isByKey = true
      show(at < 0 ? (step < 0 ? data.count - 1 : 0) : at + step)
    })
  })
})()
`
