/**
 * Values by a number that grows by one with each new value, most of which are short-lived: kept in pages, because a hash
 * table whose entries come and go all the time is rebuilt all the time. A page lives as long as one of its values.
 */

const PAGE = 256

interface Page<Value> {
  readonly number: number
  readonly values: (Value | undefined)[]
  count: number
}

export class NumberedTable<Value> {
  private readonly pages = new Map<number, Page<Value>>()
  /** Looked at last. */
  private page: Page<Value> | undefined

  get(number: number): Value | undefined {
    return this.pageOf(number)?.values[number % PAGE]
  }

  /** The number must be new. */
  set(number: number, value: Value): void {
    let page = this.pageOf(number)
    if (page === undefined) {
      page = {
        number: Math.floor(number / PAGE),
        values: new Array<undefined>(PAGE).fill(undefined),
        count: 0,
      }
      this.pages.set(page.number, page)
      this.page = page
    }
    page.values[number % PAGE] = value
    page.count++
  }

  /** Nothing happens where there is none. */
  delete(number: number): void {
    const page = this.pageOf(number)
    if (page === undefined || page.values[number % PAGE] === undefined) return
    page.values[number % PAGE] = undefined
    if (--page.count > 0) return
    this.pages.delete(page.number)
    this.page = undefined
  }

  private pageOf(number: number): Page<Value> | undefined {
    const wanted = Math.floor(number / PAGE)
    if (this.page?.number === wanted) return this.page
    const page = this.pages.get(wanted)
    if (page !== undefined) this.page = page
    return page
  }
}
