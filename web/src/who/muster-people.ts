// <muster-people>: "Who are you today?" Until sign-in lands, whoever is at this machine says who acts.
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { ask } from '../hub/request'
import { controls, tokens } from '../look/tokens'
import type { User } from '../model'
import { languageButtons } from '../words/buttons'
import { hasWord, languageOf, speaker, watchLanguage, type Language, type Say } from '../words/say'

const most = 7
const roles = ['dispatcher', 'manager', 'helpdesk', 'expert', 'administrator', 'accountant', 'customer']

@customElement('muster-people')
export class People extends LitElement {
  static override styles = [tokens, controls, css`
    :host { display: block; min-height: 100%; }
    main { max-width: 34rem; margin: 0 auto; padding: 12vh 16px 48px; }
    .name { font-size: 1rem; line-height: 1.5rem; font-weight: 600; color: var(--m-ink3); }
    h1 { font-size: 1.75rem; line-height: 2.25rem; margin: 4px 0 16px; letter-spacing: -0.01em; }
    ul { background: var(--m-surface); border: 1px solid var(--m-line); border-radius: 8px; overflow: hidden; }
    li + li { border-top: 1px solid var(--m-line); }
    li button { width: 100%; min-height: 56px; padding: 8px 16px; border: 0; background: none; text-align: left; cursor: pointer;
      display: grid; grid-template-columns: 9.5rem 1fr; gap: 0 16px; align-items: center; font-size: 1rem; line-height: 1.5rem; }
    li button:hover { background: var(--m-hover); }
    li button:focus { background: var(--m-selected); box-shadow: inset 3px 0 0 var(--m-ink); }
    li button:focus-visible { outline-offset: -2px; }
    li b { font-weight: 600; display: block; }
    .role { font-size: 0.8125rem; line-height: 1.125rem; color: var(--m-ink3); }
    .about { color: var(--m-ink2); font-size: 0.875rem; line-height: 1.25rem; }
    p { padding-top: 16px; color: var(--m-ink3); }
    p.no { color: var(--m-late); }
    .languages { padding-top: 24px; }
    @media (max-width: 30rem) { main { padding-top: 24px; } li button { grid-template-columns: 1fr; } }
  `]

  @property() base = ''
  /** Where to go once somebody was picked. */
  @property() next = '/board'
  @state() private users: User[] | undefined
  @state() private said = ''
  @state() private failed = ''
  @state() private language: Language = 'en'
  private say!: Say
  private stop = (): void => undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.speak()
    this.stop = watchLanguage(() => this.speak())
    void this.load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.stop()
  }

  private speak(): void {
    this.language = languageOf(this)
    this.say = speaker(this.language)
    document.title = this.say('title.who')
  }

  private async load(): Promise<void> {
    try {
      const got = await ask<{ items: User[] | null }>(this.base, '/v1/users')
      this.users = pick(got.items ?? [])
      await this.updateComplete
      this.renderRoot.querySelector<HTMLElement>('li button')?.focus()
    } catch (err) {
      this.failed = this.say('who.failed', { why: (err as Error).message })
    }
  }

  protected override render(): TemplateResult {
    const words = this.failed || this.said
    return html`<main>
      <div class="name">Muster</div>
      <h1>${this.say('who.title')}</h1>
      ${this.users === undefined
        ? (words ? '' : html`<p role="status">${this.say('who.loading')}</p>`)
        : this.users.length === 0 ? html`<p>${this.say('who.empty')}</p>`
        : html`<ul @keydown=${this.key}>${this.users.map((u) => html`<li><button data-user=${u.id} data-role=${u.role} @click=${() => void this.choose(u)}>
            <span><b>${u.name}</b><span class="role">${roleWord(this.say, u.role)}</span></span><span class="about">${u.about ?? ''}</span></button></li>`)}</ul>
          ${words ? '' : html`<p>${this.say('who.hint')}</p>`}`}
      <p role="status" class=${this.failed ? 'no' : ''}>${words}</p>
      ${languageButtons(this.say, this.language)}
    </main>`
  }

  private async choose(u: User): Promise<void> {
    this.failed = ''
    this.said = this.say('who.open')
    try {
      await ask(this.base, '/v1/session', { method: 'POST', body: { user: u.id }, headers: { 'Idempotency-Key': crypto.randomUUID() } })
      location.assign(this.next)
    } catch (err) {
      this.said = ''
      this.failed = (err as Error).message
    }
  }

  private readonly key = (e: KeyboardEvent): void => {
    const step = e.key === 'ArrowDown' || e.key === 'j' ? 1 : e.key === 'ArrowUp' || e.key === 'k' ? -1 : 0
    if (step === 0) return
    const all = [...this.renderRoot.querySelectorAll<HTMLElement>('li button')]
    const at = all.indexOf(e.target as HTMLElement)
    all[(at + step + all.length) % all.length]?.focus()
    e.preventDefault()
  }
}

/** Seven people at most: one of each role before a second of any, dispatchers first. */
function pick(users: User[]): User[] {
  const rank = (u: User) => (roles.indexOf(u.role) + 1 || roles.length + 1) - 1
  const nth = new Map<string, number>()
  const rounds = users.map((u) => {
    const n = nth.get(u.role) ?? 0
    nth.set(u.role, n + 1)
    return { u, n }
  })
  const chosen = rounds.sort((a, b) => a.n - b.n || rank(a.u) - rank(b.u)).slice(0, most).map((r) => r.u)
  return chosen.sort((a, b) => rank(a) - rank(b))
}

const roleWord = (say: Say, role: string): string => {
  const word = `role.${role}`
  return hasWord(word) ? say(word) : role
}
