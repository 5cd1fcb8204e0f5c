// What can be done on the board, by key, by button and by name.
import type { Mode } from './choice'
import { farewellWhyNot, type Farewell } from './farewell'
import type { Step } from './hints'
import type { Parts } from './parts'
import { mostUrgent, without } from './pick'

export class Actions {
  constructor(private readonly board: Parts) {}

  /** What the keys of the whole board do. */
  readonly does: Record<string, () => void> = {
    '?': () => this.help(),
    '.': () => this.board.views.showCommands(),
    t: () => this.takeIn(),
    f: () => this.board.views.filter(),
    l: () => this.board.views.list(),
    d: () => this.board.views.day(),
    a: () => this.enterCandidates('assign'),
    o: () => this.enterCandidates('offer'),
    w: () => this.openWhy(),
    q: () => this.askWhy('unassign'),
    x: () => this.askWhy('cancel'),
    u: () => this.undo(),
    b: () => this.tellBrief(),
    Escape: () => this.back(),
  }

  /** Takes in new rows and selects the most urgent ticket. */
  takeIn(): void {
    const { desk, listing, selection, views, hints } = this.board
    selection.takeIn()
    const first = mostUrgent(desk, listing.rows)
    if (!first) return
    hints.did('t')
    selection.select(first)
    views.list()
  }

  enterCandidates(mode: Mode): void {
    const { selection, choice, views, hints } = this.board
    if (!selection.ticket) return
    hints.did('a')
    choice.enter(mode)
    views.candidates()
  }

  /** Enters the candidates and chooses the best. */
  chooseBest(): void {
    this.enterCandidates('assign')
    this.board.choice.type(1)
  }

  openWhy(): void {
    const { selection, choice, views, hints } = this.board
    if (!selection.ticket) return
    hints.did('w')
    choice.now()
    views.why()
  }

  /** Sends the command for those who are chosen. */
  commit(): void {
    if (!this.board.readonlyWhy) void this.board.choice.commit()
  }

  undo(): void {
    void this.board.choice.undo()
  }

  /** Selects a row; with a finger its candidates come up where there is no room for both. */
  readonly selectTicket = (e: CustomEvent<{ id: string; pointed?: boolean }>): void => {
    const { selection, views, hints } = this.board
    hints.did('t')
    selection.select(e.detail.id)
    if (views.narrow && e.detail.pointed) views.show('candidates')
  }

  /** Does the step that a hint names, for those who press its button. */
  readonly takeStep = (step: Step): void => {
    const { choice } = this.board
    if (step === '1') {
      choice.entered = true
      choice.type(1)
    } else if (step === 'Enter') this.commit()
    else if (step === 'a') this.enterCandidates('assign')
    else if (step === 'w') this.showWhyNone()
    else this.does[step]?.()
  }

  /** One layer back: the filter, the reasons, the choice, a refusal, then to the list. */
  back(): void {
    const { selection, choice, views } = this.board
    const field = views.piece<HTMLInputElement>('.search')
    if (field?.value && views.focused === field) {
      selection.filter('')
    } else if (views.seen === 'why') {
      views.candidates()
    } else if (choice.picked.length > 0 && !choice.sending) {
      choice.release()
    } else if (choice.notice?.kind === 'refused') {
      choice.notice = undefined
      this.board.requestUpdate()
    } else {
      views.list()
    }
  }

  help(): void {
    this.board.hints.did('?')
    this.board.views.showHelp()
  }

  /** Asks why, before a ticket is cancelled or its expert taken off. */
  private askWhy(verb: Farewell): void {
    const { desk, selection, choice, views, readonlyWhy } = this.board
    const t = selection.ticket
    if (!t || readonlyWhy || choice.sending) return
    const no = farewellWhyNot(desk, verb, t)
    choice.notice = no ? { kind: 'told', text: no } : undefined
    views.farewell = no ? undefined : verb
    this.board.requestUpdate()
  }

  /** Says what has changed since one last asked. */
  private tellBrief(): void {
    const { desk, listing, selection, choice, brief, told } = this.board
    listing.refresh(selection.query, desk.now())
    const text = brief.tell(desk, listing.counts)
    told.say(text)
    if (!choice.notice?.undo) choice.notice = { kind: 'told', text }
    this.board.requestUpdate()
  }

  /** Why nobody can take the first of those that have no expert. */
  private showWhyNone(): void {
    const { desk, listing, selection } = this.board
    const id = without(desk, [selection.id, ...listing.rows])
    if (id) selection.select(id)
    this.openWhy()
  }
}
