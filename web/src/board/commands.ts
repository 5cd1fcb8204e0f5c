// Everything that can be done here, by name: what concerns the chosen ticket first, then the rest, then tickets.
// Under `.`; a combobox whose list follows what is typed.
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { ref, shown, type Ticket } from '../model'
import { stateWord, type Desk } from './desk'

export interface Command {
  name: string
  /** The key that does the same. */
  key: string
  run: () => void
}

interface Option {
  id: string
  name: string
  key: string
  about: string
  run: () => void
}

const most = 8 // tickets

@customElement('muster-commands')
export class Commands extends LitElement {
  @property({ attribute: false }) desk!: Desk
  @property({ attribute: false }) ticket: Ticket | undefined
  /** Those for the chosen ticket, and those that need none. */
  @property({ attribute: false }) own: Command[] = []
  @property({ attribute: false }) all: Command[] = []
  /** Tickets in the order of attention. */
  @property({ attribute: false }) rows: readonly string[] = []
  @property({ attribute: false }) choose: (ticket: string) => void = () => undefined
  @property({ attribute: false }) close: () => void = () => undefined
  @state() private text = ''
  @state() private at = 0

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override firstUpdated(): void {
    this.querySelector('dialog')!.showModal()
  }

  protected override render(): TemplateResult {
    const d = this.desk
    const groups = this.groups()
    const options = groups.flatMap((g) => g.options)
    const at = Math.min(this.at, options.length - 1)
    return html`<dialog class="commands" aria-label=${d.say('commands.name')} @close=${this.close}>
      <input class="field" role="combobox" aria-expanded="true" aria-controls="commands-list" aria-autocomplete="list" autofocus
        aria-activedescendant=${options[at]?.id ?? nothing} aria-label=${d.say('commands.name')} placeholder=${d.say('commands.find')}
        autocomplete="off" spellcheck="false" .value=${this.text} @input=${this.typed} @keydown=${(e: KeyboardEvent) => this.key(e, options, at)}>
      <div role="listbox" id="commands-list" aria-label=${d.say('commands.name')}>
        ${groups.map((g) => html`<div role="group" aria-label=${g.name}><h3 aria-hidden="true">${g.name}</h3>
          ${g.options.map((o) => html`<div role="option" id=${o.id} class="command ${o === options[at] ? 'on' : ''}" aria-selected=${o === options[at]}
            @click=${() => this.take(o)}><span class="words">${o.name}</span><span class="ink3">${o.about}</span>${o.key ? html`<kbd aria-hidden="true">${o.key}</kbd>` : nothing}</div>`)}</div>`)}
      </div>
      ${options.length === 0 ? html`<p class="empty" role="status">${d.say('commands.none', { text: this.text })}</p>` : nothing}
    </dialog>`
  }

  private groups(): { name: string; options: Option[] }[] {
    const d = this.desk
    const want = this.text.trim().toLowerCase()
    const fits = (c: Command) => c.name.toLowerCase().includes(want)
    const option = (c: Command, kind: string, i: number): Option => ({ ...c, id: `command-${kind}-${i}`, about: '' })
    const tickets: Option[] = []
    for (const id of want === '' ? [] : this.rows) {
      const t = d.hub.store.tickets.get(id)
      if (!t || !`${ref(t)} ${t.title} ${t.city ?? ''}`.toLowerCase().includes(want)) continue
      tickets.push({ id: `command-${id}`, name: `${ref(t)} ${t.title}`, key: '', about: stateWord(d, shown(t)), run: () => this.choose(id) })
      if (tickets.length === most) break
    }
    return [
      { name: this.ticket ? d.say('commands.for', { ticket: `${ref(this.ticket)} ${this.ticket.title}` }) : '', options: this.own.filter(fits).map((c, i) => option(c, 'own', i)) },
      { name: d.say('help.anywhere'), options: this.all.filter(fits).map((c, i) => option(c, 'all', i)) },
      { name: d.say('commands.tickets'), options: tickets },
    ].filter((g) => g.options.length > 0)
  }

  private readonly typed = (e: InputEvent): void => {
    this.text = (e.target as HTMLInputElement).value
    this.at = 0
  }

  private key(e: KeyboardEvent, options: Option[], at: number): void {
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1 }
    const next = to[e.key]
    if (next !== undefined) {
      this.at = (next + options.length) % Math.max(1, options.length)
      void this.updateComplete.then(() => this.querySelector('.command.on')?.scrollIntoView({ block: 'nearest' }))
    } else if (e.key === 'Enter' && !e.isComposing && !e.repeat) {
      const o = options[at]
      if (o) this.take(o)
    } else {
      return
    }
    e.preventDefault()
  }

  private take(o: Option): void {
    this.querySelector('dialog')!.close()
    o.run()
  }
}
