// The pane of tickets: filter, states, what waits to be taken in, and the rows.
import { html, nothing, type TemplateResult } from 'lit'
import type { Desk } from './desk'
import { stateFilters } from './header'
import type { Listing } from './listing'
import { toggle } from './query'
import './list'

export interface ListPane {
  query: string
  selected: string
  rowHeight: number
  tick: number
  changed: ReadonlySet<string>
  hidden: boolean
  age: number // of the board in ms, while it loads
  filter: (text: string) => void
  takeIn: () => void
  select: (e: CustomEvent<{ id: string; pointed?: boolean }>) => void
  open: () => void
}

export function listPane(d: Desk, l: Listing, p: ListPane): TemplateResult {
  const hold = (who: string, on: boolean) => () => l.hold(who, on)
  const waiting = l.fresh > 0 ? d.say('list.fresh', { n: l.fresh }) : l.moved ? d.say('list.moved') : ''
  return html`<section class="pane list" aria-label=${d.say('list.name')} ?hidden=${p.hidden}>
    <div class="find">
      <input class="field search" type="search" .value=${p.query} placeholder=${d.say('filter.words')}
        aria-label=${d.say('filter.words')} aria-keyshortcuts="f" autocomplete="off" spellcheck="false"
        @input=${(e: InputEvent) => p.filter((e.target as HTMLInputElement).value)}>
      <kbd class="hint" aria-hidden="true">f</kbd>
    </div>
    ${stateFilters(d, l.counts, p.query, (token) => p.filter(toggle(p.query, token)))}
    <div class="heading"><h2>${l.exceptions > 0 ? d.say('list.exceptions', { n: l.exceptions, all: l.rows.length })
        : d.say('list.all', { n: l.rows.length })}</h2>
      ${waiting ? html`<button class="button small fresh" data-key="t" @click=${p.takeIn}>${waiting} <kbd aria-hidden="true">t</kbd></button>` : nothing}</div>
    ${l.rows.length === 0 ? noRows(d, l, p) : html`<muster-tickets .desk=${d} .rows=${l.rows} .changed=${p.changed}
      .selected=${p.selected} .exceptions=${l.exceptions} .rowHeight=${p.rowHeight} .tick=${p.tick}
      @select-ticket=${p.select} @open=${p.open}
      @pointerenter=${hold('pointer', true)} @pointerleave=${hold('pointer', false)}
      @focusin=${hold('focus', true)} @focusout=${hold('focus', false)}></muster-tickets>`}
  </section>`
}

function noRows(d: Desk, l: Listing, p: ListPane): TemplateResult {
  if (d.hub.freshness.kind === 'loading') {
    return html`${p.age > 150 ? html`<div class="loading" aria-hidden="true">${Array.from({ length: 8 }, () => html`<div class="shape"></div>`)}</div>` : nothing}
      ${p.age > 1000 ? html`<p class="empty" role="status">${d.say('board.loading')}</p>` : nothing}`
  }
  return html`<div class="empty" role="status"><p>${d.say(p.query ? 'board.empty' : 'board.none')}</p>
    ${p.query ? html`<button class="button" @click=${() => p.filter('')}>${d.say('board.clear', { n: l.counts.open })}</button>` : nothing}</div>`
}
