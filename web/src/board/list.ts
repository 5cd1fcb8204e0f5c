// The list of tickets: a grid of fixed row heights that renders only the rows in sight and eight around
// them. One Tab stop; the row that has the focus is never recycled.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { glyph } from '../look/glyphs'
import { vars } from '../look/vars'
import { ref, shown, type Ticket } from '../model'
import { signals, type Signals } from './attention'
import { testName } from './reason'
import { priorityWord, spokenTicket, stateWord, visitNames, type Desk } from './desk'

const around = 8
const most = 60 // row elements

@customElement('muster-tickets')
export class TicketList extends LitElement {
  @property({ attribute: false }) desk!: Desk
  @property({ attribute: false }) rows: string[] = []
  @property({ attribute: false }) changed: ReadonlySet<string> = new Set()
  @property() selected = ''
  @property({ type: Number }) exceptions = 0
  @property({ type: Number }) rowHeight = 56
  @property({ type: Number }) tick = 0
  @state() private top = 0
  @state() private tall = 600
  private sizes: ResizeObserver | undefined

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.sizes = new ResizeObserver(() => (this.tall = this.clientHeight))
    this.sizes.observe(this)
    this.addEventListener('scroll', this.scrolled, { passive: true })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.sizes?.disconnect()
    this.removeEventListener('scroll', this.scrolled)
  }

  private readonly scrolled = (): void => {
    this.top = this.scrollTop
  }

  protected override render(): TemplateResult {
    const { first, last } = this.window()
    const visible: { id: string; i: number }[] = []
    for (let i = first; i < last; i++) visible.push({ id: this.rows[i]!, i })
    const at = this.rows.indexOf(this.selected)
    if (at >= 0 && (at < first || at >= last)) visible.push({ id: this.selected, i: at })
    // The Tab stop is the selected row, the first one without a selection.
    const stop = at >= 0 ? this.selected : this.rows[0]
    return html`<div role="grid" class="rows" aria-label=${this.desk.say('list.name')} aria-rowcount=${this.rows.length}
        aria-colcount="1" ${vars({ '--all': `${this.rows.length * this.rowHeight}px` })}
        @click=${this.clicked} @keydown=${this.key}>
      ${repeat(visible, (r) => r.id, (r) => this.row(r.id, r.i, r.id === stop))}
    </div>`
  }

  private window(): { first: number; last: number } {
    const first = Math.max(0, Math.floor(this.top / this.rowHeight) - around)
    const fits = Math.ceil(this.tall / this.rowHeight) + 2 * around
    return { first, last: Math.min(this.rows.length, first + Math.min(fits, most)) }
  }

  private row(id: string, i: number, stop: boolean): TemplateResult | typeof nothing {
    const d = this.desk
    const t = d.hub.store.tickets.get(id)
    if (!t) return nothing
    const s = signals(t, d.now(), d.hub.store)
    const due = dueWords(d, t, s)
    const state = shown(t)
    const names = visitNames(d, t)
    const flagged = s.none || (t.visit?.state === 'offered' && t.visit.deadline)
    const classes = [
      'row', id === this.selected ? 'selected' : '', this.changed.has(id) ? 'changed' : '',
      i === this.exceptions && i > 0 ? 'rest' : '',
    ].join(' ')
    return html`<div role="row" class=${classes} data-id=${id} data-rev=${t.rev} data-state=${state}
        aria-rowindex=${i + 1} aria-selected=${id === this.selected} tabindex=${stop ? 0 : -1}
        aria-label=${spokenTicket(d, t, due.spoken)} ${vars({ '--y': `${i * this.rowHeight}px` })}>
      <div role="gridcell" class="cells">
        <span class="pri ${t.priority === 'critical' ? 's-critical' : ''}" title=${priorityWord(d, t)}>${glyph(t.priority)}</span>
        <span class="what"><span class="id mono">${ref(t)}</span> ${t.title}</span>
        <span class="due ${due.sign ? `s-${due.sign}` : ''}">${due.sign ? glyph(due.sign) : nothing} ${due.text}</span>
        <span class="now ${flagged ? '' : 'wide'}">
          <span class="state s-${state}">${glyph(state)} ${stateWord(d, state)}</span>
          <span class="who">${[names, t.visit && state !== 'offered' ? d.format.moment(t.visit.start, d.now(), t.zone) : '', t.city]
            .filter(Boolean).join(' · ')}</span>
        </span>
        ${s.none ? html`<span class="flag s-none" title=${t.no_expert ? testName(d, t.no_expert.main) : nothing}>${glyph('none')} ${d.say('signal.none')}</span>`
          : t.visit?.state === 'offered' && t.visit.deadline
            ? html`<span class="flag s-offered">${d.say('list.left', { time: d.format.countdown(Date.parse(t.visit.deadline) - d.now()) })}</span>`
            : nothing}
      </div>
    </div>`
  }

  private readonly clicked = (e: MouseEvent): void => {
    const row = (e.target as Element).closest<HTMLElement>('.row')
    if (row?.dataset['id']) this.choose(row.dataset['id'], true)
  }

  private readonly key = (e: KeyboardEvent): void => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return
    if (e.key === 'Enter') {
      if (!e.repeat) this.dispatchEvent(new CustomEvent('open', { bubbles: true }))
      e.preventDefault()
      return
    }
    if (this.step(e.key)) e.preventDefault()
  }

  /** Moves the selection as a key says; false if the key means nothing here. */
  step(key: string): boolean {
    const page = Math.max(1, Math.floor(this.tall / this.rowHeight) - 1)
    const at = this.rows.indexOf(this.selected)
    const to: Record<string, number> = {
      ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: this.rows.length - 1,
      PageDown: at + page, PageUp: at - page,
    }
    const i = to[key]
    if (i === undefined) return false
    const id = this.rows[Math.max(0, Math.min(this.rows.length - 1, i))]
    if (id) this.choose(id, false)
    return true
  }

  private choose(id: string, pointed: boolean): void {
    this.dispatchEvent(new CustomEvent('select-ticket', { detail: { id, pointed }, bubbles: true }))
    void this.focusRow(id)
  }

  /** Brings a row into sight and gives it the focus. */
  async focusRow(id: string): Promise<void> {
    this.reveal(id)
    await this.updateComplete
    this.querySelector<HTMLElement>(`.row[data-id="${id}"]`)?.focus({ preventScroll: true })
  }

  reveal(id: string): void {
    const at = this.rows.indexOf(id)
    if (at < 0) return
    const y = at * this.rowHeight
    if (y < this.scrollTop) this.scrollTop = y
    else if (y + this.rowHeight > this.scrollTop + this.clientHeight) this.scrollTop = y + this.rowHeight - this.clientHeight
    this.top = this.scrollTop
  }
}

/** When a ticket is due, in the row's few signs and as it is read out. */
export function dueWords(d: Desk, t: Ticket, s: Signals): { sign?: 'late' | 'soon'; text: string; spoken: string } {
  const both = (word: 'due.late' | 'due.soon', minutes: number) => {
    const text = d.say(word, { time: d.format.short(minutes) })
    return { text, spoken: text }
  }
  if (s.late !== undefined) return { sign: 'late', ...both('due.late', s.late) }
  if (s.soon !== undefined) return { sign: 'soon', ...both('due.soon', s.soon) }
  const state = shown(t)
  if (state === 'waiting' && t.wait) {
    const text = d.say('due.until', { time: d.format.moment(t.wait.until, d.now(), t.zone) })
    return { text, spoken: text }
  }
  if (state === 'arrived' || state === 'in_progress' || state === 'ended' || state === 'completed') return { text: '', spoken: '' }
  const text = d.say('due.at', { time: d.format.moment(t.due_at, d.now(), t.zone) })
  return { text, spoken: text }
}
