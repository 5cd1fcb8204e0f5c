// Cancelling a ticket, or taking its expert off: a dialog that asks why. What was typed stays until the server has
// said yes: it is there again after a refusal, and after Esc.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { closed, ref, shown, type Ticket } from '../model'
import type { Choice } from './choice'
import { stateWord, visitNames, type Desk } from './desk'

export type Farewell = 'cancel' | 'unassign'

/** Why a ticket can't be cancelled or its expert taken off now, empty if it can. */
export function farewellWhyNot(d: Desk, verb: Farewell, t: Ticket): string {
  const able = verb === 'cancel' ? !closed(t) && t.state !== 'completed' : ['offered', 'assigned', 'en_route'].includes(shown(t))
  return able ? '' : d.say(verb === 'cancel' ? 'farewell.cancel.no' : 'farewell.unassign.no', { ticket: ref(t), state: stateWord(d, shown(t)) })
}

const drafts = new Map<string, string>()

@customElement('muster-farewell')
export class FarewellDialog extends LitElement {
  @property({ attribute: false }) desk!: Desk
  @property({ attribute: false }) choice!: Choice
  @property({ attribute: false }) ticket!: Ticket
  @property() verb: Farewell = 'cancel'
  @property({ attribute: false }) close: () => void = () => undefined
  /** Counts what changed outside, so that a refusal is shown. */
  @property({ type: Number }) tick = 0
  @state() private missing = false

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override firstUpdated(): void {
    this.querySelector('dialog')!.showModal()
  }

  private get draft(): string {
    return `${this.verb} ${this.ticket.id}`
  }

  protected override render(): TemplateResult {
    const d = this.desk
    const { choice, verb } = this
    const names = { ticket: ref(this.ticket), expert: visitNames(d, this.ticket) }
    const no = choice.notice?.kind === 'refused' ? [choice.notice.text, choice.notice.hint].filter(Boolean).join(' ') : this.missing ? d.say('farewell.missing') : ''
    return html`<dialog class="farewell" aria-labelledby="farewell-title" @close=${this.close}>
      <form @submit=${this.send} @keydown=${this.key}>
        <h2 id="farewell-title">${d.say(verb === 'cancel' ? 'farewell.cancel' : 'farewell.unassign', names)}</h2>
        <p class="ink2">${d.say(verb === 'cancel' ? 'farewell.cancel.then' : 'farewell.unassign.then', names)}</p>
        <label for="farewell-why">${d.say('farewell.why')}</label>
        <textarea id="farewell-why" class="field" rows="3" maxlength="1000" autofocus aria-invalid=${no !== ''} aria-describedby="farewell-no"
          .value=${drafts.get(this.draft) ?? ''} @input=${this.typed}></textarea>
        <p id="farewell-no" class="s-late" role="alert">${no || nothing}</p>
        <div class="buttons">
          <button type="button" class="button" @click=${() => this.querySelector('dialog')!.close()}>${d.say('farewell.back')} <kbd aria-hidden="true">Esc</kbd></button>
          <button class="button main" aria-disabled=${choice.sending}>${choice.sending ? d.say('sending')
            : d.say(verb === 'cancel' ? 'farewell.cancel.do' : 'farewell.unassign.do', names)}</button>
        </div>
      </form>
    </dialog>`
  }

  private readonly typed = (e: InputEvent): void => {
    this.missing = false
    drafts.set(this.draft, (e.target as HTMLTextAreaElement).value)
  }

  private readonly key = (e: KeyboardEvent): void => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) void this.send(e)
  }

  private readonly send = async (e: Event): Promise<void> => {
    e.preventDefault()
    if (this.choice.sending) return
    const d = this.desk
    const reason = (drafts.get(this.draft) ?? '').trim()
    if (reason === '') {
      this.missing = true
      this.querySelector('textarea')!.focus()
      return
    }
    const said = d.say(this.verb === 'cancel' ? 'farewell.cancel.done' : 'farewell.unassign.done', { ticket: ref(this.ticket), expert: visitNames(d, this.ticket) })
    if (!(await this.choice.act(this.ticket, this.verb, { reason }, said))) return
    drafts.delete(this.draft)
    this.querySelector('dialog')?.close()
  }
}
