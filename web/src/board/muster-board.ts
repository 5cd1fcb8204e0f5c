// <muster-board>: tickets in the order of attention, experts with their day, the chosen ticket's candidates
// with the reasons for and against. Live through the page's one hub; every action by key and by click.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { hubFor, type Hub } from '../hub/hub'
import type { Changed } from '../hub/store'
import { controls, tokens } from '../look/tokens'
import { ref, type Ticket } from '../model'
import { Format } from '../words/format'
import { languageOf, speaker, watchLanguage } from '../words/say'
import { readAddress, writeAddress } from './address'
import { Announcer } from './announcer'
import { board } from './board.css'
import { Brief } from './brief'
import { Choice, type Mode } from './choice'
import type { Candidates } from './candidates'
import { commandList } from './commandlist'
import type { Day } from './day'
import type { Desk } from './desk'
import { farewellWhyNot, type Farewell } from './farewell'
import { Flashes } from './flashes'
import { header, notice, staleness } from './header'
import { help } from './help'
import { hintLine, Hints, type Step } from './hints'
import { failed, nobody } from './instead'
import { Keys } from './keys'
import type { TicketList } from './list'
import { Listing } from './listing'
import { listPane } from './listpane'
import { panes } from './panes.css'
import { mostUrgent, without } from './pick'
import { toggle } from './query'
import { tabs } from './tabs'
import './candidates'
import './day'
import './farewell'
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
  @state() private commandsOpen = false
  @state() private farewell: Farewell | undefined
  @state() private dayAt = 0
  @state() private tick = 0

  private hub!: Hub
  private desk!: Desk
  private listing!: Listing
  private choice!: Choice
  private stops: (() => void)[] = []
  private readonly told = new Announcer()
  private readonly brief = new Brief()
  private readonly hints = new Hints(() => this.requestUpdate())
  private readonly flashes = new Flashes(() => this.requestUpdate())
  private began = Date.now()
  private turn = 0 // which of several moves of the focus is the last

  override connectedCallback(): void {
    super.connectedCallback()
    this.hub = hubFor(this.base)
    this.speak()
    this.listing = new Listing(this.hub.store)
    this.choice = new Choice(() => this.desk, () => this.choiceChanged(), (ticket) => this.commandDone(ticket))
    const wanted = getComputedStyle(this).getPropertyValue('--muster-scheme').trim()
    if (!this.scheme && wanted && wanted !== 'auto') this.scheme = wanted
    if (this.page) {
      this.followAddress()
      addEventListener('popstate', this.followAddress)
    }
    this.keys.listen(this.page)
    const sizes = new ResizeObserver(() => {
      const w = this.clientWidth
      this.layout = w >= 1200 ? 'wide' : w >= 720 ? 'middle' : 'narrow'
      if (this.layout === 'narrow' && !this.selected && this.view === 'candidates') this.view = 'list'
    })
    sizes.observe(this)
    const half = setInterval(() => this.pulse(), 500)
    this.stops = [
      this.hub.watch(() => this.fresh()),
      this.hub.store.watch((c) => this.storeChanged(c)),
      watchLanguage(() => this.speak()),
      () => sizes.disconnect(),
      () => clearInterval(half),
    ]
    this.hub.enter()
  }

  /** Speaks the language of the page around; called again when that changes. */
  private speak(): void {
    const language = languageOf(this)
    if (this.desk?.format.language === language) return
    this.desk = {
      hub: this.hub,
      say: speaker(language),
      format: new Format(language, this.clock === '12' ? 'h12' : 'h23'),
      now: () => this.hub.now(),
    }
    if (this.page) document.title = this.desk.say('title.board')
    this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const stop of this.stops) stop()
    this.keys.end()
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
    this.listing.touch(changed, this.desk.now())
    this.brief.note(changed, this.hub.freshness.kind === 'live' && !this.hub.store.swapping, this.desk.now())
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
    if (n?.kind === 'done' && n.undo && this.desk.now() > n.undo.until) this.hints.passed('u')
    if (n?.kind === 'done' && n.undo && this.desk.now() > n.undo.until + 2000) this.choice.notice = undefined
    if (this.listing.counts.none === 0) this.hints.passed('w')
    this.tick++
  }

  private choiceChanged(): void {
    this.listing.touchOne(this.selected) // that nobody can take a ticket is an exception
    const c = this.choice.chosen.at(-1)
    if (c) this.hints.did('1')
    if (this.choice.notice?.kind === 'done') this.hints.did(this.choice.notice.undo ? 'Enter' : 'u')
    if (c && this.ticket) {
      this.told.start(this.desk, c, this.ticket)
      this.dayAt = Date.parse(c.start)
      this.loadDay()
    }
    this.tick++
    if (c) void this.drawGhost()
  }

  /** Enter counts from the frame after the ghost was drawn. */
  private async drawGhost(): Promise<void> {
    const chosen = () => this.choice.chosen.map((c) => `${c.expert} ${c.start}`).join()
    const drawn = chosen()
    await this.updateComplete
    await this.piece<Day>('muster-day')?.updateComplete
    await this.piece<Candidates>('muster-candidates')?.updateComplete
    requestAnimationFrame(() => {
      if (chosen() !== drawn || this.choice.drawn) return
      this.choice.drawn = true
      this.piece<Day>('muster-day')?.showExpert(this.choice.chosen.at(-1)?.expert ?? '')
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
    const first = mostUrgent(this.desk, this.listing.rows)
    if (!first) return
    this.hints.did('t')
    this.select(first)
    this.view = this.layout === 'narrow' ? 'list' : this.view
    void this.focusList()
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
    this.hints.did('a')
    this.choice.enter(mode)
    if (this.layout !== 'wide' || this.view === 'why') this.view = 'candidates'
    void this.updateComplete.then(() => this.piece<Candidates>('muster-candidates')?.enter())
  }

  private openWhy(): void {
    if (!this.ticket) return
    this.turn++
    this.hints.did('w')
    this.choice.now()
    this.view = 'why'
    void this.updateComplete.then(() => this.piece<Why>('muster-why')?.enter())
  }

  /** Asks why, before a ticket is cancelled or its expert taken off. */
  private askWhy(verb: Farewell): void {
    const t = this.ticket
    if (!t || this.readonlyWhy || this.choice.sending) return
    const no = farewellWhyNot(this.desk, verb, t)
    this.choice.notice = no ? { kind: 'told', text: no } : undefined
    this.farewell = no ? undefined : verb
    this.requestUpdate()
  }

  private back(): void {
    const field = this.piece<HTMLInputElement>('.search')
    if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement === field && field?.value) {
      this.filter('')
    } else if (this.view === 'why') {
      this.view = 'candidates'
      void this.updateComplete.then(() => this.piece<Candidates>('muster-candidates')?.enter())
    } else if (this.choice.picked.length > 0 && !this.choice.sending) {
      this.choice.release()
    } else if (this.choice.notice?.kind === 'refused') {
      this.choice.notice = undefined
      this.requestUpdate()
    } else {
      if (this.layout === 'narrow') this.view = 'list'
      void this.focusList()
    }
  }

  private commit(): void {
    if (this.readonlyWhy) return
    void this.choice.commit()
  }

  /** What the keys of the whole board do. */
  private readonly does: Record<string, () => void> = {
    '?': () => void this.showHelp(),
    '.': () => (this.commandsOpen = true),
    t: () => this.takeIn(),
    f: () => this.focusFilter(),
    l: () => { this.view = this.layout === 'narrow' ? 'list' : this.view; void this.focusList() },
    d: () => this.showDay(),
    a: () => this.enterCandidates('assign'),
    o: () => this.enterCandidates('offer'),
    w: () => this.openWhy(),
    q: () => this.askWhy('unassign'),
    x: () => this.askWhy('cancel'),
    u: () => void this.choice.undo(),
    b: () => this.tellBrief(),
    Escape: () => this.back(),
  }

  private readonly keys = new Keys(this, {
    does: this.does,
    busy: () => this.piece('dialog[open]') !== null,
    digit: (n) => this.choice.entered && (this.choice.type(n), true),
    step: (key) => !this.inside('muster-why') && (this.piece<TicketList>('muster-tickets')?.step(key) ?? false),
  })

  private tellBrief(): void {
    this.listing.refresh(this.query, this.desk.now())
    const text = this.brief.tell(this.desk, this.listing.counts)
    this.told.say(text)
    if (!this.choice.notice?.undo) this.choice.notice = { kind: 'told', text }
    this.requestUpdate()
  }

  /** Does the step that a hint names, for those who press its button. */
  private readonly takeStep = (step: Step): void => {
    if (step === '1') {
      this.choice.entered = true
      this.choice.type(1)
    } else if (step === 'Enter') this.commit()
    else if (step === 'a') this.enterCandidates('assign')
    else if (step === 'w') this.showWhyNone()
    else this.does[step]?.()
  }

  /** Why nobody can take the first of those that have no expert. */
  private showWhyNone(): void {
    const id = without(this.desk, [this.selected, ...this.listing.rows])
    if (id) this.select(id)
    this.openWhy()
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
    this.hints.did('?')
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
      ${this.page && !this.readonlyWhy ? hintLine(d, this.hints, this.choice.picked.length > 0, this.listing.counts.none, this.takeStep) : nothing}
      ${this.layout === 'narrow' ? this.tabs(['list', 'candidates', 'day'], 'bottom') : nothing}
      <div class="unseen" aria-live="polite" data-live-region="polite">${this.told.polite}</div>
      <div class="unseen" aria-live="assertive" data-live-region="assertive">${this.told.assertive}</div>
      ${this.helpOpen ? help(d, {
        close: () => (this.helpOpen = false), page: this.page, letters: this.keys.letters, switchLetters: (on) => this.keys.switchLetters(on),
        hints: () => { this.piece<HTMLDialogElement>('dialog')?.close(); this.hints.again() },
      }) : nothing}
      ${this.commandsOpen ? this.commands() : nothing}
      ${this.farewell && this.ticket ? html`<muster-farewell .desk=${d} .choice=${this.choice} .ticket=${this.ticket} .verb=${this.farewell} .tick=${this.tick}
        .close=${() => { this.farewell = undefined; void this.focusList() }}></muster-farewell>` : nothing}`
  }

  private commands(): TemplateResult {
    return commandList(this.desk, {
      ticket: this.ticket, best: this.choice.candidates[0], undo: this.choice.notice?.undo !== undefined, rows: this.listing.rows, does: this.does,
      assignBest: () => { this.enterCandidates('assign'); this.choice.type(1) },
      choose: (id) => { this.select(id); void this.focusList() }, close: () => (this.commandsOpen = false),
    })
  }

  private header(): TemplateResult {
    const u = this.choice.notice?.undo
    const acted = u ? (this.hub.store.tickets.get(u.ticket)?.rev ?? 0) > u.rev : false
    return header(this.desk, {
      told: notice(this.desk, this.choice.notice, () => void this.choice.undo(), acted) ?? staleness(this.desk, this.hub.retry),
      counts: this.listing.counts, query: this.query, narrow: this.layout === 'narrow', signIn: this.signIn,
      toggled: (token) => this.filter(toggle(this.query, token)), help: () => void this.showHelp(), commands: () => (this.commandsOpen = true),
    })
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
        .readonlyWhy=${this.readonlyWhy} @why=${() => this.openWhy()} @top=${() => this.takeIn()} @commit=${() => this.commit()}></muster-candidates>
    </section>`
  }

  private dayPane(): TemplateResult {
    const zone = this.ticket?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
    return html`<section class="pane day" aria-label=${this.desk.say('view.day')}>
      <muster-day .desk=${this.desk} .candidates=${this.choice.candidates} .ghosts=${this.choice.chosen} .ticket=${this.ticket}
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
    this.hints.did('t')
    this.select(e.detail.id)
    if (this.layout === 'narrow' && e.detail.pointed) this.view = 'candidates'
  }

  private readonly turnDay = (e: CustomEvent<{ step: number }>): void => {
    const now = this.desk.now()
    this.dayAt = e.detail.step === 0 ? now : (this.dayAt || now) + e.detail.step * 86_400_000
    this.loadDay()
  }
}
