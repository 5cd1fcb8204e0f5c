// <muster-board>: tickets in the order of attention, experts with their day, the chosen ticket's candidates
// with the reasons for and against. Live through the page's one hub; every action by key and by click.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { hubFor, type Hub } from '../hub/hub'
import type { Changed } from '../hub/store'
import { controls, tokens } from '../look/tokens'
import { ref, shown, type Ticket } from '../model'
import { Format } from '../words/format'
import { languageOf, speaker } from '../words/say'
import { readAddress, writeAddress } from './address'
import { Announcer } from './announcer'
import { signals } from './attention'
import { board } from './board.css'
import { Choice, type Mode } from './choice'
import type { Candidates } from './candidates'
import type { Day } from './day'
import type { Desk } from './desk'
import { Flashes } from './flashes'
import { counts, freshness, notice, staleness } from './header'
import { help } from './help'
import { failed, nobody } from './instead'
import type { TicketList } from './list'
import { Listing } from './listing'
import { listPane } from './listpane'
import { panes } from './panes.css'
import { toggle } from './query'
import { tabs } from './tabs'
import './candidates'
import './day'
import './list'
import './why'
import type { Why } from './why'

type Layout = 'wide' | 'middle' | 'narrow'
type View = 'list' | 'candidates' | 'day' | 'why'

const rowHeights = { compact: 44, standard: 56, touch: 64 } as const
const actors = ['dispatcher', 'manager', 'administrator']

@customElement('muster-board')
export class MusterBoard extends LitElement {
  static override styles = [tokens, controls, board, panes]

  /** Where Muster's HTTP interface is; empty for the page's own origin. */
  @property() base = ''
  /** The board is the page: its letters are heard without a focus, and the address keeps its state. */
  @property({ type: Boolean }) page = false
  @property({ reflect: true }) density = ''
  @property({ reflect: true }) scheme = ''
  @property() clock = ''
  /** Where people say who they are. */
  @property({ attribute: 'sign-in' }) signIn = '/'
  @property({ reflect: true }) layout: Layout = 'wide'
  @state() private query = ''
  @state() private selected = ''
  @state() private view: View = 'candidates'
  @state() private helpOpen = false
  @state() private dayAt = 0
  @state() private tick = 0

  private hub!: Hub
  private desk!: Desk
  private listing!: Listing
  private choice!: Choice
  private stops: (() => void)[] = []
  private readonly told = new Announcer()
  private readonly flashes = new Flashes(() => this.requestUpdate())
  private began = Date.now()
  private turn = 0 // which of several moves of the focus is the last

