// The day: a row for each expert who matters, with the stops of the tour as bars on one time axis. The
// candidates of the chosen ticket come first, in their order, then those who have stops.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { glyph } from '../look/glyphs'
import { vars } from '../look/vars'
import { ref, shown, type Candidate, type Shown, type Stop, type Ticket, type Tour } from '../model'
import { startOfDay } from '../words/format'
import { stateWord, type Desk } from './desk'
import { inOrder, took } from './took'

const around = 8
const most = 60
const hour = 3_600_000
const fewest = 3 // hours on the axis

/** Parsed once for each value: the rows of a day are made of thousands of tours. */
const spans = new WeakMap<Tour, { start: number; end: number }>()

function spanOf(t: Tour): { start: number; end: number } {
  let s = spans.get(t)
  if (!s) spans.set(t, (s = { start: Date.parse(t.start), end: Date.parse(t.end) }))
  return s
}

interface Row {
  expert: string
  name: string
  tours: Tour[]
  candidate: Candidate | undefined
  digit: number // among the candidates, 0 for none
}

@customElement('muster-day')
export class Day extends LitElement {
  @property({ attribute: false }) desk!: Desk
  @property({ attribute: false }) candidates: Candidate[] = []
  /** The chosen candidates, who are drawn where they would be. */
  @property({ attribute: false }) ghosts: Candidate[] = []
  @property({ attribute: false }) ticket: Ticket | undefined
  /** An instant of the day shown. */
  @property({ type: Number }) at = Date.now()
  @property() zone = ''
  @property({ type: Number }) rowHeight = 40
  @property({ type: Number }) tick = 0
  @state() private top = 0
  @state() private tall = 600
  @state() private wide = 600
  @state() private zoom = 0 // steps from the usual scale: above 0 fewer hours, below more
  @state() private focused = '' // the Tab stop: expert, or expert/visit
  private rows: Row[] = []
  private madeFrom: unknown[] = []
  private focusHere = false
  private from = 0
  private to = 0
  private sizes: ResizeObserver | undefined

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override firstUpdated(): void {
    const body = this.querySelector('.lanes')!
    this.sizes = new ResizeObserver(() => {
      this.tall = body.clientHeight
      this.wide = this.querySelector('.axis .track')!.clientWidth
    })
    this.sizes.observe(body)
    body.addEventListener('scroll', () => (this.top = body.scrollTop), { passive: true })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.sizes?.disconnect()
  }

  protected override willUpdate(): void {
    this.focusHere = this.contains(this.activeElement)
    const start = startOfDay(this.at, this.zone)
    const its = this.ticket?.visit?.experts ?? []
    const from = [this.desk.hub.store.toursChanged, start, this.candidates, this.ticket?.region, ...its]
    if (from.length !== this.madeFrom.length || from.some((v, i) => v !== this.madeFrom[i])) {
      this.madeFrom = from
      this.rows = this.collect(start)
    }
    this.scale(start)
  }

  /** A row that moved to another place has lost the focus on its way. */
  protected override updated(): void {
    if (this.activeElement === this && this.rows.length > 0) {
      this.removeAttribute('tabindex')
      void this.focusStop(this.stopAt())
    } else if (this.focusHere && !this.contains(this.activeElement)) {
      this.querySelector<HTMLElement>(`[data-stop="${this.focused}"]`)?.focus({ preventScroll: true })
    }
  }

  private get activeElement(): Element | null {
    const root = this.getRootNode()
    return root instanceof ShadowRoot ? root.activeElement : document.activeElement
  }

