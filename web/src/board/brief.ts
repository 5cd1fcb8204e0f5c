// What changed since one last asked, in a sentence: "Since 12:03: 14 assigned, 3 completed, 2 late now."
import type { Changed } from '../hub/store'
import { shown, type Shown, type Ticket } from '../model'
import { stateWord, type Desk } from './desk'
import type { Counts } from './listing'

export class Brief {
  private since = 0
  private readonly seen = new Map<string, Shown>()
  private readonly changed = new Map<string, Shown>()

  /** Takes note of tickets; of those that come with a snapshot only where they are. */
  note(changed: Changed, live: boolean, now: number): void {
    if (live) this.since ||= now
    for (const [id, v] of changed) {
      if (!id.startsWith('tic_')) continue
      const state = shown(v as Ticket)
      if (live && this.seen.get(id) !== state) this.changed.set(id, state)
      this.seen.set(id, state)
    }
  }

  /** The sentence; the next one begins where it ends. */
  tell(d: Desk, c: Counts): string {
    const time = d.format.time(this.since || d.now())
    const states = new Map<Shown, number>()
    for (const s of this.changed.values()) states.set(s, (states.get(s) ?? 0) + 1)
    this.changed.clear()
    this.since = d.now()
    const signs = [c.late > 0 ? d.say('brief.late', { n: c.late }) : '', c.none > 0 ? d.say('brief.none', { n: c.none }) : '']
    const parts = [...states].sort((a, b) => b[1] - a[1]).map(([s, n]) => `${d.format.number(n)} ${stateWord(d, s)}`)
    if (parts.length === 0) return d.say('brief.nothing', { time, what: d.format.list(signs.filter(Boolean)) })
    return d.say('brief', { time, what: d.format.list([...parts, ...signs].filter(Boolean)) })
  }
}
