// Which ticket is chosen and what the list is narrowed to. The address of the board's own page keeps both.
import { ref, type Ticket } from '../model'
import { readAddress, writeAddress } from './address'
import type { Parts } from './parts'

const numbered = (id: string): boolean => id.startsWith('T-')

export class Selection {
  query = ''
  /** The chosen ticket's id; its number while the ticket that the address names is not there yet. */
  id = ''
  private page = false

  constructor(private readonly board: Parts) {}

  get ticket(): Ticket | undefined {
    return this.board.desk.hub.store.tickets.get(this.id)
  }

  /** Follows the address and writes it, where the board is the page. */
  begin(page: boolean): void {
    this.page = page
    if (!page) return
    this.follow()
    addEventListener('popstate', this.follow)
  }

  end(): void {
    removeEventListener('popstate', this.follow)
  }

  select(id: string): void {
    if (id !== this.id) {
      this.id = id
      this.board.views.selected()
    }
    this.board.choice.select(id)
    this.write()
  }

  filter(text: string): void {
    this.query = text
    this.takeIn()
    this.write()
  }

  /** Shows what waits, in its order. */
  takeIn(): void {
    this.board.listing.takeIn(this.query, this.board.desk.now())
    this.board.requestUpdate()
  }

  /** Whoever chose by number in the address is answered when the ticket is there. */
  resolve(): void {
    if (!numbered(this.id)) return
    for (const t of this.board.desk.hub.store.tickets.values()) {
      if (ref(t) === this.id) {
        this.select(t.id)
        return
      }
    }
  }

  private readonly follow = (): void => {
    const { query, ticket } = readAddress()
    this.query = query
    if (!this.ticket || ref(this.ticket) !== ticket) {
      this.id = ticket
      this.resolve()
    }
    this.takeIn()
  }

  private write(): void {
    if (this.page) writeAddress(this.query, this.ticket ? ref(this.ticket) : numbered(this.id) ? this.id : '')
  }
}