  override connectedCallback(): void {
    super.connectedCallback()
    this.hub = hubFor(this.base)
    const language = languageOf(this)
    this.desk = {
      hub: this.hub,
      say: speaker(language),
      format: new Format(language, this.clock === '12' ? 'h12' : 'h23'),
      now: () => this.hub.now(),
    }
    this.listing = new Listing(this.hub.store)
    this.choice = new Choice(() => this.desk, () => this.choiceChanged(), (ticket) => this.commandDone(ticket))
    const wanted = getComputedStyle(this).getPropertyValue('--muster-scheme').trim()
    if (!this.scheme && wanted && wanted !== 'auto') this.scheme = wanted
    if (this.page) {
      this.followAddress()
      addEventListener('keydown', this.key)
      addEventListener('popstate', this.followAddress)
    } else this.addEventListener('keydown', this.key)
    const sizes = new ResizeObserver(() => {
      const w = this.clientWidth
      this.layout = w >= 1200 ? 'wide' : w >= 720 ? 'middle' : 'narrow'
    })
    sizes.observe(this)
    const half = setInterval(() => this.pulse(), 500)
    this.stops = [
      this.hub.watch(() => this.fresh()),
      this.hub.store.watch((c) => this.storeChanged(c)),
      () => sizes.disconnect(),
      () => clearInterval(half),
    ]
    this.hub.enter()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const stop of this.stops) stop()
    removeEventListener('keydown', this.key)
    removeEventListener('popstate', this.followAddress)
    this.hub.leave()
  }

  private get ticket(): Ticket | undefined {
    return this.hub.store.tickets.get(this.selected)
  }

  private get rowHeight(): number {
    if (matchMedia('(pointer: coarse)').matches) return rowHeights.touch
    return rowHeights[this.density as keyof typeof rowHeights] ?? rowHeights.standard
  }

  /** Why this person may only look; empty if they may act. */
  private get readonlyWhy(): string {
    const me = this.hub.me
    if (!me || actors.includes(me.role)) return ''
    return this.desk.say('board.readonly', { name: me.name, role: this.desk.say(`role.${me.role}` as 'role.helpdesk') })
  }

  // What changes from outside

  private fresh(): void {
    if (this.hub.freshness.kind === 'live' && this.listing.rows.length === 0) this.pulse()
    this.loadDay()
    this.requestUpdate()
  }

  private storeChanged(changed: Changed): void {
    this.listing.touch()
    if (this.hub.freshness.kind === 'live') this.flashes.add(changed.keys())
    if (this.listing.rows.length === 0) this.listing.refresh(this.query, this.desk.now())
    // Whoever chose by number in the address is answered when the ticket is there.
    if (this.selected.startsWith('T-')) this.resolveSelected()
    if (changed.has(this.selected) && this.choice.outdated && this.choice.picked.length === 0 && !this.inside('muster-candidates')) this.choice.again()
    if (this.ticket && changed.has(this.selected) && !this.choice.sending) this.told.selected(this.desk, this.ticket)
    this.tick++
  }

  /** Twice a second: order, counts, ages. */
  private pulse(): void {
    if (document.hidden) return
    this.loadDay()
    this.hub.store.forget(Date.now())
    this.listing.hold('candidates', this.choice.entered)
    this.listing.refresh(this.query, this.desk.now())
    const n = this.choice.notice
    if (n?.kind === 'done' && n.undo && this.desk.now() > n.undo.until + 2000) this.choice.notice = undefined
    this.tick++
  }

  private choiceChanged(): void {
    this.listing.touch() // that nobody can take a ticket is an exception
    const c = this.choice.candidate
    if (c && this.ticket) {
      this.dayAt = Date.parse(c.start)
      this.loadDay()
    }
    this.requestUpdate()
    if (c) void this.drawGhost()
  }

  /** Enter counts from the frame after the ghost was drawn. */
  private async drawGhost(): Promise<void> {
    const picked = this.choice.picked
    await this.updateComplete
    await this.piece<Day>('muster-day')?.updateComplete
    await this.piece<Candidates>('muster-candidates')?.updateComplete
    requestAnimationFrame(() => {
      if (this.choice.picked !== picked || this.choice.drawn) return
      this.choice.drawn = true
      this.piece<Day>('muster-day')?.showExpert(this.choice.candidate?.expert ?? '')
      this.requestUpdate()
    })
  }

  /** After a command the focus is on the next ticket, so that a 1 Enter goes on. */
  private commandDone(ticket: string): void {
    if (ticket !== this.selected || this.choice.notice?.undo === undefined || !this.inside('muster-candidates')) return
    const next = this.listing.after(ticket)
    if (!next) return
    this.select(next)
    if (this.layout === 'narrow') this.view = 'list'
    void this.focusList()
  }

  private loadDay(): void {
    if (this.hub.me && this.hub.freshness.kind === 'live') this.hub.loadTours(this.dayAt || this.desk.now())
  }

  // The address

  private readonly followAddress = (): void => {
    const { query, ticket } = readAddress()
    this.query = query
    if (!this.ticket || ref(this.ticket) !== ticket) {
      this.selected = ticket
      this.resolveSelected()
    }
    this.listing.takeIn(this.query, this.desk.now())
  }

  /** The address names a ticket by number; its id is known once the ticket is there. */
  private resolveSelected(): void {
    for (const t of this.hub.store.tickets.values()) {
      if (ref(t) === this.selected) {
        this.select(t.id)
        return
      }
    }
  }

  private writeAddress(): void {
    if (this.page) writeAddress(this.query, this.ticket ? ref(this.ticket) : this.selected.startsWith('T-') ? this.selected : '')
  }

  // Actions

  private select(id: string): void {
    if (id !== this.selected) {
      this.selected = id
      this.dayAt = 0
      if (this.view === 'why' && this.layout !== 'wide') this.view = 'candidates'
    }
    this.choice.select(id)
    this.writeAddress()
  }

  private filter(text: string): void {
    this.query = text
    this.listing.takeIn(text, this.desk.now())
    this.writeAddress()
  }

  private takeIn(): void {
    this.listing.takeIn(this.query, this.desk.now())
    const first = this.mostUrgent()
    if (!first) return
    this.select(first)
    this.view = this.layout === 'narrow' ? 'list' : this.view
    void this.focusList()
  }

  /** The first ticket that somebody can be found for: queued, else offered; the first of all where there is none. */
  private mostUrgent(): string | undefined {
    const { rows } = this.listing
    const all = rows.map((id) => this.hub.store.tickets.get(id)).filter((t) => t !== undefined)
    const found = all.find((t) => t.state === 'queued' && !signals(t, this.desk.now(), this.hub.store).none) ??
      all.find((t) => shown(t) === 'offered')
    return found?.id ?? rows[0]
  }

  private async focusList(): Promise<void> {
    const turn = ++this.turn
    this.choice.leave()
    await this.updateComplete
    const list = this.piece<TicketList>('muster-tickets')
    await list?.updateComplete
    if (turn === this.turn) await list?.focusRow(this.selected || this.listing.rows[0] || '')
  }

  private enterCandidates(mode: Mode): void {
    if (!this.ticket) return
    this.turn++
    this.choice.enter(mode)
    if (this.layout !== 'wide' || this.view === 'why') this.view = 'candidates'
    void this.updateComplete.then(() => this.piece<Candidates>('muster-candidates')?.enter())
  }

  private openWhy(): void {
    if (!this.ticket) return
    this.turn++
    this.choice.now()
    this.view = 'why'
    void this.updateComplete.then(() => this.piece<Why>('muster-why')?.enter())
  }

  private back(): void {
    const field = this.piece<HTMLInputElement>('.search')
    if (this.view === 'why') {
      this.view = 'candidates'
      void this.updateComplete.then(() => this.piece<Candidates>('muster-candidates')?.enter())
    } else if (this.choice.picked.length > 0 && !this.choice.sending) {
      this.choice.release()
    } else if (this.choice.notice?.kind === 'refused') {
      this.choice.notice = undefined
      this.requestUpdate()
    } else if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement === field && field?.value) {
      this.filter('')
    } else {
      if (this.layout === 'narrow') this.view = 'list'
      void this.focusList()
    }
  }

  private commit(): void {
    if (this.readonlyWhy) return
    void this.choice.commit()
  }

  private readonly key = (e: KeyboardEvent): void => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || this.piece<HTMLDialogElement>('dialog')?.open) return
    const target = e.composedPath()[0] as HTMLElement
    if (this.page && !e.composedPath().includes(this) && target !== document.body && target !== document.documentElement) return
    const typing = target.matches?.('input, textarea, select, [contenteditable]')
    if (typing && e.key !== 'Escape') return
    if (this.press(e.key, e.repeat)) e.preventDefault()
  }

  /** Does what a key means wherever the focus is; false if it means nothing. */
  private press(key: string, repeat: boolean): boolean {
    if (['ArrowDown', 'ArrowUp', 'j', 'k'].includes(key)) {
      const list = this.piece<TicketList>('muster-tickets')
      return !this.inside('muster-why') && (list?.step(key) ?? false)
    }
    if (repeat) return false
    if (/^[1-9]$/.test(key) && this.choice.entered) {
      this.choice.type(Number(key))
      return true
    }
    const does: Record<string, () => void> = {
      '?': () => void this.showHelp(),
      t: () => this.takeIn(),
      f: () => this.focusFilter(),
      l: () => { this.view = this.layout === 'narrow' ? 'list' : this.view; void this.focusList() },
      d: () => this.showDay(),
      a: () => this.enterCandidates('assign'),
      o: () => this.enterCandidates('offer'),
      w: () => this.openWhy(),
      u: () => void this.choice.undo(),
      Escape: () => this.back(),
    }
    if (!does[key]) return false
    does[key]()
    return true
  }

  private focusFilter(): void {
    this.turn++
    if (this.layout === 'narrow') this.view = 'list'
    void this.updateComplete.then(() => this.piece<HTMLInputElement>('.search')?.focus())
  }

  private showDay(): void {
    this.turn++
    this.view = this.layout === 'wide' ? 'candidates' : 'day'
    void this.updateComplete.then(() => this.piece<Day>('muster-day')?.enter())
  }

  private async showHelp(): Promise<void> {
    this.helpOpen = true
    await this.updateComplete
    this.renderRoot.querySelector('dialog')?.showModal()
  }

  private inside(part: string): boolean {
    const active = this.renderRoot instanceof ShadowRoot ? this.renderRoot.activeElement : null
    return active?.closest(part) != null
  }

  private piece<T extends Element>(selector: string): T | null {
    return this.renderRoot.querySelector<T>(selector)
  }

  // What is drawn

  protected override willUpdate(): void {
    this.told.outcome(this.choice.notice)
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('selected') && this.selected) this.piece<TicketList>('muster-tickets')?.reveal(this.selected)
    this.style.setProperty('--row', `${this.rowHeight}px`)
  }

  protected override render(): TemplateResult {
    const d = this.desk
    const f = this.hub.freshness
    if (f.kind === 'failed') return failed(d, f.error, () => this.hub.again())
    if (f.kind === 'nobody') return nobody(d, this.signIn)
    return html`
      ${this.header()}
      ${this.readonlyWhy ? html`<p class="banner">${this.readonlyWhy}</p>` : nothing}
      <main class="panes" data-view=${this.view}>
        ${this.listPane()} ${this.sidePanes()}
      </main>
      ${this.layout === 'narrow' ? this.tabs(['list', 'candidates', 'day'], 'bottom') : nothing}
      <div class="unseen" aria-live="polite" data-live-region="polite">${this.told.polite}</div>
      <div class="unseen" aria-live="assertive" data-live-region="assertive">${this.told.assertive}</div>
      ${this.helpOpen ? help(d, () => (this.helpOpen = false)) : nothing}`
  }

  private header(): TemplateResult {
    const d = this.desk
    const me = this.hub.me
    const u = this.choice.notice?.undo
    const acted = u ? (this.hub.store.tickets.get(u.ticket)?.rev ?? 0) > u.rev : false
    const told = notice(d, this.choice.notice, () => void this.choice.undo(), acted) ?? staleness(d, this.hub.retry)
    // The line under the names keeps its height, so that nothing moves when something is told there.
    return html`<header class="top" part="header">
      <div class="line">
        <h1>Muster</h1>
        <span class="space"></span>
        ${freshness(d)}
        <button class="button small quiet" data-key="?" @click=${() => void this.showHelp()}><kbd aria-hidden="true">?</kbd> <span class="label">${d.say('keys')}</span></button>
        ${me ? html`<a class="button small me" href=${this.signIn} title=${d.say('me.change')}>${me.name}<span class="unseen">, ${d.say('me.change')}</span></a>` : nothing}
      </div>
      <div class="line told">
        ${this.layout === 'narrow' && told ? nothing
          : counts(d, this.listing.counts, this.query, (token) => this.filter(toggle(this.query, token)))}
        <span class="space"></span> ${told ?? nothing}
      </div>
    </header>`
  }

  private listPane(): TemplateResult {
    return listPane(this.desk, this.listing, {
      query: this.query, selected: this.selected, rowHeight: this.rowHeight, tick: this.tick, changed: this.flashes.ids,
      hidden: this.layout === 'narrow' && this.view !== 'list', age: Date.now() - this.began,
      filter: (text) => this.filter(text), takeIn: () => this.takeIn(), select: this.selectTicket,
      open: () => this.enterCandidates('assign'),
    })
  }

  private sidePanes(): TemplateResult {
    const why = this.view === 'why'
    if (this.layout === 'wide') return html`${why ? this.whyPane() : this.dayPane()} ${this.candidatesPane()}`
    const view = this.view === 'list' ? 'candidates' : this.view
    const hidden = this.layout === 'narrow' && this.view === 'list'
    return html`<section class="pane side" ?hidden=${hidden}>
      ${this.layout === 'middle' ? this.tabs(['candidates', 'day'], 'top') : nothing}
      ${view === 'day' ? this.dayPane() : view === 'why' ? this.whyPane() : this.candidatesPane()}
    </section>`
  }

  private tabs(views: View[], where: 'top' | 'bottom'): TemplateResult {
    const now = this.view === 'why' || (this.view === 'list' && !views.includes('list')) ? 'candidates' : this.view
    return tabs(this.desk, where, views, now, (v, byKey) => {
      this.view = v as View
      if (byKey) void this.updateComplete.then(() => this.piece<HTMLElement>('[role=tab][aria-selected=true]')?.focus())
    })
  }

  private candidatesPane(): TemplateResult {
    return html`<section class="pane side candidates-pane" aria-label=${this.desk.say('view.candidates')}>
      <muster-candidates .desk=${this.desk} .choice=${this.choice} .ticket=${this.ticket} .tick=${this.tick}
        .readonlyWhy=${this.readonlyWhy} @why=${() => this.openWhy()} @commit=${() => this.commit()}></muster-candidates>
    </section>`
  }

  private dayPane(): TemplateResult {
    const zone = this.ticket?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
    return html`<section class="pane day" aria-label=${this.desk.say('view.day')}>
      <muster-day .desk=${this.desk} .candidates=${this.choice.candidates} .ghost=${this.choice.candidate} .ticket=${this.ticket}
        .at=${this.dayAt || this.desk.now()} .zone=${zone} .rowHeight=${Math.min(44, this.rowHeight)} .tick=${this.tick}
        @select-ticket=${this.selectTicket} @day=${this.turnDay}></muster-day>
    </section>`
  }

  private whyPane(): TemplateResult {
    const d = this.desk
    return html`<section class="pane why" aria-label=${d.say('why.button')}>
      <div class="bar"><span class="space"></span>
        <button class="button small" @click=${() => this.back()}>${d.say('close')} <kbd aria-hidden="true">Esc</kbd></button></div>
      <muster-why .desk=${d} .match=${this.choice.match} .ticket=${this.ticket}></muster-why>
    </section>`
  }

  private readonly selectTicket = (e: CustomEvent<{ id: string; pointed?: boolean }>): void => {
    this.select(e.detail.id)
    if (this.layout === 'narrow' && e.detail.pointed) this.view = 'candidates'
  }

  private readonly turnDay = (e: CustomEvent<{ step: number }>): void => {
    const now = this.desk.now()
    this.dayAt = e.detail.step === 0 ? now : (this.dayAt || now) + e.detail.step * 86_400_000
    this.loadDay()
  }
}