  /** The rows of the day: who can take the ticket, who has it, then who has stops, those nearby first. */
  private collect(start: number): Row[] {
    const { tours } = this.desk.hub.store
    const end = start + 24 * hour
    const by = new Map<string, Tour[]>()
    for (const t of tours.values()) {
      if (t.removed || spanOf(t).end <= start || spanOf(t).start >= end) continue
      const list = by.get(t.expert)
      if (list) list.push(t)
      else by.set(t.expert, [t])
    }
    const rows: Row[] = this.candidates.slice(0, 30).map((c, i) => ({
      expert: c.expert, name: c.name ?? '', tours: by.get(c.expert) ?? [], candidate: c, digit: i + 1,
    }))
    const taken = new Set(rows.map((r) => r.expert))
    const rest: Row[] = []
    for (const [expert, list] of by) {
      if (taken.has(expert) || list.every((t) => (t.stops ?? []).length === 0)) continue
      rest.push({ expert, name: this.desk.hub.store.experts.get(expert)?.name ?? '', tours: list, candidate: undefined, digit: 0 })
    }
    const its = this.ticket?.visit?.experts ?? []
    const near = (r: Row) => (its.includes(r.expert) ? 0 : r.tours.some((t) => t.region === this.ticket?.region) ? 1 : 2)
    const ranked = rest.map((r) => ({ r, near: near(r), start: spanOf(r.tours[0]!).start }))
    ranked.sort((a, b) => a.near - b.near || a.start - b.start || (a.r.expert < b.r.expert ? -1 : 1))
    return [...rows, ...ranked.map((x) => x.r)]
  }

  /** The axis spans the candidates' shifts of the day, where there are none the usual day; nine hours at least. */
  private scale(start: number): void {
    let from = start + 8 * hour
    let to = start + 17 * hour
    const spans = this.rows.flatMap((r) => r.candidate
      ? [...r.tours, ...(this.sameDay(r.candidate.shift.start) ? [r.candidate.shift] : [])] : [])
    for (const s of spans) {
      from = Math.min(from, Math.max(start, Date.parse(s.start)))
      to = Math.max(to, Math.min(start + 24 * hour, Date.parse(s.end)))
    }
    if (spans.length === 0) {
      from = start + 6 * hour
      to = start + 20 * hour
    }
    this.from = start + Math.floor((from - start) / hour) * hour
    this.to = start + Math.ceil((to - start) / hour) * hour
    if (this.zoom !== 0) this.rescale(start)
  }

  /** Fewer hours around what matters, the chosen one's start or now, or more of the day. */
  private rescale(start: number): void {
    const whole = (this.to - this.from) / hour
    const hours = this.zoom > 0 ? Math.max(fewest, Math.round(whole / 2 ** this.zoom)) : Math.min(24, Math.round(whole * 1.6 ** -this.zoom))
    const [g] = this.ghosts
    const now = this.desk.now()
    const middle = g && this.sameDay(g.start) ? Date.parse(g.start) : now > this.from && now < this.to ? now : (this.from + this.to) / 2
    const first = Math.max(0, Math.min(24 - hours, Math.round((middle - start) / hour - hours / 2)))
    this.from = start + first * hour
    this.to = this.from + hours * hour
  }

  private scaleBy(step: number): void {
    this.zoom = Math.max(-2, Math.min(2, this.zoom + step))
  }

  /** Whether anything of a span is on the axis. */
  private within(s: { start: string; end: string }): boolean {
    return this.seen({ start: Date.parse(s.start), end: Date.parse(s.end) })
  }

  private seen(t: { start: number; end: number }): boolean {
    return t.end > this.from && t.start < this.to
  }

  private sameDay(at: string): boolean {
    return this.desk.format.dayKey(Date.parse(at), this.zone) === this.desk.format.dayKey(this.at, this.zone)
  }

  private x(at: number): number {
    return ((Math.max(this.from, Math.min(this.to, at)) - this.from) / (this.to - this.from)) * this.wide
  }

