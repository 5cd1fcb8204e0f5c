// The keys of the board, under `?`.
import { html, type TemplateResult } from 'lit'
import type { Word } from '../words/say'
import type { Desk } from './desk'

const keys: { where: Word; keys: [string[], Word][] }[] = [
  { where: 'help.four', keys: [[['t', 'a', '1', 'Enter'], 'help.four.what']] },
  {
    where: 'help.anywhere',
    keys: [
      [['t'], 'help.t'], [['f'], 'help.f'], [['l'], 'help.l'], [['d'], 'help.d'], [['u'], 'help.u'],
      [['Esc'], 'help.esc'], [['?'], 'help.help'],
    ],
  },
  {
    where: 'help.ticket',
    keys: [[['a'], 'help.a'], [['o'], 'help.o'], [['w'], 'help.w'], [['Enter'], 'help.open'], [['j', 'k', '↓', '↑'], 'help.move'],
      [['Home', 'End', 'PageUp', 'PageDown'], 'help.far']],
  },
  { where: 'help.candidates', keys: [[['1', '…', '9'], 'help.digit'], [['→', '←'], 'help.costs'], [['Enter'], 'help.commit']] },
  { where: 'help.day', keys: [[['↑', '↓'], 'help.experts'], [['←', '→'], 'help.bookings'], [['Shift+←', 'Shift+→'], 'help.days'], [['Home'], 'help.today']] },
]

export function help(d: Desk, close: () => void): TemplateResult {
  return html`<dialog class="help" aria-labelledby="help-title" @close=${close}>
    <form method="dialog"><h2 id="help-title">${d.say('help.title')}</h2>
      <button class="button small" autofocus>${d.say('close')} <kbd aria-hidden="true">Esc</kbd></button></form>
    <div class="sections">${keys.map((s) => html`<section><h3>${d.say(s.where)}</h3>
      <dl>${s.keys.map(([k, what]) => html`<div><dt>${k.map((x) => html`<kbd>${x}</kbd> `)}</dt><dd>${d.say(what)}</dd></div>`)}</dl>
    </section>`)}</div>
  </dialog>`
}
