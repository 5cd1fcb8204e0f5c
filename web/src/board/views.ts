// Which pane is seen where there is no room for all of them, which day, what lies over them, and where the focus goes.
import type { Candidates } from './candidates'
import type { Day } from './day'
import type { Farewell } from './farewell'
import type { TicketList } from './list'
import type { Parts } from './parts'
import type { Why } from './why'

export type Layout = 'wide' | 'middle' | 'narrow'
export type View = 'list' | 'candidates' | 'day' | 'why'

export class Views {
  layout: Layout = 'wide'
  /** The pane that is seen beside the list, or in its place. */
  seen: View = 'candidates'
  /** An instant of the day that is shown; 0: today. */
  dayAt = 0
  help = false
  commands = false
  farewell: Farewell | undefined
  private turn = 0 // which of several moves of the focus is the last

  constructor(private readonly board: Parts) {}

  /** Lays the panes out for a width in pixels. */
  fit(width: number): void {
    this.layout = width >= 1200 ? 'wide' : width >= 720 ? 'middle' : 'narrow'
    if (this.narrow && !this.board.selection.id && this.seen === 'candidates') this.seen = 'list'
    this.board.requestUpdate()
  }

  get narrow(): boolean {
    return this.layout === 'narrow'
  }

  show(view: View): void {
    this.seen = view
    this.board.requestUpdate()
  }

  /** Another ticket is selected. */
  selected(): void {
    this.dayAt = 0
    if (this.seen === 'why' && this.layout !== 'wide') this.seen = 'candidates'
    this.board.requestUpdate()
  }

  /** Shows the list and puts the focus into it. */
  list(): void {
    if (this.narrow) this.seen = 'list'
    void this.focusList()
  }

  /** Puts the focus on the selected row, the first one without a selection. */
  async focusList(): Promise<void> {
    const turn = ++this.turn
    const { choice, selection, listing } = this.board
    choice.leave()
    this.board.requestUpdate()
    await this.board.updateComplete
    const list = this.piece<TicketList>('muster-tickets')
    await list?.updateComplete
    if (turn === this.turn) await list?.focusRow(selection.id || listing.rows[0] || '')
  }

  /** Shows the candidates and puts the focus into them. */
  candidates(): void {
    if (this.layout !== 'wide' || this.seen === 'why') this.seen = 'candidates'
    this.enter(() => this.piece<Candidates>('muster-candidates')?.enter())
  }

  why(): void {
    this.seen = 'why'
    this.enter(() => this.piece<Why>('muster-why')?.enter())
  }

  day(): void {
    this.seen = this.layout === 'wide' ? 'candidates' : 'day'
    this.enter(() => this.piece<Day>('muster-day')?.enter())
  }

  filter(): void {
    if (this.narrow) this.seen = 'list'
    this.enter(() => this.piece<HTMLInputElement>('.search')?.focus())
  }

  showHelp(): void {
    this.help = true
    this.enter(() => this.piece<HTMLDialogElement>('dialog')?.showModal())
  }

  showCommands(): void {
    this.commands = true
    this.board.requestUpdate()
  }

  /** Shows the day of an instant. */
  showDay(at: number): void {
    this.dayAt = at
    this.board.loading.day()
    this.board.requestUpdate()
  }

  /** Shows the day so many further; 0 is today. */
  turnDay(step: number): void {
    const now = this.board.desk.now()
    this.showDay(step === 0 ? now : (this.dayAt || now) + step * 86_400_000)
  }

  /** Whether the focus is in a part of the board. */
  inside(part: string): boolean {
    return this.focused?.closest(part) != null
  }

  /** The element of the board that has the focus. */
  get focused(): Element | null {
    const root = this.board.renderRoot
    return root instanceof ShadowRoot ? root.activeElement : null
  }

  /** An element of the board, null while it is not drawn. */
  piece<T extends Element>(selector: string): T | null {
    return this.board.renderRoot.querySelector<T>(selector)
  }

  /** Moves the focus once what it goes to is drawn; a move to the list that is on its way gives up. */
  private enter(focus: () => void): void {
    this.turn++
    this.board.requestUpdate()
    void this.board.updateComplete.then(focus)
  }
}