  protected override render(): TemplateResult {
    const d = this.desk
    const now = d.now()
    const first = Math.max(0, Math.floor(this.top / this.rowHeight) - around)
    const last = Math.min(this.rows.length, first + Math.min(Math.ceil(this.tall / this.rowHeight) + 2 * around, most))
    const visible = this.rows.slice(first, last).map((r, i) => ({ r, i: first + i }))
    const stop = this.stopAt()
    const today = d.format.dayKey(now, this.zone) === d.format.dayKey(this.at, this.zone)
    const nowInside = now > this.from && now < this.to
    return html`
      <div class="bar">
        <h2>${d.say('day.title')} <span class="when">${d.format.day(this.at, this.zone)}</span>
          ${this.zone && !d.format.sameZone(this.at, this.zone) ? html`<span class="meta">${d.format.zone(this.at, this.zone)}</span>` : nothing}</h2>
        <button class="button small" aria-label=${d.say('day.smaller')} aria-disabled=${this.zoom <= -2} @click=${() => this.scaleBy(-1)}><span aria-hidden="true">−</span></button>
        <button class="button small" aria-label=${d.say('day.larger')} aria-disabled=${this.zoom >= 2} @click=${() => this.scaleBy(1)}><span aria-hidden="true">+</span></button>
        <button class="button small" aria-label=${d.say('day.before')} @click=${() => this.go(-1)}><span aria-hidden="true">‹</span></button>
        <button class="button small" aria-disabled=${today} @click=${() => this.go(0)}>${d.say('day.today')}</button>
        <button class="button small" aria-label=${d.say('day.after')} @click=${() => this.go(1)}><span aria-hidden="true">›</span></button>
      </div>
      <div class="axis" aria-hidden="true"><span class="name"></span><div class="track">
        ${this.hours().map((h) => html`<span class="hour" ${vars({ '--x': `${this.x(h)}px` })}>${d.format.hour(h, this.zone)}</span>`)}
      </div></div>
      <div class="lanes">
        ${this.rows.length === 0 ? html`<p class="empty">${d.say('day.empty')}</p>` : nothing}
        <div role="grid" class="grid" aria-label=${`${d.say('day.title')} ${d.format.day(this.at, this.zone)}`}
            aria-rowcount=${this.rows.length} ${vars({ '--all': `${this.rows.length * this.rowHeight}px` })}
            @keydown=${this.key} @click=${this.clicked}>
          ${repeat(visible, ({ r }) => r.expert, ({ r, i }) => this.row(r, i, now, stop))}
          ${nowInside ? html`<div class="now-line" aria-hidden="true" ${vars({ '--x': `${this.x(now)}px` })}></div>` : nothing}
        </div>
      </div>`
  }

  private hours(): number[] {
    const all: number[] = []
    const step = this.to - this.from > 14 * hour && this.wide < 600 ? 2 * hour : this.wide < 360 ? 3 * hour : hour
    for (let h = this.from; h < this.to; h += step) all.push(h)
    return all
  }

  private row(r: Row, i: number, now: number, stop: string): TemplateResult {
    const d = this.desk
    const name = d.hub.nameOf(r.expert) || r.name
    const e = d.hub.expert(r.expert)
    const stops = inOrder(r.tours)
    const load = e?.capacity?.visits_per_tour ? `${stops.length}/${e.capacity.visits_per_tour}` : String(stops.length)
    const ghost = this.ghosts.find((g) => g.expert === r.expert)
    const chosen = ghost !== undefined
    const shifts = r.tours.length > 0 ? r.tours : r.candidate && this.sameDay(r.candidate.shift.start)
      ? [{ ...r.candidate.shift, breaks: r.candidate.breaks }] : []
    return html`<div role="row" class="lane ${chosen ? 'chosen' : ''} ${r.candidate ? 'can' : ''}" aria-rowindex=${i + 1}
        data-expert=${r.expert} ${vars({ '--y': `${i * this.rowHeight}px` })}>
      <span role="rowheader" class="name" tabindex=${stop === r.expert ? 0 : -1} data-stop=${r.expert}
          aria-label=${`${name}, ${d.say('day.visits', { n: stops.length })}${r.digit ? `, ${d.say('day.candidate', { n: r.digit })}` : ''}`}>
        <span class="digit mono">${r.digit > 0 && r.digit < 10 ? r.digit : ''}</span><span class="who">${name}</span><span class="load">${load}</span></span>
      <span role="presentation" class="track">
        ${shifts.filter((s) => this.within(s)).map((s) => html`<span role="presentation" class="shift" ${vars(this.box(s.start, s.end))}></span>
          ${(s.breaks ?? []).filter((b) => this.within(b)).map((b) => html`<span role="presentation" class="break" ${vars(this.box(b.start, b.end))}></span>`)}`)}
        ${stops.filter((s) => this.seen(took(s)) && !(this.ghosts.length > 0 && s.ticket === this.ticket?.id)).map((s) => this.stop(r, s, now, stop))}
        ${ghost && this.sameDay(ghost.start) ? this.drawGhost(ghost) : nothing}
        ${stops.length === 0 && !chosen && shifts.length > 0
          ? html`<span class="free" ${vars({ '--x': `${this.x(Date.parse(shifts[0]!.start)) + 8}px` })}>${d.say('day.free')}</span>` : nothing}
        ${r.candidate && shifts.length === 0 ? html`<span class="free elsewhere" ${vars({ '--x': '8px' })}>${d.say('candidates.starts', {
          time: d.format.moment((ghost ?? r.candidate).start, now, this.zone) })}</span>` : nothing}
      </span>
    </div>`
  }

