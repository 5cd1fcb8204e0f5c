// One hub a page: one stream and one store that all elements share. It takes a snapshot, follows the events,
// resumes by the last number seen, and says how fresh the picture is.

import type { Event, Expert, Skill, Ticket, Tour, User } from '../model'
import { ask, pause, Refusal, refusal } from './request'
import { Store } from './store'
import { messages } from './stream'

export type Freshness =
  | { kind: 'loading'; since: number }
  | { kind: 'live'; sign: number }
  | { kind: 'stale'; since: number; next: number }
  | { kind: 'offline'; since: number }
  | { kind: 'failed'; error: Error }
  | { kind: 'nobody' } // who acts has not been said yet

const silence = 12_000 // no event and no heartbeat (every 5 s) for so long: the picture may be old
const pauses = [1000, 2000, 4000, 8000, 15_000]
const pageSize = 500

interface Listed<T> {
  items: T[] | null
  next?: string
}

export class Hub {
  readonly store = new Store()
  readonly skills = new Map<string, string>()
  freshness: Freshness = { kind: 'loading', since: Date.now() }
  me: User | undefined
  private last = '' // number of the last event taken in
  private lastSign = 0
  private run: AbortController | undefined
  private wake: AbortController | undefined
  private loaded = false
  private readonly listeners = new Set<() => void>()
  private readonly wanted = new Set<string>() // experts that somebody asked for
  private readonly asked = new Set<string>()
  private readonly names = new Map<string, string>() // from answers that name experts in passing
  private readonly tours = new Set<string>() // days that were read
  private fetching = 0
  private users = 0
  private ahead = 0 // of the server's clock, in ms

  constructor(readonly base: string) {}

  /** Calls back when freshness or the person changes. Returns how to stop. */
  watch(f: () => void): () => void {
    this.listeners.add(f)
    return () => this.listeners.delete(f)
  }

  /** Begins with the first element that uses the hub, ends with the last. */
  enter(): void {
    if (this.users++ === 0) {
      this.run = new AbortController()
      addEventListener('online', this.retry)
      addEventListener('offline', this.cut)
      void this.follow(this.run.signal)
    }
  }

  leave(): void {
    if (--this.users === 0) {
      removeEventListener('online', this.retry)
      removeEventListener('offline', this.cut)
      this.run?.abort()
    }
  }

  /** Milliseconds on the server's clock, as its heartbeats tell it. */
  now(): number {
    return Date.now() + this.ahead
  }

  /** Tries again at once instead of at the next try. */
  readonly retry = (): void => this.wake?.abort()

  /** After a failure to load: begins once more, showing that it loads. */
  again(): void {
    this.set({ kind: 'loading', since: Date.now() })
    this.retry()
  }

  private readonly cut = (): void => {
    if (!navigator.onLine) this.set({ kind: 'offline', since: this.lastSign || Date.now() })
  }

  /** Reads the tours around an instant, unless they are there; from then on events keep them current. */
  loadTours(at: number): void {
    const day = new Date(at).toISOString().slice(0, 10)
    if (this.tours.has(day)) return
    this.tours.add(day)
    const noon = Date.parse(`${day}T12:00:00Z`)
    // Half a day more on both sides, so that this day is inside in every zone.
    const iso = (t: number) => new Date(t).toISOString()
    ask<Listed<Tour>>(this.base, `/v1/tours?from=${iso(noon - 86_400_000)}&to=${iso(noon + 86_400_000)}`)
      .then((got) => this.store.add(got.items ?? []), (err: unknown) => this.askAgain(err, this.tours, day))
  }

  /** What got no answer is asked for again when it is next shown; a refusal stands. */
  private askAgain(err: unknown, asked: Set<string>, id: string): void {
    if (!(err instanceof Refusal)) asked.delete(id)
  }

  /** An expert; one that is not known yet is asked for and comes with a change of the store. */
  expert(id: string): Expert | undefined {
    const e = this.store.experts.get(id)
    if (!e && !this.asked.has(id)) {
      this.asked.add(id)
      this.wanted.add(id)
      this.fetchExperts()
    }
    return e
  }

  /** An expert's name, empty until it is known. */
  nameOf(id: string): string {
    return this.names.get(id) ?? this.expert(id)?.name ?? ''
  }

  /** Keeps names that came with an answer. */
  learn(people: readonly { expert: string; name?: string }[]): void {
    for (const p of people) if (p.name) this.names.set(p.expert, p.name)
  }

  skillName(id: string): string {
    const plain = id.replace(/^skl_/, '').replaceAll('-', ' ')
    return this.skills.get(id) ?? plain.charAt(0).toUpperCase() + plain.slice(1)
  }

