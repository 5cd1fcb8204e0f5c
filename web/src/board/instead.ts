// What stands in place of the board: it did not load, or nobody has said who acts.
import { html, type TemplateResult } from 'lit'
import { refusalText } from './refusal'
import type { Desk } from './desk'

export function failed(d: Desk, error: Error, again: () => void): TemplateResult {
  const request = (error as { request?: string }).request
  return html`<div class="page-words" role="alert"><h1>Muster</h1>
    <p>${d.say('board.failed', { why: refusalText(d, error).text })} ${request ? d.say('board.request', { id: request }) : ''}</p>
    <button class="button main" @click=${again}>${d.say('try-again')}</button></div>`
}

export function nobody(d: Desk, signIn: string): TemplateResult {
  return html`<div class="page-words"><h1>Muster</h1><p>${d.say('board.nobody')}</p>
    <a class="button main" href=${signIn}>${d.say('me.choose')}</a></div>`
}
