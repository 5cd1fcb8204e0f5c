// What can be found by name under `.`: the keys of the board, and what they are called.
import { html, type TemplateResult } from 'lit'
import type { Candidate, Ticket } from '../model'
import type { Command } from './commands'
import type { Desk } from './desk'
import './commands'

export interface CommandList {
  ticket: Ticket | undefined
  /** The chosen ticket's best candidate, if it was compared. */
  best: Candidate | undefined
  undo: boolean
  rows: readonly string[]
  does: Record<string, () => void>
  assignBest: () => void
  choose: (ticket: string) => void
  close: () => void
}

export function commandList(d: Desk, l: CommandList): TemplateResult {
  const named = (key: string, name: string): Command => ({ key, name, run: () => l.does[key]?.() })
  const own = !l.ticket ? [] : [
    ...(l.best ? [{ key: 'a 1', name: d.say('commands.best', { name: l.best.name ?? '' }), run: l.assignBest }] : []),
    named('a', d.say('help.a')), named('o', d.say('help.o')), named('w', d.say('help.w')), named('q', d.say('help.q')), named('x', d.say('help.x')),
  ]
  const all = [
    named('t', d.say('help.t')), named('f', d.say('help.f')), named('l', d.say('help.l')), named('d', d.say('help.d')),
    ...(l.undo ? [named('u', d.say('help.u'))] : []), named('b', d.say('help.b')), named('?', d.say('help.help')),
  ]
  return html`<muster-commands .desk=${d} .ticket=${l.ticket} .own=${own} .all=${all} .rows=${l.rows}
    .choose=${l.choose} .close=${l.close}></muster-commands>`
}
