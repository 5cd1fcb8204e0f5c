// Tabs where there is no room for panes side by side.
import { html, type TemplateResult } from 'lit'
import type { Desk } from './desk'

export function tabs(
  d: Desk, where: 'top' | 'bottom', views: readonly string[], now: string, choose: (view: string, byKey: boolean) => void,
): TemplateResult {
  const move = (e: KeyboardEvent) => {
    const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    e.preventDefault()
    choose(views[(views.indexOf(now) + step + views.length) % views.length]!, true)
  }
  return html`<div class="tabs ${where}" role="tablist" @keydown=${move}>${views.map((v) => html`<button role="tab"
    aria-selected=${v === now} tabindex=${v === now ? 0 : -1} data-view=${v}
    @click=${() => choose(v, false)}>${d.say(`view.${v}` as 'view.day')}</button>`)}</div>`
}
