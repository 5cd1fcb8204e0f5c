// What is read out: at once the outcome of one's own action, every five seconds at most what others did to
// the selected ticket. Rows are never live, so that two hundred changes a second are silent.
import { ref, shown, type Candidate, type Ticket } from '../model'
import type { Notice } from './choice'
import { stateWord, visitNames, type Desk } from './desk'

const pause = 5000 // ms

export class Announcer {
  polite = ''
  assertive = ''
  private notice: Notice | undefined
  private at = 0
  private ticket = ''
  private state = ''
  private expert = ''
  private startAt = ''

  /** Reads out the outcome of an action, once. */
  outcome(n: Notice | undefined): void {
    if (n === this.notice) return
    this.notice = n
    const text = n ? [n.text, n.hint].filter(Boolean).join(' ') : ''
    this.polite = n?.kind === 'refused' ? '' : text
    this.assertive = n?.kind === 'refused' ? text : ''
  }

  /** Reads out what one asked for, at once. */
  say(text: string): void {
    this.polite = text
  }

  /** Reads out another start of the one who is chosen. */
  start(d: Desk, c: Candidate, t: Ticket): void {
    const before = this.expert === c.expert ? this.startAt : c.start
    this.expert = c.expert
    this.startAt = c.start
    if (before === c.start) return
    this.polite = d.say('starts.said', { name: c.name ?? '', time: d.format.moment(c.start, d.now(), t.zone), n: Math.round(c.cost) })
  }

  /** Reads out the selected ticket if its state has changed. */
  selected(d: Desk, t: Ticket): void {
    const state = stateWord(d, shown(t))
    const before = t.id === this.ticket ? this.state : ''
    this.ticket = t.id
    if (state === before || Date.now() - this.at < pause) return
    this.state = state
    this.at = Date.now()
    this.polite = [ref(t), state, visitNames(d, t)].filter(Boolean).join(', ')
  }
}
