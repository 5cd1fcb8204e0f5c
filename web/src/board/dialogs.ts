// The dialogs that lie over the board: the keys, the commands by name, and what is asked before a farewell.
import { html, nothing, type TemplateResult } from 'lit'
import { commandList } from './commandlist'
import './farewell'
import { help } from './help'
import type { Parts } from './parts'

export function dialogs(b: Parts): TemplateResult {
  return html`${b.views.help ? keys(b) : nothing} ${b.views.commands ? commands(b) : nothing} ${farewell(b)}`
}

function keys(b: Parts): TemplateResult {
  const { views } = b
  return help(b.desk, {
    page: b.page, letters: b.keys.letters, switchLetters: (on) => b.keys.switchLetters(on),
    close: () => {
      views.help = false
      b.requestUpdate()
    },
    hints: () => {
      views.piece<HTMLDialogElement>('dialog')?.close()
      b.hints.again()
    },
  })
}

function commands(b: Parts): TemplateResult {
  const { listing, selection, choice, views, actions } = b
  return commandList(b.desk, {
    ticket: selection.ticket, best: choice.candidates[0], undo: choice.notice?.undo !== undefined, rows: listing.rows, does: actions.does,
    assignBest: () => actions.chooseBest(),
    choose: (id) => {
      selection.select(id)
      void views.focusList()
    },
    close: () => {
      views.commands = false
      b.requestUpdate()
    },
  })
}

function farewell(b: Parts): TemplateResult | typeof nothing {
  const { selection, views } = b
  if (!views.farewell || !selection.ticket) return nothing
  return html`<muster-farewell .desk=${b.desk} .choice=${b.choice} .ticket=${selection.ticket} .verb=${views.farewell} .tick=${b.tick}
    .close=${() => {
      views.farewell = undefined
      void views.focusList()
    }}></muster-farewell>`
}
