// Why the others can't take the ticket: the excluded counted by reason, and each with every reason and its
// numbers. A row of the first table narrows the second; a name finds one expert.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { ref, type Match, type Ticket } from '../model'
import { closedWords } from './candidates'
import type { Desk } from './desk'
import { count, narrow, reasonText, testName } from './reason'

const page = 40

@customElement('muster-why')
export class Why extends LitElement {
  @property({ attribute: false }) desk!: Desk
  @property({ attribute: false }) match: Match | undefined
  @property({ attribute: false }) ticket: Ticket | undefined
  @property({ attribute: false }) open = true // somebody is to be chosen for the ticket
  @state() private code = ''
  @state() private text = ''
  @state() private shown = page

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get('ticket') as Ticket | undefined
    if (changed.has('ticket') && before?.id !== this.ticket?.id) {
      this.code = ''
      this.text = ''
      this.shown = page
    }
  }

  protected override render(): TemplateResult {
    const d = this.desk
    const m = this.match
    const t = this.ticket
    if (t && !m && !this.open) return html`<p class="empty" role="status">${closedWords(d, t)}</p>`
    if (!m || !t) return html`<p class="empty late-words" role="status">${d.say(t ? 'match.loading' : 'why.none-chosen')}</p>`
    const out = m.excluded ?? []
    const total = out.length + (m.candidates ?? []).length
    return html`
      <table class="tests">
        <caption tabindex="-1">${d.say('why.title', { n: out.length, total, ticket: ref(t) })}</caption>
        <thead><tr>
          <th scope="col">${d.say('why.test')}</th><th scope="col" class="num">${d.say('why.fails')}</th>
          <th scope="col" class="num" title=${d.say('why.only-title')}>${d.say('why.only')}</th>
          <th scope="col">${d.say('why.nearest')}</th>
        </tr></thead>
        <tbody>${count(m).map((c) => html`<tr class=${c.code === this.code ? 'on' : ''} data-code=${c.code}>
          <th scope="row"><button class="link" aria-pressed=${c.code === this.code} @click=${() => this.pick(c.code)}>${testName(d, c.code)}</button></th>
          <td class="num">${d.format.number(c.fails)}</td><td class="num">${d.format.number(c.only)}</td>
          <td>${c.nearest ? html`${reasonText(d, c.nearest.reason, t.zone)} <span class="ink3">${c.nearest.name}</span>` : nothing}</td>
        </tr>`)}</tbody>
      </table>
      <p class="meta">${d.say('why.overlap')}</p>
      <div class="find">
        <input class="field" type="search" .value=${this.text} placeholder=${d.say('why.find')} aria-label=${d.say('why.find')}
          autocomplete="off" spellcheck="false" @input=${this.typed}>
        ${this.code ? html`<button class="button small" @click=${() => this.pick('')}>${testName(d, this.code)}
          <span aria-hidden="true">✕</span><span class="unseen">${d.say('why.all')}</span></button>` : nothing}
      </div>
      ${this.people(m, t)}`
  }

  private people(m: Match, t: Ticket): TemplateResult {
    const d = this.desk
    const found = narrow(m, this.code, this.text)
    const can = this.text.trim() === '' ? [] : (m.candidates ?? [])
      .map((c, i) => ({ c, i })).filter(({ c }) => (c.name ?? '').toLowerCase().includes(this.text.trim().toLowerCase()))
    if (found.length === 0 && can.length === 0) return html`<p class="empty" role="status">${d.say('why.nobody', { text: this.text })}</p>`
    const rest = found.length - this.shown
    return html`
      <table class="people">
        <caption class="unseen">${d.say('why.people')}</caption>
        <thead><tr><th scope="col">${d.say('why.expert')}</th><th scope="col">${d.say('why.reasons')}</th></tr></thead>
        <tbody>
          ${can.map(({ c, i }) => html`<tr><th scope="row">${c.name}</th>
            <td>${d.say('why.can', { n: i + 1, cost: Math.round(c.cost) })}</td></tr>`)}
          ${found.slice(0, this.shown).map((x) => html`<tr data-expert=${x.expert}><th scope="row">${x.name || x.expert}</th>
            <td><ul>${x.reasons.map((r) => html`<li data-code=${r.code}><span class="code">${testName(d, r.code)}</span>
              ${reasonText(d, r, t.zone)}</li>`)}</ul></td></tr>`)}
        </tbody>
      </table>
      ${rest > 0 ? html`<button class="button quiet more" @click=${() => (this.shown += 4 * page)}>${d.say('why.more', { n: rest })}</button>` : nothing}`
  }

  private pick(code: string): void {
    this.code = this.code === code ? '' : code
    this.shown = page
  }

  private readonly typed = (e: InputEvent): void => {
    this.text = (e.target as HTMLInputElement).value
    this.shown = page
  }

  /** Gives the focus to the caption: the total is read out first. */
  async enter(): Promise<void> {
    await this.updateComplete
    this.querySelector<HTMLElement>('caption')?.focus()
  }
}
