// The panes: the list, and beside it or in its place the day, the candidates or why the others can't.
import { html, nothing, type TemplateResult } from 'lit'
import { listPane } from './listpane'
import type { Parts } from './parts'
import { tabs } from './tabs'
import type { View } from './views'
import './candidates'
import './day'
import './why'

export function panes(b: Parts): TemplateResult {
  return html`<main class="panes" data-view=${b.views.seen}>${list(b)} ${side(b)}</main>`
}

/** The tabs at the foot of a phone. */
export function footTabs(b: Parts): TemplateResult {
  return choose(b, ['list', 'candidates', 'day'], 'bottom')
}

function list(b: Parts): TemplateResult {
  const { listing, selection, views, actions } = b
  return listPane(b.desk, listing, {
    query: selection.query, selected: selection.id, rowHeight: b.rowHeight, tick: b.tick, changed: b.flashes.ids,
    hidden: views.narrow && views.seen !== 'list', age: Date.now() - b.loading.began,
    filter: (text) => selection.filter(text), takeIn: () => actions.takeIn(), select: actions.selectTicket,
    open: () => actions.enterCandidates('assign'),
  })
}

function side(b: Parts): TemplateResult {
  const { layout, narrow, seen } = b.views
  if (layout === 'wide') return html`${seen === 'why' ? why(b) : day(b)} ${candidates(b)}`
  return html`<section class="pane side" ?hidden=${narrow && seen === 'list'}>
    ${layout === 'middle' ? choose(b, ['candidates', 'day'], 'top') : nothing}
    ${seen === 'day' ? day(b) : seen === 'why' ? why(b) : candidates(b)}
  </section>`
}

function choose(b: Parts, of: View[], where: 'top' | 'bottom'): TemplateResult {
  const { views } = b
  return tabs(b.desk, where, of, of.includes(views.seen) ? views.seen : 'candidates', (v, byKey) => {
    views.show(v as View)
    if (byKey) void b.updateComplete.then(() => views.piece<HTMLElement>('[role=tab][aria-selected=true]')?.focus())
  })
}

function candidates(b: Parts): TemplateResult {
  const { actions } = b
  return html`<section class="pane side candidates-pane" aria-label=${b.desk.say('view.candidates')}>
    <muster-candidates .desk=${b.desk} .choice=${b.choice} .ticket=${b.selection.ticket} .tick=${b.tick} .readonlyWhy=${b.readonlyWhy}
      @why=${() => actions.openWhy()} @top=${() => actions.takeIn()} @commit=${() => actions.commit()}></muster-candidates>
  </section>`
}

function day(b: Parts): TemplateResult {
  const { ticket } = b.selection
  const zone = ticket?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  return html`<section class="pane day" aria-label=${b.desk.say('view.day')}>
    <muster-day .desk=${b.desk} .candidates=${b.choice.candidates} .ghosts=${b.choice.chosen} .ticket=${ticket}
      .at=${b.views.dayAt || b.desk.now()} .zone=${zone} .rowHeight=${Math.min(44, b.rowHeight)} .tick=${b.tick}
      @select-ticket=${b.actions.selectTicket} @day=${(e: CustomEvent<{ step: number }>) => b.views.turnDay(e.detail.step)}></muster-day>
  </section>`
}

function why(b: Parts): TemplateResult {
  const d = b.desk
  return html`<section class="pane why" aria-label=${d.say('why.button')}>
    <div class="bar"><span class="space"></span>
      <button class="button small" @click=${() => b.actions.back()}>${d.say('close')} <kbd aria-hidden="true">Esc</kbd></button></div>
    <muster-why .desk=${d} .match=${b.choice.match} .ticket=${b.selection.ticket} .open=${b.choice.open(b.selection.ticket)}></muster-why>
  </section>`
}
