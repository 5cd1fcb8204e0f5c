// The chosen ticket's candidates, which of them is chosen at which start, and the command that follows. A
// command is done when the server said so; until then it reads "Sending". A refusal moves nothing and chooses
// nothing.
import type { Assignment, Candidate, Match, Offer, Ticket } from '../model'
import { closed, ref, shown } from '../model'
import { ask, send } from '../hub/request'
import type { Desk } from './desk'
import { overtaken, refusalText } from './refusal'
import { Starts } from './starts'

export type Mode = 'assign' | 'offer'

export interface Notice {
  kind: 'done' | 'refused' | 'sending' | 'told'
  text: string
  hint?: string
  /** What can be taken back, until when. */
  undo?: { ticket: string; rev: number; until: number }
}

interface Answer {
  ticket: Ticket
  offers?: Offer[] | null
  assignments?: Assignment[] | null
}

const restBeforeAsking = 120 // ms after the selection came to rest
const undoFor = 10_000
const nobody: Candidate[] = []

export class Choice {
  ticket = ''
  match: Match | undefined
  asking = false
  failed: Error | undefined
  /** Indexes of the chosen candidates: one, or two for a crew of two. */
  picked: number[] = []
  mode: Mode = 'assign'
  /** Whether the ghost of the chosen one has been drawn; only then may Enter send. */
  drawn = false
  sending = false
  notice: Notice | undefined
  /** Whether the candidates were entered: from then on digits choose, also before the candidates are there. */
  entered = false
  /** At which start each candidate would come. */
  readonly starts: Starts
  private typed = 0
  private asked: AbortController | undefined
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly desk: () => Desk,
    private readonly changed: () => void,
    private readonly done: (ticket: string) => void,
  ) {
    this.starts = new Starts(desk, () => {
      this.drawn = false
      this.changed()
    })
  }

  get candidates(): Candidate[] {
    return this.match?.candidates ?? nobody
  }

  /** Those who are chosen, each at the start that is chosen for them. */
  get chosen(): Candidate[] {
    return this.picked.map((i) => this.candidates[i]).filter((c) => c !== undefined).map((c) => this.starts.of(c))
  }

  /** The chosen candidate, the first one of a crew. */
  get candidate(): Candidate | undefined {
    return this.chosen[0]
  }

  /** How many experts are to be chosen. */
  get places(): number {
    return this.mode === 'assign' ? (this.desk().hub.store.tickets.get(this.ticket)?.crew ?? 1) : 1
  }

  /** Whether the ticket has changed since its candidates were compared. */
  get outdated(): boolean {
    const t = this.desk().hub.store.tickets.get(this.ticket)
    return this.match !== undefined && t !== undefined && t.rev > this.match.rev
  }

  /** Whether the ticket is at a step from which an expert can be chosen. */
  open(t: Ticket | undefined): boolean {
    return t !== undefined && !closed(t) &&
      (t.state === 'queued' || ['offered', 'assigned', 'en_route'].includes(shown(t)))
  }

  select(ticket: string): void {
    if (ticket === this.ticket) return
    this.ticket = ticket
    this.match = undefined
    this.picked = []
    this.drawn = false
    this.mode = 'assign'
    this.leave()
    this.failed = undefined
    if (this.notice?.kind === 'refused') this.notice = undefined
    this.asked?.abort()
    this.starts.forget()
    this.asking = false
    clearTimeout(this.timer)
    if (ticket) this.timer = setTimeout(() => this.compare(), restBeforeAsking)
  }

  /** Asks for the candidates now, unless they are there or on their way. */
  now(): void {
    if (!this.match && !this.asking) this.compare()
  }

  /** Asks for the candidates again. */
  again(): void {
    this.asked?.abort()
    this.compare()
  }

  private compare(): void {
    clearTimeout(this.timer)
    const t = this.desk().hub.store.tickets.get(this.ticket)
    if (!this.open(t)) {
      this.changed()
      return
    }
    const ticket = this.ticket
    const asked = (this.asked = new AbortController())
    this.asking = true
    this.failed = undefined
    this.changed()
    ask<Match>(this.desk().hub.base, `/v1/tickets/${ticket}/match`, { signal: asked.signal }).then(
      (m) => {
        if (asked.signal.aborted) return
        const were = this.chosen
        this.asking = false
        this.match = m
        this.desk().hub.learn([...(m.candidates ?? []), ...(m.excluded ?? [])])
        this.desk().hub.store.compared.set(ticket, { rev: m.rev, candidates: m.candidates?.length ?? 0 })
        this.stay(were)
        if (this.typed > 0) this.choose(this.typed - 1)
        this.typed = 0
        this.changed()
      },
      (err: Error) => {
        if (asked.signal.aborted) return
        this.asking = false
        this.failed = err
        this.changed()
      },
    )
  }

  /** Keeps those who were chosen while the candidates were on their way, if they could still come then. */
  private stay(were: readonly Candidate[]): void {
    this.starts.forget()
    this.picked = were.map((w) => this.candidates.findIndex((c) => c.expert === w.expert && c.start === w.start)).filter((i) => i >= 0)
    this.drawn &&= this.picked.length > 0 && this.picked.length === were.length
  }

  choose(i: number): void {
    if (i < 0 || i >= this.candidates.length || this.sending) return
    if (this.places > 1 && this.picked.includes(i)) this.picked = this.picked.filter((n) => n !== i)
    else this.picked = [...this.picked, i].slice(-this.places)
    this.drawn = false
    if (this.notice?.kind === 'refused') this.notice = undefined
    this.starts.together(this.ticket, this.chosen)
    this.changed()
  }

  /** Chooses a candidate at another start: the one so many further in the order of cost, or a given one. */
  startAt(i: number, to: number | string): void {
    const c = this.candidates[i]
    if (!c || this.sending || !this.starts.move(c, to)) return
    if (!this.picked.includes(i)) return this.choose(i)
    this.drawn = false
    this.starts.together(this.ticket, this.chosen, c.expert)
    this.changed()
  }

  /** Enters the candidates, to assign or to offer. */
  enter(mode: Mode): void {
    this.entered = true
    this.setMode(mode)
    this.now()
  }

  leave(): void {
    this.entered = false
    this.typed = 0
  }

  /** Chooses by digit; one that is typed before the candidates are there is kept for them. */
  type(digit: number): void {
    if (this.match) this.choose(digit - 1)
    else this.typed = digit
  }

  /** Moves the choice, of a crew the last one chosen. */
  moveTo(i: number): void {
    if (this.sending || this.picked.includes(i)) return
    this.picked = this.picked.slice(0, -1)
    this.choose(i)
  }

  /** Takes the choice back; the ticket stays selected. */
  release(): void {
    this.picked = []
    this.starts.forget(true)
    this.drawn = false
    this.changed()
  }

  setMode(mode: Mode): void {
    this.mode = mode
    this.picked = this.picked.slice(0, this.places)
    this.changed()
  }

  /** Sends the command for the chosen candidate. Does nothing before its ghost is drawn. */
  async commit(): Promise<void> {
    const [c, second] = this.chosen
    const d = this.desk()
    const t = d.hub.store.tickets.get(this.ticket)
    if (!c || !t || !this.drawn || this.sending || this.starts.agreeing || this.picked.length < this.places) return
    const anew = t.state === 'queued' || shown(t) === 'offered'
    const verb = this.mode === 'offer' ? 'offer' : anew ? 'assign' : 'reassign'
    await this.command(
      t.id, verb,
      { expert: c.expert, ...(second ? { second: second.expert } : {}), ...(this.starts.apart ? {} : { start: c.start }) },
      this.match?.rev,
      d.say(this.mode === 'offer' ? 'done.offered' : 'done.assigned', { ticket: ref(t), expert: this.names() }),
    )
  }

  /** Who is chosen, by name. */
  names(): string {
    const d = this.desk()
    return d.format.list(this.picked.map((i) => this.candidates[i]!).map((c) => c.name || d.hub.nameOf(c.expert) || c.expert))
  }

  /** Takes back what was done last, while that is possible. */
  async undo(): Promise<void> {
    const u = this.notice?.undo
    const d = this.desk()
    if (!u || this.sending || d.now() >= u.until) return
    const t = d.hub.store.tickets.get(u.ticket)
    await this.command(
      u.ticket, 'undo', {}, u.rev, d.say('done.undone', { ticket: t ? ref(t) : '' }))
  }

  /** Sends another command on a ticket, on the revision that is seen; tells whether the server said yes. */
  act(t: Ticket, verb: string, body: unknown, text: string): Promise<boolean> {
    return this.sending ? Promise.resolve(false) : this.command(t.id, verb, body, t.rev, text)
  }

  private async command(ticket: string, verb: string, body: unknown, seen: number | undefined, text: string): Promise<boolean> {
    const d = this.desk()
    this.sending = true
    this.notice = { kind: 'sending', text: d.say('sending') }
    this.changed()
    try {
      const a = await send<Answer>(d.hub.base, {
        path: `/v1/tickets/${ticket}/${verb}`, body, seen,
        again: () => {
          this.notice = { kind: 'sending', text: d.say('sending.again') }
          this.changed()
        },
      })
      this.sending = false
      this.picked = []
      this.drawn = false
      d.hub.store.add([a.ticket])
      this.notice = { kind: 'done', text }
      if (['assign', 'reassign', 'offer'].includes(verb)) this.notice.undo = { ticket, rev: a.ticket.rev, until: d.now() + undoFor }
      if (ticket === this.ticket) this.again()
      this.done(ticket)
      this.changed()
      return true
    } catch (err) {
      this.sending = false
      this.picked = []
      this.drawn = false
      this.notice = { kind: 'refused', ...(overtaken(d, ticket, seen, err as Error) ?? refusalText(d, err as Error, ticket)) }
      if (ticket === this.ticket) this.again()
      this.changed()
      return false
    }
  }
}
