// What a ticket's fields mean for the eye: the signals of its row.
import { shown, type Ticket } from '../model'

export interface Signals {
  /** Minutes after the due time; an expert who has arrived ends it. */
  late?: number
  /** Minutes before the due time, in the last fifth of the time. */
  soon?: number
  /** Nobody can take it: its candidates were asked for, or the last round that looked found none. */
  none: boolean
}

const minute = 60_000

interface Times {
  due: number
  soon: number // when the last fifth of the time begins
}

/** Parsed once for each value of a ticket. */
const times = new WeakMap<Ticket, Times>()

function timesOf(t: Ticket): Times {
  let at = times.get(t)
  if (!at) {
    const due = Date.parse(t.due_at)
    const from = Date.parse(t.queued_at ?? t.created_at) // an imported ticket was reported long before it came here
    at = { due, soon: due - (due - from) / 5 }
    times.set(t, at)
  }
  return at
}

/** What is known of tickets beside their fields; the store knows it. */
export interface Known {
  /** How many could take a ticket when its candidates were asked for, and at which revision that was. */
  readonly compared: ReadonlyMap<string, { rev: number; candidates: number }>
}

/** Whether an expert has still to come, so that the due time counts. */
function pending(t: Ticket): boolean {
  const s = shown(t)
  return s === 'triage' || s === 'queued' || s === 'offered' || s === 'assigned' || s === 'en_route'
}

export function signals(t: Ticket, now: number, known: Known): Signals {
  const out: Signals = { none: false }
  if (pending(t)) {
    const at = timesOf(t)
    if (now > at.due) out.late = (now - at.due) / minute
    else if (now > at.soon) out.soon = (at.due - now) / minute
  }
  if (t.state === 'queued') {
    const compared = known.compared.get(t.id)
    out.none = compared?.rev === t.rev ? compared.candidates === 0 && t.mode === 'home_visit' : t.no_expert !== undefined
  }
  return out
}

/** The instant from which time alone gives a ticket another signal. */
export function turns(t: Ticket, now: number): number {
  if (!pending(t)) return Infinity
  const at = timesOf(t)
  return now > at.due ? Infinity : now > at.soon ? at.due + 1 : at.soon + 1
}

/** Late, or nobody can take it. */
export const exception = (s: Signals): boolean => s.late !== undefined || s.none