  private fetchExperts(): void {
    for (const id of this.wanted) {
      if (this.fetching >= 4) return
      this.wanted.delete(id)
      this.fetching++
      ask<Expert>(this.base, `/v1/experts/${id}`)
        .then((e) => this.store.add([e]), (err: unknown) => this.askAgain(err, this.asked, id))
        .finally(() => {
          this.fetching--
          this.fetchExperts()
        })
    }
  }

  private async follow(stop: AbortSignal): Promise<void> {
    for (let failures = 0; !stop.aborted; ) {
      const began = Date.now()
      try {
        await this.connection(stop)
      } catch (err) {
        if (stop.aborted) return
        if (err instanceof Refusal && err.status === 401) {
          this.set({ kind: 'nobody' })
          return // the page of people is the only way on
        }
        if (!this.loaded && err instanceof Refusal) this.set({ kind: 'failed', error: err })
      }
      if (stop.aborted) return
      if (this.lastSign >= began) failures = 0
      const wait = pauses[Math.min(failures++, pauses.length - 1)]! * (0.8 + 0.4 * Math.random())
      if (!navigator.onLine) this.cut()
      else if (this.loaded || this.freshness.kind !== 'failed') {
        this.set({ kind: 'stale', since: this.lastSign || this.startedAt(), next: Date.now() + wait })
      }
      this.wake = new AbortController()
      await pause(wait, AbortSignal.any([stop, this.wake.signal]))
    }
  }

  private startedAt(): number {
    return this.freshness.kind === 'loading' || this.freshness.kind === 'stale' ? this.freshness.since : Date.now()
  }

  /** One connection, from the request until it breaks or falls silent. */
  private async connection(stop: AbortSignal): Promise<void> {
    const cut = new AbortController()
    const signal = AbortSignal.any([stop, cut.signal])
    let watchdog = setTimeout(() => cut.abort(), silence)
    const alive = () => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => cut.abort(), silence)
    }
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream' }
      if (this.last && this.loaded) headers['Last-Event-ID'] = this.last
      const reply = await fetch(`${this.base}/v1/events`, { headers, signal, credentials: 'same-origin', cache: 'no-store' })
      if (!reply.ok || !reply.body) throw await refusal(reply)
      alive()
      // Listening has begun before the snapshot is read, so nothing falls between the two.
      if (!this.loaded) this.load(signal, cut)
      for await (const m of messages(reply.body)) {
        alive()
        if (this.loaded) this.sign()
        if (m.event === 'snapshot-needed') this.load(signal, cut)
        if (m.data) this.take(m.data, m.id)
      }
    } finally {
      clearTimeout(watchdog)
      cut.abort()
    }
  }

  private load(signal: AbortSignal, cut: AbortController): void {
    this.snapshot(signal).then(() => {
      this.loaded = true
      this.sign()
    }, (err: unknown) => {
      if (signal.aborted) return
      if (!this.loaded) this.set({ kind: 'failed', error: err as Error })
      cut.abort()
    })
  }

  private take(data: string, id: string): void {
    const e = JSON.parse(data) as Partial<Event>
    if (id) this.last = id
    if (e.aggregate && e.body?.root) this.store.offer(e.aggregate, e.body.root, Date.parse(e.at ?? ''), e.actor?.name ?? '')
    else if (e.at) this.ahead = Math.abs(Date.parse(e.at) - Date.now()) < 2000 ? 0 : Date.parse(e.at) - Date.now()
  }

  private async snapshot(signal: AbortSignal): Promise<void> {
    const [, me] = await Promise.all([
      this.store.replaceTickets(this.pages<Ticket>('/v1/tickets?state=open', signal)),
      ask<User>(this.base, '/v1/session', { signal }),
      this.skills.size > 0 ? [] : ask<Listed<Skill>>(this.base, '/v1/skills', { signal }).then((all) => {
        for (const s of all.items ?? []) this.skills.set(s.id, s.name)
      }, () => undefined), // without the list, names are read off the ids
    ])
    this.me = me
    this.tours.clear()
  }

  private async *pages<T>(path: string, signal: AbortSignal): AsyncGenerator<T[]> {
    let after = ''
    do {
      const sep = path.includes('?') ? '&' : '?'
      const page = await ask<Listed<T>>(
        this.base, `${path}${sep}limit=${pageSize}${after && `&after=${encodeURIComponent(after)}`}`, { signal })
      yield page.items ?? []
      after = page.next ?? ''
    } while (after)
  }

  private sign(): void {
    this.lastSign = Date.now()
    this.set({ kind: 'live', sign: this.lastSign })
  }

  private set(f: Freshness): void {
    const same = f.kind === 'live' && this.freshness.kind === 'live'
    this.freshness = f
    if (!same) for (const l of this.listeners) l()
  }
}

const hubs = new Map<string, Hub>()

/** The page's hub for a server. */
export function hubFor(base: string): Hub {
  let h = hubs.get(base)
  if (!h) hubs.set(base, (h = new Hub(base)))
  return h
}
