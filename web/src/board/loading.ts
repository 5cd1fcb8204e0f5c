// What comes in from the hub, and with time: rows are ranked, counted and tinted as tickets change, and the tours of
// the day that is shown are read.
import type { Changed } from '../hub/store'
import type { Parts } from './parts'

const pulse = 500 // ms
const shownAfter = 2000 // ms that "done" stays after the way back has closed

export class Loading {
  /** When the board began to load, in ms. */
  began = Date.now()
  private stops: (() => void)[] = []

  constructor(private readonly board: Parts) {}

  begin(): void {
    const { hub } = this.board.desk
    const beat = setInterval(() => this.pulse(), pulse)
    this.stops = [
      hub.watch(() => this.fresh()),
      hub.store.watch((c) => this.changed(c)),
      () => clearInterval(beat),
      () => hub.leave(),
    ]
    hub.enter()
  }

  end(): void {
    for (const stop of this.stops) stop()
    this.stops = []
  }

  /** Reads the tours of the day that is shown. */
  day(): void {
    const { desk, views } = this.board
    if (desk.hub.me && this.live) desk.hub.loadTours(views.dayAt || desk.now())
  }

  private get live(): boolean {
    return this.board.desk.hub.freshness.kind === 'live'
  }

  /** How fresh the picture is has changed, or who acts. */
  private fresh(): void {
    if (this.live && this.board.listing.rows.length === 0) this.pulse()
    this.day()
    this.board.requestUpdate()
  }

  private changed(changed: Changed): void {
    const { desk, listing, selection, choice, views, told, brief, flashes } = this.board
    const { store } = desk.hub
    listing.touch(changed, desk.now())
    brief.note(changed, this.live && !store.swapping, desk.now())
    if (this.live) flashes.add(changed.keys())
    if (listing.rows.length === 0) listing.refresh(selection.query, desk.now())
    selection.resolve()
    const { id, ticket } = selection
    if (changed.has(id) && choice.outdated && choice.picked.length === 0 && !views.inside('muster-candidates')) choice.again()
    if (ticket && changed.has(id) && !choice.sending) told.selected(desk, ticket)
    this.board.redraw()
  }

  /** Twice a second: order, counts, ages, and what is over. */
  private pulse(): void {
    if (document.hidden) return
    const { desk, listing, selection, choice, hints } = this.board
    this.day()
    desk.hub.store.forget(Date.now())
    listing.hold('candidates', choice.entered)
    listing.refresh(selection.query, desk.now())
    const done = choice.notice?.kind === 'done' ? choice.notice.undo : undefined
    if (done && desk.now() > done.until) hints.passed('u')
    if (done && desk.now() > done.until + shownAfter) choice.notice = undefined
    if (listing.counts.none === 0) hints.passed('w')
    this.board.redraw()
  }
}
