// The order of attention, kept current as tickets change: only what changed is ranked anew and put in its
// place, so that ten thousand tickets cost no more at an event than ten.
import type { Changed } from '../hub/store'
import { closed, ref, shown, type Priority, type Shown, type Ticket } from '../model'
import { exception, signals, turns, type Known } from './attention'

const priorities: Record<Priority, number> = { critical: 0, high: 1, normal: 2, low: 3 }
const many = 100 // from so many on, merging is cheaper than putting each in its place

/** An open ticket with what its place follows from. */
export interface Ranked {
  t: Ticket
  /** 0 exceptions, 2 what waits for somebody else or for its close, 1 all else. */
  group: number
  priority: number
  due: number
  late: boolean
  soon: boolean
  none: boolean
  state: Shown
  /** What words are looked for in. */
  text: string
  /** When time alone changes its signals. */
  turns: number
}

export class Ranking {
  /** All open tickets in the order of attention. */
  rows: Ranked[] = []
  private readonly by = new Map<string, Ranked>()
  private readonly dirty = new Set<string>()

  constructor(private readonly known: Known & { readonly tickets: ReadonlyMap<string, Ticket> }) {
    for (const id of known.tickets.keys()) this.dirty.add(id)
  }

  /** Notes what changed; the next update looks at it. */
  touch(changed: Changed): void {
    for (const id of changed.keys()) if (id.startsWith('tic_')) this.dirty.add(id)
  }

  /** Notes one ticket of which something beside its fields has become known. */
  touchOne(id: string): void {
    if (id) this.dirty.add(id)
  }

  /** Puts in its place what changed, and what has become late or almost by an instant. Tells whether anything did. */
  update(now: number): boolean {
    for (const r of this.rows) if (r.turns <= now) this.dirty.add(r.t.id)
    if (this.dirty.size === 0) return false
    const gone: Ranked[] = []
    const come: Ranked[] = []
    for (const id of this.dirty) {
      const before = this.by.get(id)
      const t = this.known.tickets.get(id)
      const after = t && !closed(t) ? rank(t, now, this.known) : undefined
      if (before) gone.push(before)
      if (after) {
        come.push(after)
        this.by.set(id, after)
      } else this.by.delete(id)
    }
    this.dirty.clear()
    if (gone.length + come.length < many) {
      for (const r of gone) this.rows.splice(this.at(r), 1)
      for (const r of come) this.rows.splice(this.at(r), 0, r)
    } else this.merge(new Set(gone), come.sort(before))
    return true
  }

  private merge(gone: ReadonlySet<Ranked>, come: Ranked[]): void {
    const rows: Ranked[] = []
    let next = 0
    for (const r of this.rows) {
      if (gone.has(r)) continue
      while (next < come.length && before(come[next]!, r) < 0) rows.push(come[next++]!)
      rows.push(r)
    }
    while (next < come.length) rows.push(come[next++]!)
    this.rows = rows
  }

  /** Where a row stands, or belongs. */
  private at(r: Ranked): number {
    let low = 0
    let high = this.rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (before(this.rows[middle]!, r) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Group, priority, due time, number; no two tickets have one number. */
function before(a: Ranked, b: Ranked): number {
  return a.group - b.group || a.priority - b.priority || a.due - b.due || a.t.number - b.t.number
}

function rank(t: Ticket, now: number, known: Known): Ranked {
  const s = signals(t, now, known)
  return {
    t, priority: priorities[t.priority], due: Date.parse(t.due_at), state: shown(t), turns: turns(t, now),
    group: exception(s) ? 0 : t.state === 'waiting' || t.state === 'completed' ? 2 : 1,
    late: s.late !== undefined, soon: s.soon !== undefined, none: s.none,
    text: `${ref(t)} ${t.title} ${t.city ?? ''} ${t.brand ?? ''} ${t.category ?? ''}`.toLowerCase(),
  }
}