  private box(start: string, end: string): Record<'--x' | '--w', string> {
    const x = this.x(Date.parse(start))
    return { '--x': `${x}px`, '--w': `${Math.max(2, this.x(Date.parse(end)) - x)}px` }
  }

  private stop(r: Row, s: Stop, now: number, focus: string): TemplateResult {
    const d = this.desk
    const t = d.hub.store.tickets.get(s.ticket)
    const state = stopState(s, t)
    const { start, end } = took(s)
    const x = this.x(start)
    const w = Math.max(6, this.x(end) - x)
    const road = Math.max(0, x - this.x(start - s.travel * 60_000))
    const id = `${r.expert}/${s.visit}`
    const name = t ? ref(t) : ''
    const label = [name, stateWord(d, state), d.format.span(start, end, now, this.zone), d.say('day.travel', { time: d.format.minutes(s.travel) })]
    return html`
      ${road > 1 ? html`<span role="presentation" class="road s-${state}" ${vars({ '--x': `${x - road}px`, '--w': `${road}px` })}></span>` : nothing}
      <span role="gridcell" class="stop s-${state} ${w < 28 ? 'tight' : ''} ${t && t.id === this.ticket?.id ? 'selected' : ''}" tabindex=${focus === id ? 0 : -1}
          data-stop=${id} data-ticket=${s.ticket} aria-label=${label.filter(Boolean).join(', ')} title=${label.filter(Boolean).join(', ')}
          ${vars({ '--x': `${x}px`, '--w': `${w}px`, '--done': `${Math.max(0, Math.min(w, this.x(now) - x))}px` })}>
        ${w > 16 ? glyph(state) : nothing}${w > 64 ? html`<span class="ref">${name}</span>` : nothing}</span>`
  }

  private drawGhost(c: Candidate): TemplateResult {
    const d = this.desk
    const x = this.x(Date.parse(c.start))
    const road = Math.max(0, x - this.x(Date.parse(c.start) - c.travel * 60_000))
    const box = this.box(c.start, c.end)
    const w = parseFloat(box['--w'])
    return html`<span role="presentation" class="road ghost-road" ${vars({ '--x': `${x - road}px`, '--w': `${road}px` })}></span>
      <span role="gridcell" class="stop ghost" aria-label=${d.say('day.ghost', {
        ticket: this.ticket ? ref(this.ticket) : '', time: d.format.time(c.start, this.zone), n: Math.round(c.cost) })}
        ${vars(box)}>${w > 44 && this.ticket ? ref(this.ticket) : nothing}${w > 90 ? ` ${d.format.number(Math.round(c.cost))}` : nothing}</span>`
  }

