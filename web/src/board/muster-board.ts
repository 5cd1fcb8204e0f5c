// <muster-board>: tickets in the order of attention, experts with their day, the chosen ticket's candidates
// with the reasons for and against. Live through the page's one hub; every action by key and by click.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { hubFor, type Hub } from '../hub/hub'
import { controls, tokens } from '../look/tokens'
import { Format } from '../words/format'
import { languageOf, speaker, watchLanguage } from '../words/say'
import { Actions } from './actions'
import { Announcer } from './announcer'
import { board } from './board.css'
import { Brief } from './brief'
import { Choice } from './choice'
import { choiceChanged, commandDone } from './chosen'
import type { Desk } from './desk'
import { dialogs } from './dialogs'
import { dialogs as dialogStyles } from './dialogs.css'
import { Flashes } from './flashes'
import { header, notice, staleness } from './header'
import { hintLine, Hints } from './hints'
import { failed, nobody } from './instead'
import { Keys } from './keys'
import type { TicketList } from './list'
import { Listing } from './listing'
import { Loading } from './loading'
import { footTabs, panes } from './panes'
import { panes as paneStyles } from './panes.css'
import type { Parts } from './parts'
import { toggle } from './query'
import { Selection } from './selection'
import { Views, type Layout } from './views'

const rowHeights = { compact: 44, standard: 56, touch: 64 } as const
const actors = ['dispatcher', 'manager', 'administrator']

@customElement('muster-board')
export class MusterBoard extends LitElement implements Parts {
  static override styles = [tokens, controls, board, paneStyles, dialogStyles]

  /** Where Muster's HTTP interface is; empty for the page's own origin. */
  @property() base = ''
  /** The board is the page: its letters are heard without a focus, and the address keeps its state. */
  @property({ type: Boolean }) page = false
  @property({ reflect: true }) density = ''
  @property({ reflect: true }) scheme = ''
  @property() clock = ''
  /** Where people say who they are. */
  @property({ attribute: 'sign-in' }) signIn = '/'
  /** Follows from the width; the style sheets read it. */
  @property({ reflect: true }) layout: Layout = 'wide'
  @state() tick = 0

  hub!: Hub
  desk!: Desk
  listing!: Listing
  choice!: Choice
  readonly selection = new Selection(this)
  readonly views = new Views(this)
  readonly loading = new Loading(this)
  readonly actions = new Actions(this)
  readonly told = new Announcer()
  readonly brief = new Brief()
  readonly hints = new Hints(() => this.requestUpdate())
  readonly flashes = new Flashes(() => this.requestUpdate())
  readonly keys = new Keys(this, {
    does: this.actions.does,
    busy: () => this.views.piece('dialog[open]') !== null,
    digit: (n) => this.choice.entered && (this.choice.type(n), true),
    step: (key) => !this.views.inside('muster-why') && (this.views.piece<TicketList>('muster-tickets')?.step(key) ?? false),
  })
  private readonly sizes = new ResizeObserver(() => this.views.fit(this.clientWidth))
  private deaf: (() => void) | undefined // stops listening for another language
  private revealed = ''

  override connectedCallback(): void {
    super.connectedCallback()
    this.hub = hubFor(this.base)
    this.speak()
    this.listing = new Listing(this.hub.store)
    this.choice = new Choice(() => this.desk, () => choiceChanged(this), (ticket) => commandDone(this, ticket))
    const wanted = getComputedStyle(this).getPropertyValue('--muster-scheme').trim()
    if (!this.scheme && wanted && wanted !== 'auto') this.scheme = wanted
    this.selection.begin(this.page)
    this.keys.listen(this.page)
    this.sizes.observe(this)
    this.deaf = watchLanguage(() => this.speak())
    this.loading.begin()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.loading.end()
    this.deaf?.()
    this.sizes.disconnect()
    this.keys.end()
    this.selection.end()
  }

  redraw(): void {
    this.tick++
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

  get rowHeight(): number {
    if (matchMedia('(pointer: coarse)').matches) return rowHeights.touch
    return rowHeights[this.density as keyof typeof rowHeights] ?? rowHeights.standard
  }

  get readonlyWhy(): string {
    const me = this.hub.me
    if (!me || actors.includes(me.role)) return ''
    return this.desk.say('board.readonly', { name: me.name, role: this.desk.say(`role.${me.role}` as 'role.helpdesk') })
  }

  protected override willUpdate(): void {
    this.layout = this.views.layout
    this.told.outcome(this.choice.notice)
  }

  protected override updated(): void {
    const { id } = this.selection
    if (id && id !== this.revealed) this.views.piece<TicketList>('muster-tickets')?.reveal(id)
    this.revealed = id
    this.style.setProperty('--row', `${this.rowHeight}px`)
  }

  protected override render(): TemplateResult {
    const f = this.hub.freshness
    if (f.kind === 'failed') return failed(this.desk, f.error, () => this.hub.again())
    if (f.kind === 'nobody') return nobody(this.desk, this.signIn)
    return html`
      ${this.header()}
      ${this.readonlyWhy ? html`<p class="banner">${this.readonlyWhy}</p>` : nothing}
      ${panes(this)}
      ${this.page && !this.readonlyWhy
        ? hintLine(this.desk, this.hints, this.choice.picked.length > 0, this.listing.counts.none, this.actions.takeStep) : nothing}
      ${this.views.narrow ? footTabs(this) : nothing}
      <div class="unseen" aria-live="polite" data-live-region="polite">${this.told.polite}</div>
      <div class="unseen" aria-live="assertive" data-live-region="assertive">${this.told.assertive}</div>
      ${dialogs(this)}`
  }

  private header(): TemplateResult {
    const { desk, choice, selection, views, actions } = this
    const u = choice.notice?.undo
    const acted = u ? (this.hub.store.tickets.get(u.ticket)?.rev ?? 0) > u.rev : false
    return header(desk, {
      told: notice(desk, choice.notice, () => actions.undo(), acted) ?? staleness(desk, this.hub.retry),
      counts: this.listing.counts, query: selection.query, narrow: views.narrow, signIn: this.signIn,
      toggled: (token) => selection.filter(toggle(selection.query, token)),
      help: () => actions.help(), commands: () => views.showCommands(),
    })
  }
}
