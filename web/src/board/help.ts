// The keys of the board, under `?`.
import { html, nothing, type TemplateResult } from 'lit'
import { languageButtons } from '../words/buttons'
import type { Word } from '../words/say'
import type { Desk } from './desk'

const keys: { where: Word; keys: [string[], Word][] }[] = [
  { where: 'help.four', keys: [[['t', 'a', '1', 'Enter'], 'help.four.what']] },
  {
    where: 'help.anywhere',
    keys: [
      [['t'], 'help.t'], [['f'], 'help.f'], [['l'], 'help.l'], [['d'], 'help.d'], [['u'], 'help.u'],
      [['b'], 'help.b'], [['.'], 'help.commands'], [['Esc'], 'help.esc'], [['?'], 'help.help'],
    ],
  },
  { where: 'help.day', keys: [[['↑', '↓'], 'help.experts'], [['←', '→'], 'help.bookings'], [['Shift+←', 'Shift+→'], 'help.days'], [['Home'], 'help.today'],
    [['+', '-'], 'help.scale']] },
  {
    where: 'help.ticket',
    keys: [[['a'], 'help.a'], [['o'], 'help.o'], [['w'], 'help.w'], [['q'], 'help.q'], [['x'], 'help.x'], [['Enter'], 'help.open'], [['j', 'k', '↓', '↑'], 'help.move'],
      [['Home', 'End', 'PageUp', 'PageDown'], 'help.far']],
  },
  { where: 'help.candidates', keys: [[['1', '…', '9'], 'help.digit'], [['→', '←'], 'help.costs'], [['Enter'], 'help.commit']] },
]

export interface Help {
  close: () => void
  /** Whether the page is ours, so that its language is chosen here. */
  page: boolean
  /** Whether letters and digits are keys here; some people's speech or hands make them a nuisance. */
  letters: boolean
  switchLetters: (on: boolean) => void
  hints: () => void
}

export function help(d: Desk, h: Help): TemplateResult {
  return html`<dialog class="help" aria-labelledby="help-title" @close=${h.close}>
    <form method="dialog"><h2 id="help-title">${d.say('help.title')}</h2>
      <button class="button small" autofocus>${d.say('close')} <kbd aria-hidden="true">Esc</kbd></button></form>
    <div class="sections">${keys.map((s) => html`<section><h3>${d.say(s.where)}</h3>
      <dl>${s.keys.map(([k, what]) => html`<div><dt>${k.map((x) => html`<kbd>${x}</kbd> `)}</dt><dd>${d.say(what)}</dd></div>`)}</dl>
    </section>`)}</div>
    <div class="switches">
      <label><input type="checkbox" class="letters" .checked=${h.letters} aria-describedby="letters-off"
        @change=${(e: Event) => h.switchLetters((e.target as HTMLInputElement).checked)}> ${d.say('help.letters')}</label>
      <p id="letters-off" class="meta">${d.say('help.letters.off')}</p>
      ${h.page ? languageButtons(d.say, d.format.language) : nothing}
      <button class="button small hints-again" @click=${h.hints}>${d.say('help.hints')}</button>
    </div>
  </dialog>`
}
