// What a ticket's fields mean for the eye: signals, and the order in which tickets need attention.
import { shown, type Priority, type Ticket } from '../model'

export interface Signals {
  /** Minutes after the due time; an expert who has arrived ends it. */
  late?: number
  /** Minutes before the due time, in the last fifth of the time. */
  soon?: number
  /** Nobody can take it: rounds have tried, or its candidates were asked for. */
  none: boolean
}

const rank: Record<Priority, number> = { critical: 0, high: 1, normal: 2, low: 3 }
const minute = 60_000

/** A queued ticket that has seen so many minutes of rounds (one a minute) has been tried by them. */
const triedAfter = 3

/** What is known of tickets beside their fields; the store knows it. */
export interface Known {
  /** When a ticket last changed. */
  readonly changedAt: ReadonlyMap<string, number>
  /** The revision at which nobody could take a ticket. */
  readonly nobody: ReadonlyMap<string, number>
}

export function signals(t: Ticket, now: number, known: Known): Signals {
  const s = shown(t)
  const out: Signals = { none: false }
  const pending = s === 'triage' || s === 'queued' || s === 'offered' || s === 'assigned' || s === 'en_route'
  if (pending) {
    const due = Date.parse(t.due_at)
    const left = (due - now) / minute
    const whole = (due - Date.parse(t.created_at)) / minute
    if (left < 0) out.late = -left
    else if (left < whole / 5) out.soon = left
  }
  if (s === 'queued' && t.mode === 'home_visit' && t.queued_at) {
    const since = Math.max(Date.parse(t.queued_at), known.changedAt.get(t.id) ?? 0)
    out.none = known.nobody.get(t.id) === t.rev || now - since > triedAfter * minute
  }
  return out
}

/** Late, or nobody can take it. */
export const exception = (s: Signals): boolean => s.late !== undefined || s.none

const unattended = (t: Ticket): boolean => t.state === 'triage' || t.state === 'queued'

/** Which of five groups: exceptions first, those without an expert before those with one; what is settled last. */
function group(t: Ticket, s: Signals): number {
  if (exception(s)) return unattended(t) ? 0 : 1
  if (t.state === 'waiting' || t.state === 'completed') return 4
  return unattended(t) ? 2 : 3
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
    all.push({ t, s, group: group(t, s), due: Date.parse(t.due_at) })
  }
  return all.sort(
    (a, b) => a.group - b.group || rank[a.t.priority] - rank[b.t.priority] || a.due - b.due || a.t.number - b.t.number,
  )
}
