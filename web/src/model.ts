// The JSON forms of Muster's words, as the HTTP interface gives them. Only what the board reads is named.

export type Instant = string // RFC 3339, UTC

export interface Span {
  start: Instant
  end: Instant
}

export type Priority = 'critical' | 'high' | 'normal' | 'low'
export type TicketState = 'triage' | 'queued' | 'scheduled' | 'waiting' | 'completed' | 'resolved' | 'cancelled'
export type VisitState = 'offered' | 'assigned' | 'en_route' | 'arrived' | 'in_progress' | 'ended'

/** What people see of a ticket: its visit's state while it is scheduled, its own otherwise. */
export type Shown = Exclude<TicketState, 'scheduled'> | VisitState | 'scheduled'

export interface Need {
  skill: string
  level: number
}

export interface OpenVisit {
  id: string
  state: VisitState
  experts?: string[]
  start: Instant
  end: Instant
  deadline?: Instant
}

export interface Ticket {
  id: string
  rev: number
  number: number
  title: string
  text?: string
  category?: string
  brand?: string
  mode: string
  needs?: Need[]
  duration_min: number
  windows?: Span[]
  crew: number
  priority: Priority
  state: TicketState
  wait?: { for: string; until: Instant; note?: string }
  visit?: OpenVisit
  visits: number
  region: string
  city?: string
  zone: string
  due_at: Instant
  created_at: Instant
  queued_at?: Instant
  completed_at?: Instant
  outcome?: string
  /** While the last round that looked at it found nobody: since when, and what excludes most of those nearest to fitting. */
  no_expert?: { since: Instant; main: string }
  /** Of escalation, while somebody is looked for. */
  step?: number
}

export interface Expert {
  id: string
  rev: number
  name: string
  city?: string
  base: { zone: string }
  capacity?: { visits_per_tour?: number }
  removed?: boolean
}

export interface Stop {
  visit: string
  ticket: string
  assignment?: string
  offer?: string
  held_until?: Instant
  /** When the visit ended; until then start and end are planned. */
  ended_at?: Instant
  start: Instant
  end: Instant
  depart: Instant
  travel: number
  km: number
}

export interface Tour {
  id: string
  rev: number
  expert: string
  region?: string
  start: Instant
  end: Instant
  on_call?: boolean
  breaks?: Span[]
  stops: Stop[] | null
  removed?: boolean
}

export interface Term {
  name: string
  minutes: number
  why?: string
}

export interface Candidate {
  expert: string
  name?: string
  tour: string
  start: Instant
  end: Instant
  depart: Instant
  travel: number
  km: number
  cost: number
  terms: Term[] | null
  shift: Span
  on_call?: boolean
  breaks?: Span[]
  /** Limits that only the ticket's step of escalation sets aside. */
  beyond?: Reason[]
}

export interface Reason {
  code: string
  class?: string
  about?: string
  have?: unknown
  need?: unknown
  unit?: string
  text?: string
}

export interface Exclusion {
  expert: string
  name?: string
  reasons: Reason[]
}

export interface Match {
  ticket: string
  rev: number
  at: Instant
  candidates: Candidate[] | null
  excluded: Exclusion[] | null
  counts: Record<string, number> | null
}

export interface Offer {
  id: string
  expert: string
  start: Instant
  deadline: Instant
}

export interface Assignment {
  id: string
  expert: string
  start: Instant
}

export interface User {
  id: string
  name: string
  role: string
  about?: string
  expert?: string
}

export interface Skill {
  id: string
  name: string
}

/** One bump of one aggregate; body.root is the aggregate after it. */
export interface Event {
  aggregate: string
  rev: number
  name: string
  at: Instant
  actor: { id: string; role: string; name?: string }
  body: { root: unknown; parts?: unknown[] }
  seq: number
}

export const ref = (t: { number: number }): string => `T-${t.number}`

export const shown = (t: Ticket): Shown =>
  t.state === 'scheduled' && t.visit ? t.visit.state : t.state

export const closed = (t: Ticket): boolean => t.state === 'resolved' || t.state === 'cancelled'