  /** The Tab stop: what had the focus last, if it is still there, else the first row. */
  private stopAt(): string {
    const [expert, visit] = this.focused.split('/')
    const r = this.rows.find((row) => row.expert === expert)
    if (r && (!visit || r.tours.some((t) => (t.stops ?? []).some((s) => s.visit === visit)))) return this.focused
    return this.rows[0]?.expert ?? ''
  }

  private readonly clicked = (e: MouseEvent): void => {
    const at = (e.target as Element).closest<HTMLElement>('[data-stop]')
    if (!at) return
    void this.focusStop(at.dataset['stop']!)
    this.openTicket(at.dataset['ticket'])
  }

  private openTicket(id: string | undefined): void {
    if (id) this.dispatchEvent(new CustomEvent('select-ticket', { detail: { id }, bubbles: true }))
  }

  private readonly key = (e: KeyboardEvent): void => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return
    const stop = this.stopAt()
    const [expert, visit] = stop.split('/')
    const at = this.rows.findIndex((r) => r.expert === expert)
    const row = this.rows[at]
    if (!row) return
    const stops = inOrder(row.tours).filter((s) => this.seen(took(s)))
    const i = stops.findIndex((s) => s.visit === visit)
    const page = Math.max(1, Math.floor(this.tall / this.rowHeight) - 1)
    const lines: Record<string, number> = {
      ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, PageDown: at + page, PageUp: at - page,
    }
    const to = lines[e.key]
    if (to !== undefined) {
      const next = this.rows[Math.max(0, Math.min(this.rows.length - 1, to))]!
      void this.focusStop(next.expert)
    } else if (e.key === 'ArrowRight' || e.key === 'ArrowLeft') {
      const step = e.key === 'ArrowRight' ? 1 : -1
      if (e.shiftKey) this.go(step)
      else {
        const s = stops[Math.max(-1, Math.min(stops.length - 1, i + step))]
        void this.focusStop(s ? `${row.expert}/${s.visit}` : row.expert)
      }
    } else if (e.key === 'Home') {
      this.go(0)
    } else if ((e.key === '+' || e.key === '-') && !e.repeat) {
      this.scaleBy(e.key === '+' ? 1 : -1)
    } else if (e.key === 'Enter' && i >= 0) {
      this.openTicket(stops[i]!.ticket)
    } else {
      return
    }
    e.preventDefault()
    e.stopPropagation()
  }

  private async focusStop(id: string): Promise<void> {
    this.focused = id
    const at = this.rows.findIndex((r) => r.expert === id.split('/')[0])
    this.reveal(at)
    await this.updateComplete
    this.querySelector<HTMLElement>(`[data-stop="${id}"]`)?.focus({ preventScroll: true })
  }

  /** Brings an expert's row into sight. */
  showExpert(id: string): void {
    this.reveal(this.rows.findIndex((r) => r.expert === id))
  }

  private reveal(at: number): void {
    const lanes = this.querySelector('.lanes')
    if (!lanes || at < 0) return
    const y = at * this.rowHeight
    if (y < lanes.scrollTop) lanes.scrollTop = y
    else if (y + this.rowHeight > lanes.scrollTop + lanes.clientHeight) lanes.scrollTop = y + this.rowHeight - lanes.clientHeight
    this.top = lanes.scrollTop
  }

  /** Gives the focus to the day; to the pane until its rows are there. */
  async enter(): Promise<void> {
    await this.updateComplete
    if (this.rows.length > 0) return this.focusStop(this.stopAt())
    this.tabIndex = -1
    this.focus()
  }

  /** Asks for the day before (-1), after (1) or today (0). */
  private go(step: number): void {
    this.dispatchEvent(new CustomEvent('day', { detail: { step }, bubbles: true }))
  }
}

/** What a stop is shown as: its visit's state while the visit is its ticket's open one. */
function stopState(s: Stop, t: Ticket | undefined): Shown {
  if (!s.assignment) return 'offered'
  if (!t) return 'completed'
  if (t.visit?.id === s.visit) return shown(t)
  return t.state === 'completed' || t.state === 'resolved' ? 'completed' : 'ended'
}
