// What the board knows: whole values by id, the newest revision of each. Changes wait in a map by id, so
// that the last of many wins, and are applied once a frame for at most four milliseconds.

import { closed, type Expert, type Ticket, type Tour } from '../model'

export type Kind = 'ticket' | 'expert' | 'tour'
type Value = Ticket | Expert | Tour
export type Changed = ReadonlyMap<string, Value>

const kinds: Record<string, Kind> = { tic: 'ticket', exp: 'expert', tou: 'tour' }
const frameBudget = 4 // ms
const keepClosed = 15 * 60_000

export class Store {
  readonly tickets = new Map<string, Ticket>()
  readonly experts = new Map<string, Expert>()
  readonly tours = new Map<string, Tour>()
  /** When a ticket last changed, as far as events told. */
  readonly changedAt = new Map<string, number>()
  /** Who changed it then, by name. */
  readonly changedBy = new Map<string, string>()
  /** How many could take a ticket when its candidates were asked for, and at which revision that was. */
  readonly compared = new Map<string, { rev: number; candidates: number }>()
  /** While a snapshot comes in. */
  swapping = false
  /** Counts changes of tours. */
  toursChanged = 0
  private readonly pending = new Map<string, Value>()
  private readonly closedAt = new Map<string, number>()
  private readonly listeners = new Set<(changed: Changed) => void>()
  private scheduled = false

  /** Calls back once a frame with what changed in it. Returns how to stop. */
  watch(f: (changed: Changed) => void): () => void {
    this.listeners.add(f)
    return () => this.listeners.delete(f)
  }

  /** Takes one value in with the next frame. Kinds that the board doesn't show are left out. */
  offer(id: string, root: unknown, at: number, by: string): void {
    if (!kinds[id.slice(0, 3)]) return
    if (id.startsWith('tic_')) {
      this.changedAt.set(id, at)
      this.changedBy.set(id, by)
    }
    const waiting = this.pending.get(id)
    const value = root as Value
    if (waiting && waiting.rev >= value.rev) return
    this.pending.set(id, value)
    if (!this.scheduled) {
      this.scheduled = true
      requestAnimationFrame(() => this.apply(frameBudget))
    }
  }

  /**
   * Takes in the pages of a snapshot one by one, so that none of them keeps the page busy for long. Until the last is
   * in, swapping says that the picture is not whole. Open tickets that the snapshot lacks have closed.
   */
  async replaceTickets(pages: AsyncIterable<Ticket[]>): Promise<void> {
    const gone = new Map(this.tickets) // as they are now: what an event brings meanwhile stays
    this.swapping = true
    try {
      for await (const page of pages) {
        for (const t of page) gone.delete(t.id)
        this.add(page)
      }
      const changed = new Map<string, Value>()
      for (const [id, t] of gone) {
        if (this.tickets.get(id) !== t) continue
        this.tickets.delete(id)
        changed.set(id, t)
      }
      this.swapping = false
      this.tell(changed)
    } finally {
      this.swapping = false
    }
  }

  add(values: readonly Value[]): void {
    const changed = new Map<string, Value>()
    for (const v of values) if (this.put(v.id, v)) changed.set(v.id, v)
    if (changed.size > 0) this.tell(changed)
  }

  /** Forgets tickets that closed a quarter of an hour ago. */
  forget(now: number): void {
    for (const [id, at] of this.closedAt) {
      if (now - at < keepClosed) continue
      this.closedAt.delete(id)
      const t = this.tickets.get(id)
      this.changedAt.delete(id)
      this.changedBy.delete(id)
      this.compared.delete(id)
      if (t && closed(t)) this.tickets.delete(id)
    }
  }

  private apply(budget: number): void {
    const until = performance.now() + budget
    const changed = new Map<string, Value>()
    for (const [id, v] of this.pending) {
      this.pending.delete(id)
      if (this.put(id, v)) changed.set(id, v)
      if (performance.now() > until) break
    }
    this.scheduled = this.pending.size > 0
    if (this.scheduled) requestAnimationFrame(() => this.apply(budget))
    if (changed.size > 0) this.tell(changed)
  }

  private put(id: string, v: Value): boolean {
    const map = this.mapOf(id) as Map<string, Value> | undefined
    const known = map?.get(id)
    if (!map || (known && known.rev >= v.rev)) return false
    map.set(id, v)
    if (map === (this.tours as Map<string, Value>)) this.toursChanged++
    if (map === (this.tickets as Map<string, Value>) && closed(v as Ticket)) this.closedAt.set(id, Date.now())
    return true
  }

  private mapOf(id: string) {
    switch (kinds[id.slice(0, 3)]) {
      case 'ticket': return this.tickets
      case 'expert': return this.experts
      case 'tour': return this.tours
      default: return undefined
    }
  }

  private tell(changed: Changed): void {
    for (const f of this.listeners) f(changed)
  }
}
