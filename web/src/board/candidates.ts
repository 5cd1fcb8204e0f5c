// The chosen ticket's candidates: a listbox, entered by `a`. Each is an expert and a start with its cost in
// minutes lost, broken down by term; digits choose, Enter commits.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { glyph } from '../look/glyphs'
import { ref, shown, type Candidate, type Match, type Ticket } from '../model'
import { signals } from './attention'
import type { Choice } from './choice'
import { refusalText } from './refusal'
import { priorityWord, stateWord, visitNames, type Desk } from './desk'
import { dueWords } from './list'
import { count, reasonText, termName, termWhy, testName } from './reason'

const shownAtFirst = 9 // one for each digit

// closedWords say why nobody is to be chosen for a ticket.
export function closedWords(d: Desk, t: Ticket): string {
  if (t.state === 'triage') return d.say('candidates.triage')
  return d.say('candidates.closed', { state: stateWord(d, shown(t)) })
}

@customElement('muster-candidates')
export class Candidates extends LitElement {
  @property({ attribute: false }) desk!: Desk
  @property({ attribute: false }) choice!: Choice
  @property({ attribute: false }) ticket: Ticket | undefined
  @property({ type: Number }) tick = 0
  /** Why this person may only look, empty if they may act. */
  @property() readonlyWhy = ''
  @state() private open = '' // the expert whose costs are shown in full
  @state() private all = false
  private seen = '' // who and which start was brought into sight
  private entering = false // the focus is on its way in, the candidates on theirs

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get('ticket') as Ticket | undefined
    if (changed.has('ticket') && before?.id !== this.ticket?.id) {
      this.open = ''
      this.all = false
    }
  }

  protected override render(): TemplateResult {
    const d = this.desk
    const t = this.ticket
    if (!t) return html`<div class="empty"><p>${d.say('candidates.none-chosen')}</p>
      <button class="button" data-key="t" @click=${() => this.tell('top')}><kbd aria-hidden="true">t</kbd> ${d.say('hint.t')}</button></div>`
    return html`${this.head(t)} ${this.body(t)}`
  }

  private head(t: Ticket): TemplateResult {
    const d = this.desk
    const s = signals(t, d.now(), d.hub.store)
    const due = dueWords(d, t, s)
    const state = shown(t)
    const names = visitNames(d, t)
    const needs = (t.needs ?? []).map((n) => `${d.hub.skillName(n.skill)} ${n.level}`)
    const facts = [
      needs.join(', '),
      ...(t.windows ?? []).slice(0, 2).map((w) => d.format.span(w.start, w.end, d.now(), t.zone)),
      t.duration_min ? `~${d.format.minutes(t.duration_min)}` : '',
      t.crew > 1 ? d.say('ticket.crew', { n: t.crew }) : '',
      t.city,
    ].filter(Boolean)
    return html`<header class="ticket">
      <h2><span class="mono">${ref(t)}</span> ${t.title}</h2>
      <p class="signs">
        <span class=${t.priority === 'critical' ? 's-critical' : ''}>${glyph(t.priority)} ${priorityWord(d, t)}</span>
        <span class="s-${state}">${glyph(state)} ${stateWord(d, state)}${names ? html` <span class="ink">${names}</span>` : nothing}</span>
        ${due.text ? html`<span class=${due.sign ? `s-${due.sign}` : 'ink2'}>${due.sign ? glyph(due.sign) : nothing} ${due.text}</span>` : nothing}
        ${s.none ? html`<span class="s-none">${glyph('none')} ${t.no_expert ? d.say('signal.none-since', {
          time: d.format.moment(t.no_expert.since, d.now()), test: testName(d, t.no_expert.main).toLowerCase() }) : d.say('signal.none')}</span>` : nothing}
        ${t.step ? html`<span class="s-late">${d.say('signal.step', { n: t.step })}</span>` : nothing}
      </p>
      <p class="facts">${facts.join(' · ')}</p>
      ${t.text && t.text !== t.title ? html`<p class="said">${t.text}</p>` : nothing}
    </header>`
  }

  private body(t: Ticket): TemplateResult {
    const d = this.desk
    const c = this.choice
    if (!c.open(t) && !c.match) return html`<p class="empty">${closedWords(d, t)}</p>`
    if (c.failed) {
      const no = refusalText(d, c.failed)
      return html`<div class="empty" role="alert"><p>${d.say('match.failed')} ${no.text} ${no.hint ?? ''}</p>
        <button class="button" @click=${() => c.again()}>${d.say('try-again')}</button></div>`
    }
    if (!c.match) {
      return html`<div class="loading" aria-hidden="true">${[0, 1, 2].map(() => html`<div class="shape"></div>`)}</div>
        <p class="empty late-words" role="status">${d.say('match.loading')}</p>`
    }
    return this.matched(c.match, t)
  }

  private matched(m: Match, t: Ticket): TemplateResult {
    const d = this.desk
    const c = this.choice
    const list = this.all ? c.candidates : c.candidates.slice(0, Math.max(shownAtFirst, ...c.picked.map((i) => i + 1)))
    const rest = c.candidates.length - list.length
    return html`
      ${c.notice?.kind === 'refused' ? html`<p class="refused"><span class="s-late">${glyph('none')}</span> ${c.notice.text} ${c.notice.hint ?? ''}</p>` : nothing}
      ${c.outdated ? html`<p class="note">${d.say('match.outdated')}
        <button class="button small" @click=${() => c.again()}>${d.say('match.again')}</button></p>` : nothing}
      ${c.candidates.length === 0
        ? html`<p class="nobody s-none">${glyph('none')} <b>${d.say('candidates.nobody')}</b></p>`
        : html`<div class="modes" role="radiogroup" aria-label=${d.say('mode.name')}>
            ${(['assign', 'offer'] as const).map((mode) => html`<button role="radio" class="mode" aria-checked=${c.mode === mode}
              tabindex=${c.mode === mode ? 0 : -1} @click=${() => c.setMode(mode)} @keydown=${this.modeKey}>${d.say(`mode.${mode}`)}
              <kbd aria-hidden="true">${mode === 'assign' ? 'a' : 'o'}</kbd></button>`)}
            <span class="meta">${d.say('candidates.count', { n: c.candidates.length })}</span>
          </div>
          <ul role="listbox" class="candidates" tabindex="0" aria-label=${d.say('candidates.name', { ticket: this.ticket ? ref(this.ticket) : '' })}
              aria-multiselectable=${c.places > 1}
              aria-activedescendant=${c.picked.length > 0 ? `cand-${c.picked.at(-1)}` : nothing} @keydown=${this.key}>
            ${list.map((x, i) => this.candidate(x, i, t))}
          </ul>
          ${rest > 0 ? html`<button class="button quiet more" @click=${() => (this.all = true)}>
            ${d.say('candidates.more', { n: rest })}</button>` : nothing}`}
      ${this.against(m)} ${this.foot()}`
  }

  private candidate(base: Candidate, i: number, t: Ticket): TemplateResult {
    const d = this.desk
    const x = this.choice.starts.of(base)
    const chosen = this.choice.picked.includes(i)
    const open = this.open === x.expert
    const terms = (x.terms ?? []).filter((term) => Math.round(term.minutes) !== 0)
    const plus = (x.terms ?? []).filter((term) => Math.round(term.minutes) < 0).map((term) => termWhy(d, term, x, t)).filter(Boolean)
    const start = d.format.moment(x.start, d.now(), t.zone)
    return html`<li role="option" id="cand-${i}" class="candidate ${chosen ? 'chosen' : ''}" aria-selected=${chosen}
        data-expert=${x.expert} @click=${(e: MouseEvent) => this.clicked(e, base, i)}>
      <span class="digit mono" aria-hidden="true">${i < 9 ? i + 1 : ''}</span>
      <span class="name">${x.name || d.hub.nameOf(x.expert) || x.expert}${x.on_call ? html` <span class="meta">${d.say('candidates.on-call')}</span>` : nothing}${
        x.beyond?.length && t.step ? html` <span class="meta">${d.say('candidates.beyond', { n: t.step })}</span>` : nothing}</span>
      <span class="start">${d.say('candidates.starts', { time: start })} · ${d.format.km(x.km)}</span>
      <span class="cost" title=${d.say('candidates.cost-title')}>${d.say('candidates.cost', { n: Math.round(x.cost) })}</span>
      <span class="terms">${terms.map((term) => html`<span>${termName(d, term)} ${d.format.number(Math.round(term.minutes))}</span>`)}
        <span class="unfold" aria-hidden="true" title=${d.say('candidates.unfold')}>${open ? '▴' : '▾'} ${d.say('candidates.unfold')}</span></span>
      ${plus.length > 0 ? html`<span class="plus">+ ${plus.join(' ')}</span>` : nothing}
      ${open ? this.unfolded(base, x, t) : nothing}
    </li>`
  }

  /** All costs of a candidate, and when else they could come. */
  private unfolded(base: Candidate, x: Candidate, t: Ticket): TemplateResult {
    const d = this.desk
    const starts = this.choice.starts.list(base)
    return html`<span class="costs">
      <span class="when">${starts && starts.length > 1 ? d.say('starts.name') : d.say(starts ? 'starts.only' : 'starts.loading')}</span>
      ${starts && starts.length > 1 ? html`<span class="starts">${starts.map((s) => html`<span class="at ${s.start === x.start ? 'on' : ''}" data-start=${s.start}>
        <span>${d.format.moment(s.start, d.now(), t.zone)}</span><span class="ink3">${d.format.minutes(s.cost)}</span></span>`)}</span>` : nothing}
      ${(x.terms ?? []).map((term) => html`<span class="term">
        <span>${termName(d, term)}</span><span class="num">${d.format.number(Math.round(term.minutes * 10) / 10)}</span>
        <span class="why">${termWhy(d, term, x, t)}</span></span>`)}
      <span class="term"><span>${d.say('candidates.leave')}</span><span class="num"></span>
        <span class="why">${d.format.moment(x.depart, d.now(), t.zone)} · ${d.format.span(x.start, x.end, d.now(), t.zone)}</span></span>
    </span>`
  }

  private clicked(e: MouseEvent, c: Candidate, i: number): void {
    const at = e.target as Element
    const start = at.closest<HTMLElement>('[data-start]')?.dataset['start']
    if (start) this.choice.startAt(i, start)
    else if (at.closest('.unfold')) this.unfold(this.open === c.expert ? undefined : c)
    else if (!at.closest('.costs')) this.choice.choose(i)
  }

  private unfold(c: Candidate | undefined): void {
    this.open = c?.expert ?? ''
    if (c && this.ticket) this.choice.starts.look(this.ticket.id, c)
  }

  private against(m: Match): TemplateResult {
    const d = this.desk
    const total = m.excluded?.length ?? 0
    if (total === 0) return html``
    const top = count(m).slice(0, 4)
    return html`<div class="against"><p>${d.say('candidates.cant', { n: total })}
      ${d.format.list(top.map((c) => `${testName(d, c.code).toLowerCase()} ${d.format.number(c.fails)}`))}.
      ${this.choice.candidates.length === 0 && top[0]?.nearest
        ? html`<br>${d.say('candidates.nearest', { name: top[0].nearest.name })}
            ${reasonText(d, top[0].nearest.reason, this.ticket?.zone ?? '')}` : nothing}</p>
      <button class="button small" data-key="w" @click=${() => this.tell('why')}>${d.say('why.button')} <kbd aria-hidden="true">w</kbd></button></div>`
  }

  private foot(): TemplateResult {
    const d = this.desk
    const c = this.choice
    const x = c.candidate
    const start = x && this.ticket ? d.format.moment(x.start, d.now(), this.ticket.zone) : ''
    const more = c.picked.length < c.places
    const crew = c.picked.length > 1
    const main = c.sending ? d.say('sending')
      : x && more ? d.say('commit.second', { name: c.names() })
      : !x ? d.say(c.mode === 'offer' ? 'commit.choose-offer' : c.places > 1 ? 'commit.choose-crew' : 'commit.choose')
      : crew && c.starts.agreeing ? d.say('commit.agreeing')
      : crew && c.starts.apart ? d.say('commit.together', { name: c.names() })
      : d.say(c.mode === 'offer' ? 'commit.offer' : 'commit.assign', { name: c.names(), time: start })
    const off = more || !c.drawn || c.sending || c.starts.agreeing || this.readonlyWhy !== ''
    if (c.candidates.length === 0) return html``
    return html`<div class="foot">
      ${crew && c.starts.apart ? html`<p class="apart">${d.say('starts.apart', { name: c.starts.apart.name ?? '' })}
        ${c.starts.apart.reasons.slice(0, 2).map((r) => reasonText(d, r, this.ticket?.zone ?? '')).join(' ')}</p>` : nothing}
      <button class="button main commit" aria-disabled=${off} title=${this.readonlyWhy}
        aria-describedby=${this.readonlyWhy ? 'readonly' : nothing} @click=${() => this.tell('commit')}>
        ${!more && !c.sending ? html`<kbd aria-hidden="true">Enter</kbd>` : nothing} ${main}</button>
      ${this.readonlyWhy ? html`<span id="readonly" class="meta">${this.readonlyWhy}</span>` : nothing}
    </div>`
  }

  private readonly modeKey = (e: KeyboardEvent): void => {
    if (e.key === 'ArrowRight' || e.key === 'ArrowLeft') {
      this.choice.setMode(this.choice.mode === 'assign' ? 'offer' : 'assign')
      void this.updateComplete.then(() => this.querySelector<HTMLElement>('.mode[aria-checked="true"]')?.focus())
      e.preventDefault()
    }
  }

  private readonly key = (e: KeyboardEvent): void => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return
    const c = this.choice
    const last = c.candidates.length - 1
    const at = c.picked.at(-1) ?? -1
    const move: Record<string, number> = {
      ArrowDown: Math.min(last, at + 1), j: Math.min(last, at + 1),
      ArrowUp: Math.max(0, at - 1), k: Math.max(0, at - 1), Home: 0, End: last,
    }
    const to = move[e.key]
    if (to !== undefined) {
      c.moveTo(to)
    } else if (e.key === 'ArrowRight' || e.key === 'ArrowLeft') {
      this.along(Math.max(0, at), e.key === 'ArrowRight' ? 1 : -1)
    } else if (/^[1-9]$/.test(e.key) && !e.repeat) {
      c.type(Number(e.key))
    } else if (e.key === 'Enter') {
      if (!e.repeat) this.tell('commit')
    } else {
      return
    }
    e.preventDefault()
    e.stopPropagation()
  }

  /** To the right: costs and starts, then the next start. To the left: the start before, then costs and starts away. */
  private along(i: number, step: number): void {
    const c = this.choice.candidates[i]
    if (!c) return
    if (this.open !== c.expert) return this.unfold(step > 0 ? c : undefined)
    const { starts } = this.choice
    if (step < 0 && starts.of(c).start === c.start) this.unfold(undefined)
    else this.choice.startAt(i, step)
  }

  /** Gives the focus to the candidates; to the pane until they are there. */
  enter(): void {
    this.entering = true
    if (this.arrive()) return
    this.tabIndex = -1
    this.focus()
  }

  protected override updated(): void {
    if (this.entering) this.arrive()
    const last = this.choice.picked.at(-1) ?? -1
    const start = this.choice.chosen.at(-1)?.start ?? ''
    const seen = `${last} ${start} ${this.open}`
    if (seen !== this.seen) this.querySelector(this.open && last >= 0 ? `#cand-${last} .at.on` : `#cand-${last}`)?.scrollIntoView({ block: 'nearest' })
    this.seen = seen
  }

  /** Hands the focus on to the candidates once they are there, unless the reader is elsewhere meanwhile. */
  private arrive(): boolean {
    const box = this.querySelector<HTMLElement>('[role=listbox]')
    if (!box) return false
    this.entering = false
    const active = (this.getRootNode() as ShadowRoot).activeElement
    if (!this.hasAttribute('tabindex') || active === this) box.focus({ preventScroll: true })
    this.removeAttribute('tabindex')
    return true
  }

  private tell(what: 'why' | 'commit' | 'top'): void {
    this.dispatchEvent(new CustomEvent(what, { bubbles: true }))
  }
}
