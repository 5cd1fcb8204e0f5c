// The choice of a language, each by its own name, in its own language.
import { html, type TemplateResult } from 'lit'
import { names, speak } from './page'
import { languages, type Language, type Say } from './say'

export function languageButtons(say: Say, now: Language): TemplateResult {
  return html`<div class="languages" role="group" aria-label=${say('language')}>${languages.map((l) => html`<button type="button"
    class="button small" lang=${l} data-language=${l} aria-pressed=${l === now} @click=${() => speak(l)}>${names[l]}</button>`)}</div>`
}
