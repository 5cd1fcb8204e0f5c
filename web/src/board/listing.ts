// The order in which rows are shown. It follows the order of attention, but nothing moves under the hand:
// while focus or pointer is in the list, new and re-ranked rows wait until they are taken in.
import type { Changed, Store } from '../hub/store'
import { matches, parse } from './query'
import { Ranking } from './ranking'

export interface Counts {
  open: number
  late: number
  none: number
  states: Map<string, number>
}

export class Listing {
  /** Ids in the order shown. */
  rows: string[] = []
  /** How many of the rows shown, from the top, are exceptions. */
  exceptions = 0
  /** Tickets that wait to be taken in. */
  fresh = 0
  /** Whether only the order has changed. */
  moved = false
  counts: Counts = { open: 0, late: 0, none: 0, states: new Map() }
  private readonly held = new Set<string>()
  private readonly ranking: Ranking
  private dirty = true

  constructor(private readonly store: Store) {
    this.ranking = new Ranking(store)
  }

  /** Holds the order while a hand is in the list. */
  hold(who: string, on: boolean): void {
    if (on) this.held.add(who)
    else if (this.held.delete(who)) this.dirty = true
  }

  /** Takes note of changes. While a snapshot comes in, each of its pages is ranked as it comes. */
  touch(changed: Changed, now: number): void {
    this.ranking.touch(changed)
    if (this.store.swapping) this.dirty = this.ranking.update(now) || this.dirty
  }

  /** That nobody can take a ticket has become known, or that somebody can. */
  touchOne(id: string): void {
    this.ranking.touchOne(id)
  }

  /** Counts and, unless held, orders anew, if anything has changed or has become late. */
  refresh(query: string, now: number): void {
    if (this.store.swapping || (!this.ranking.update(now) && !this.dirty)) return
    const next = this.next(query, now)
    if (this.held.size === 0 || this.rows.length === 0) {
      this.show(next)
      return
    }
    const shownNow = new Set(this.rows)
    this.fresh = next.rows.filter((id) => !shownNow.has(id)).length
    this.moved = this.fresh === 0 && !sameOrder(this.rows, next.rows)
    // A row whose ticket is gone from memory has nothing to show any more.
    if (this.rows.some((id) => !this.store.tickets.has(id))) this.rows = this.rows.filter((id) => this.store.tickets.has(id))
  }

  /** Takes in what waits, whatever holds the order. */
  takeIn(query: string, now: number): void {
    this.show(this.next(query, now))
  }

  /** The row after one, in the order shown; the row before it at the end. */
  after(id: string): string | undefined {
    const at = this.rows.indexOf(id)
    return this.rows[at + 1] ?? this.rows[at - 1]
  }

  private show(next: { rows: string[]; exceptions: number }): void {
    this.rows = next.rows
    this.exceptions = next.exceptions
    this.fresh = 0
    this.moved = false
  }

  private next(query: string, now: number): { rows: string[]; exceptions: number } {
    this.ranking.update(now)
    this.dirty = false
    const q = parse(query)
    const counts: Counts = { open: 0, late: 0, none: 0, states: new Map() }
    const rows: string[] = []
    let exceptions = 0
    for (const r of this.ranking.rows) {
      counts.open++
      if (r.late) counts.late++
      if (r.none) counts.none++
      counts.states.set(r.state, (counts.states.get(r.state) ?? 0) + 1)
      if (!matches(q, r)) continue
      rows.push(r.t.id)
      if (r.group === 0) exceptions++
    }
    this.counts = counts
    return { rows, exceptions }
  }
}

/** Whether the rows that both have stand in the same order. */
function sameOrder(have: string[], want: string[]): boolean {
  const at = new Map(want.map((id, i) => [id, i]))
  let last = -1
  for (const id of have) {
    const i = at.get(id)
    if (i === undefined) continue
    if (i < last) return false
    last = i
  }
  return true
}
