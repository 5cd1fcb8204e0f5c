// What every part of the board is handed: the hub, the words and the clock.
import type { Hub } from '../hub/hub'
import type { Shown, Ticket } from '../model'
import { shown } from '../model'
import { hasWord, type Say, type Word } from '../words/say'
import type { Format } from '../words/format'

export interface Desk {
  hub: Hub
  say: Say
  format: Format
  /** Milliseconds on the server's clock. */
  now: () => number
}

export const stateWord = (d: Desk, s: Shown): string => d.say(`state.${s}` as Word)

export const priorityWord = (d: Desk, t: Ticket): string => d.say(`priority.${t.priority}`)

/** Names of the experts of a ticket's open visit; those that are not known yet are left out. */
export function visitNames(d: Desk, t: Ticket): string {
  const ids = t.visit?.experts ?? []
  if (t.visit?.state === 'offered' && ids.length > 1) return d.say('list.offered', { n: ids.length })
  return d.format.list(ids.map((id) => d.hub.nameOf(id)).filter(Boolean))
}

/** A code's name from the table, the code itself where the server knows more than we. */
export function codeWord(d: Desk, prefix: string, code: string): string {
  const word = `${prefix}.${code.replaceAll(' ', '_')}`
  return hasWord(word) ? d.say(word) : code.replaceAll('_', ' ')
}

/** The sentence that a ticket's row is read out as. */
export function spokenTicket(d: Desk, t: Ticket, due: string): string {
  return [priorityWord(d, t), `T-${t.number} ${t.title}`, stateWord(d, shown(t)), due, t.city].filter(Boolean).join(', ')
}
