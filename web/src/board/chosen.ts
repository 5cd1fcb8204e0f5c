// What follows when an expert is chosen, and when the command is done: what is read out, the ghost on the day, and
// the next ticket.
import type { Candidates } from './candidates'
import type { Day } from './day'
import type { Parts } from './parts'

/** Shows and says who is chosen, at which start, or what became of the command. */
export function choiceChanged(board: Parts): void {
  const { desk, listing, selection, choice, views, told, hints } = board
  listing.touchOne(selection.id) // that nobody can take a ticket is an exception
  const c = choice.chosen.at(-1)
  if (c) hints.did('1')
  if (choice.notice?.kind === 'done') hints.did(choice.notice.undo ? 'Enter' : 'u')
  if (c && selection.ticket) {
    told.start(desk, c, selection.ticket)
    views.showDay(Date.parse(c.start))
  }
  board.redraw()
  if (c) void drawGhost(board)
}

/** Enter counts from the frame after the ghost was drawn. */
async function drawGhost(board: Parts): Promise<void> {
  const { choice, views } = board
  const chosen = () => choice.chosen.map((c) => `${c.expert} ${c.start}`).join()
  const drawn = chosen()
  await board.updateComplete
  await views.piece<Day>('muster-day')?.updateComplete
  await views.piece<Candidates>('muster-candidates')?.updateComplete
  requestAnimationFrame(() => {
    if (chosen() !== drawn || choice.drawn) return
    choice.drawn = true
    views.piece<Day>('muster-day')?.showExpert(choice.chosen.at(-1)?.expert ?? '')
    board.requestUpdate()
  })
}

/** After a command the focus is on the next ticket, so that a 1 Enter goes on. */
export function commandDone(board: Parts, ticket: string): void {
  const { listing, selection, choice, views } = board
  if (ticket !== selection.id || choice.notice?.undo === undefined || !views.inside('muster-candidates')) return
  const next = listing.after(ticket)
  if (!next) return
  selection.select(next)
  views.list()
}
