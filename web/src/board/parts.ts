// What the board is made of. Each part keeps one thing in order, lies in the file of its name, and reaches the others
// through this.
import type { LitElement } from 'lit'
import type { Actions } from './actions'
import type { Announcer } from './announcer'
import type { Brief } from './brief'
import type { Choice } from './choice'
import type { Desk } from './desk'
import type { Flashes } from './flashes'
import type { Hints } from './hints'
import type { Keys } from './keys'
import type { Listing } from './listing'
import type { Loading } from './loading'
import type { Selection } from './selection'
import type { Views } from './views'

export interface Parts extends Pick<LitElement, 'renderRoot' | 'requestUpdate' | 'updateComplete'> {
  readonly desk: Desk
  /** The rows in their order, and the counts. */
  readonly listing: Listing
  /** The chosen ticket and the filter. */
  readonly selection: Selection
  /** The chosen ticket's candidates, who of them is chosen, and the command that follows. */
  readonly choice: Choice
  /** Which pane is seen, and where the focus is. */
  readonly views: Views
  readonly loading: Loading
  readonly actions: Actions
  readonly keys: Keys
  readonly told: Announcer
  readonly brief: Brief
  readonly hints: Hints
  readonly flashes: Flashes
  /** The board is the page. */
  readonly page: boolean
  /** Of a ticket's row, in pixels. */
  readonly rowHeight: number
  /** Counts what changed outside, so that the parts that are elements draw anew. */
  readonly tick: number
  /** Why this person may only look; empty if they may act. */
  readonly readonlyWhy: string
  /** Draws anew, also what follows from the store and the clock. */
  redraw(): void
}
