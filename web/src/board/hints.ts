// The first steps: one line at the foot of the page for whoever sees the board for the first time. Each step
// comes after the one before was done, by key or by its button; what was done and that it was hidden is kept.
import { html, nothing, type TemplateResult } from 'lit'
import type { Word } from '../words/say'
import type { Desk } from './desk'
import { keep, kept } from '../kept'

export type Step = 't' | 'a' | '1' | 'Enter' | 'u' | 'w' | '?'

interface Hint {
  key: Step
  /** The sentence in front, where the button alone doesn't say it. */
  lead?: Word
  does: Word
}

const hints: Hint[] = [
  { key: 't', does: 'hint.t' },
  { key: 'a', does: 'hint.a' },
  { key: '1', does: 'hint.1' },
  { key: 'Enter', does: 'hint.Enter' },
  { key: 'u', lead: 'hint.u', does: 'hint.u.do' },
  { key: 'w', lead: 'hint.w', does: 'hint.w.do' },
  { key: '?', lead: 'hint.keys', does: 'hint.keys.do' },
]
const assigning: readonly Step[] = ['a', '1', 'Enter']
const name = 'hints'
const hidden = 'hidden'

export class Hints {
  private at = Number(kept(name)) || 0
  private off = kept(name) === hidden

  constructor(private readonly changed: () => void) {}

  get step(): Step | undefined {
    return this.off ? undefined : hints[this.at]?.key
  }

  /** A step was done. Whoever chooses or assigns by other ways has done what comes before that, too. */
  did(step: Step): void {
    const i = hints.findIndex((h) => h.key === step)
    if (this.off || i < this.at || (i > this.at && !assigning.includes(step))) return
    this.at = i + 1
    if (this.at >= hints.length) this.hide()
    else {
      keep(name, String(this.at))
      this.changed()
    }
  }

  /** The way back is over: what comes after it. */
  passed(step: Step): void {
    if (this.step === step) this.did(step)
  }

  hide(): void {
    this.off = true
    keep(name, hidden)
    this.changed()
  }

  again(): void {
    this.off = false
    this.at = 0
    keep(name, '0')
    this.changed()
  }
}

/** The line: what to press next, as a button that does it. */
export function hintLine(d: Desk, h: Hints, chosen: boolean, none: number, act: (step: Step) => void): TemplateResult | typeof nothing {
  const step = h.step === 'Enter' && !chosen ? '1' : h.step // nobody is chosen any more
  const hint = hints.find((x) => x.key === step)
  if (!hint) return nothing
  return html`<aside class="hints" aria-label=${d.say('hint.name')} data-hint=${hint.key}>
    <span class="meta">${d.say('hint.name')} ${hints.indexOf(hint) + 1}/${hints.length}</span>
    ${hint.lead ? html`<span>${d.say(hint.lead, { n: none })}</span>` : nothing}
    <button class="button small do" @click=${() => act(hint.key)}><kbd aria-hidden="true">${hint.key}</kbd> ${d.say(hint.does)}</button>
    <span class="space"></span>
    <button class="button small quiet hide" @click=${() => h.hide()}>${d.say('hint.hide')}</button>
  </aside>`
}
