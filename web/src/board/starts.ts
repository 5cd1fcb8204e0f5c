// At which start a candidate would come: the cheapest until another is chosen. Others are asked for when
// somebody looks at them. A crew starts together, so that choosing its second may move the first.
import { ask } from '../hub/request'
import type { Candidate, Exclusion } from '../model'
import type { Desk } from './desk'

const most = 12

interface Verdict {
  candidate?: Candidate
  exclusion?: Exclusion
}

export class Starts {
  /** A crew's common start is being looked for. */
  agreeing = false
  /** Why one of a crew can't come at the other's start; the server then looks for their first common one. */
  apart: Exclusion | undefined
  private readonly others = new Map<string, Candidate[]>()
  private readonly at = new Map<string, Candidate>()
  private asked = new AbortController()

  constructor(
    private readonly desk: () => Desk,
    private readonly changed: () => void,
  ) {}

  /** The candidate at the start that is chosen for them. */
  of(c: Candidate): Candidate {
    return this.at.get(c.expert) ?? c
  }

  /** The expert's starts, the cheapest first; nothing while they are on their way. */
  list(c: Candidate): Candidate[] | undefined {
    return this.others.get(c.expert)
  }

  /** Forgets the chosen starts, and unless they are kept those to choose from. */
  forget(keep = false): void {
    this.asked.abort()
    this.asked = new AbortController()
    this.agreeing = false
    this.apart = undefined
    this.at.clear()
    if (!keep) this.others.clear()
  }

  /** Asks for an expert's starts, unless they are there. */
  look(ticket: string, c: Candidate): void {
    if (this.others.has(c.expert)) return
    const { signal } = this.asked
    const found = (starts: Candidate[]) => {
      if (signal.aborted) return
      this.others.set(c.expert, [c, ...starts.filter((s) => s.start !== c.start).map((s) => ({ ...s, name: c.name ?? '' }))])
      this.changed()
    }
    ask<{ items: Candidate[] | null }>(this.desk().hub.base, `/v1/tickets/${ticket}/match/${c.expert}/starts?limit=${most}`, { signal })
      .then((got) => found(got.items ?? []), () => found([])) // the cheapest start stays, and is all that is offered
  }

  /** Moves a candidate to another start; false if there is none. */
  move(c: Candidate, to: number | string): boolean {
    const all = this.others.get(c.expert) ?? []
    const now = this.of(c).start
    const next = typeof to === 'string' ? all.find((s) => s.start === to) : all[all.findIndex((s) => s.start === now) + to]
    if (!next || next.start === now) return false
    this.at.set(c.expert, next)
    return true
  }

  /** Brings two to one start: that of the one who was moved, else the later. */
  together(ticket: string, crew: readonly Candidate[], moved = ''): void {
    this.apart = undefined
    const [a, b] = crew
    if (!a || !b || a.start === b.start) return
    const lead = moved ? (a.expert === moved ? a : b) : a.start > b.start ? a : b
    const other = lead === a ? b : a
    const { signal } = this.asked
    this.agreeing = true
    ask<Verdict>(this.desk().hub.base, `/v1/tickets/${ticket}/match/${other.expert}?start=${lead.start}`, { signal }).then((v) => {
      if (signal.aborted) return
      this.agreeing = false
      if (v.candidate) this.at.set(other.expert, { ...v.candidate, name: other.name ?? '' })
      else this.apart = { name: other.name ?? '', expert: other.expert, reasons: v.exclusion?.reasons ?? [] }
      this.changed()
    }, () => {
      if (signal.aborted) return
      this.agreeing = false
      this.apart = { name: other.name ?? '', expert: other.expert, reasons: [] }
      this.changed()
    })
  }
}
