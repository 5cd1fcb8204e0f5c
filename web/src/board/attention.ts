// What a ticket's fields mean for the eye: signals, and the order in which tickets need attention.
import { shown, type Priority, type Ticket } from '../model'

export interface Signals {
  /** Minutes after the due time; an expert who has arrived ends it. */
  late?: number
  /** Minutes before the due time, in the last fifth of the time. */
  soon?: number
  /** Nobody can take it: its candidates were asked for, or rounds have tried. */
  none: boolean
}

const rank: Record<Priority, number> = { critical: 0, high: 1, normal: 2, low: 3 }
const minute = 60_000

interface Times {
  due: number
  created: number
  queued: number
}

/** Parsed once for each value of a ticket: orders are made of thousands of them, twice a second. */
const times = new WeakMap<Ticket, Times>()

function timesOf(t: Ticket): Times {
  let at = times.get(t)
  if (!at) {
    at = { due: Date.parse(t.due_at), created: Date.parse(t.created_at), queued: Date.parse(t.queued_at ?? '') }
    times.set(t, at)
  }
  return at
}

/** A queued ticket that has seen so many minutes of rounds (one a minute) has been tried by them. */
const triedAfter = 3

/** What is known of tickets beside their fields; the store knows it. */
export interface Known {
  /** When a ticket last changed. */
  readonly changedAt: ReadonlyMap<string, number>
  /** How many could take a ticket when its candidates were asked for, and at which revision that was. */
  readonly compared: ReadonlyMap<string, { rev: number; candidates: number }>
}

export function signals(t: Ticket, now: number, known: Known): Signals {
  const s = shown(t)
  const at = timesOf(t)
  const out: Signals = { none: false }
  const pending = s === 'triage' || s === 'queued' || s === 'offered' || s === 'assigned' || s === 'en_route'
  if (pending) {
    const left = (at.due - now) / minute
    const whole = (at.due - at.created) / minute
    if (left < 0) out.late = -left
    else if (left < whole / 5) out.soon = left
  }
  if (s === 'queued' && t.mode === 'home_visit' && t.queued_at) {
    const compared = known.compared.get(t.id)
    const since = Math.max(at.queued, known.changedAt.get(t.id) ?? 0)
    out.none = compared?.rev === t.rev ? compared.candidates === 0 : now - since > triedAfter * minute
  }
  return out
}

/** Late, or nobody can take it. */
export const exception = (s: Signals): boolean => s.late !== undefined || s.none

/** Exceptions come first, what waits for somebody else or for its close comes last. */
function group(t: Ticket, s: Signals): number {
  if (exception(s)) return 0
  return t.state === 'waiting' || t.state === 'completed' ? 2 : 1
}

export interface Ranked {
  t: Ticket
  s: Signals
  group: number
  due: number
}

/** The order of attention: group, priority, due time, number. */
export function order(tickets: Iterable<Ticket>, now: number, known: Known): Ranked[] {
  const all: Ranked[] = []
  for (const t of tickets) {
    const s = signals(t, now, known)
    all.push({ t, s, group: group(t, s), due: timesOf(t).due })
  }
  return all.sort(
    (a, b) => a.group - b.group || rank[a.t.priority] - rank[b.t.priority] || a.due - b.due || a.t.number - b.t.number,
  )
}
