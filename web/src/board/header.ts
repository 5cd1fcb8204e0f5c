// The strip on top: how fresh the picture is, the counts, who acts, and the outcome of the last action.
import { html, nothing, type TemplateResult } from 'lit'
import { glyph, type Sign } from '../look/glyphs'
import type { Shown } from '../model'
import type { Notice } from './choice'
import { stateWord, type Desk } from './desk'
import type { Counts } from './listing'
import { has } from './query'

/** How fresh the picture is, in a sign and a word. */
function freshness(d: Desk): TemplateResult {
  const f = d.hub.freshness
  const [tone, sign, word] = ({
    live: ['', 'live', 'live.ok'], loading: ['ink2', 'stopped', 'live.loading'], stale: ['s-late', 'stopped', 'live.stopped'],
    offline: ['s-late', 'none', 'live.offline'], failed: ['s-late', 'none', 'live.failed'], nobody: ['ink2', 'stopped', 'live.loading'],
  } as const)[f.kind]
  return html`<span class="live ${tone}" data-live=${f.kind}>${glyph(sign)} ${d.say(word)}
    ${f.kind === 'live' ? html`<span class="age">${d.format.number(Math.max(0, Math.round((Date.now() - f.sign) / 1000)))} s</span>` : nothing}</span>`
}

/** What is told while the picture is not fresh. */
export function staleness(d: Desk, tried: () => void): TemplateResult | undefined {
  const f = d.hub.freshness
  if (f.kind === 'stale') {
    const n = Math.max(0, Math.ceil((f.next - Date.now()) / 1000))
    return html`<p class="notice stale" role="status"><span>${d.say('stale', { time: d.format.seconds(f.since), n })}</span>
      <button class="button small" @click=${tried}>${d.say('live.now')}</button></p>`
  }
  if (f.kind === 'offline') {
    return html`<p class="notice stale" role="status"><span>${d.say('offline', { time: d.format.time(f.since) })}</span></p>`
  }
  return undefined
}

/** Counts of what is open; each is a filter. */
function counts(d: Desk, c: Counts, query: string, toggled: (token: string) => void): TemplateResult {
  const chip = (token: string, sign: Sign | undefined, tone: string, n: number, word: string) => html`<button
    class="chip ${n > 0 ? tone : ''}" aria-pressed=${has(query, token)} data-token=${token} @click=${() => toggled(token)}>
    ${sign ? glyph(sign) : nothing} <b>${d.format.number(n)}</b> <span>${word}</span></button>`
  return html`<div class="counts" role="group" aria-label=${d.say('counts.name')}>
    <span class="total"><b>${d.format.number(c.open)}</b> ${d.say('counts.open', { n: c.open })}</span>
    ${chip('is:late', 'late', 's-late', c.late, d.say('signal.late'))}
    ${chip('is:none', 'none', 's-none', c.none, d.say('signal.none'))}
  </div>`
}

const states: Shown[] = ['triage', 'queued', 'offered', 'assigned', 'en_route', 'arrived', 'in_progress', 'waiting', 'completed']

/** A filter for each state that any open ticket is in. */
export function stateFilters(d: Desk, c: Counts, query: string, toggled: (token: string) => void): TemplateResult {
  return html`<div class="states" role="group" aria-label=${d.say('filter.states')}>
    ${states.filter((s) => c.states.has(s) || has(query, `state:${s}`)).map((s) => html`<button class="chip s-${s}"
      aria-pressed=${has(query, `state:${s}`)} data-token="state:${s}" title=${stateWord(d, s)} @click=${() => toggled(`state:${s}`)}>
      ${glyph(s)} <b>${d.format.number(c.states.get(s) ?? 0)}</b> <span>${stateWord(d, s)}</span></button>`)}
  </div>`
}

/** What became of the last action, with the way back while there is one. */
export function notice(d: Desk, n: Notice | undefined, undo: () => void, gone: boolean): TemplateResult | undefined {
  if (!n) return undefined
  const left = n.undo && !gone ? Math.ceil((n.undo.until - d.now()) / 1000) : 0
  return html`<p class="notice ${n.kind}" data-notice=${n.kind}>
    ${n.kind === 'refused' ? html`<span class="s-late">${glyph('none')}</span>` : n.kind === 'done'
      ? html`<span class="s-completed">${glyph('completed')}</span>` : n.kind === 'sending' ? html`<span>${glyph('soon')}</span>` : nothing}
    <span class="words" title=${[n.text, n.hint ?? ''].join(' ')}>${n.text}${n.hint ? html` <span class="ink2">${n.hint}</span>` : nothing}</span>
    ${left > 0 ? html`<button class="button small" data-key="u" @click=${undo}><kbd aria-hidden="true">u</kbd>
      ${d.say('undo', { n: left })}</button>` : nothing}
  </p>`
}

export interface Header {
  told: TemplateResult | undefined
  counts: Counts
  query: string
  narrow: boolean
  signIn: string
  toggled: (token: string) => void
  help: () => void
  commands: () => void
}

/** The whole strip. The line under the names keeps its height, so that nothing moves when something is told there. */
export function header(d: Desk, h: Header): TemplateResult {
  const { me } = d.hub
  return html`<header class="top" part="header">
    <div class="line">
      <h1>Muster</h1>
      <span class="space"></span>
      ${freshness(d)}
      <button class="button small quiet" data-key="." @click=${h.commands}><kbd aria-hidden="true">.</kbd> <span class="label">${d.say('commands.name')}</span></button>
      <button class="button small quiet" data-key="?" @click=${h.help}><kbd aria-hidden="true">?</kbd> <span class="label">${d.say('keys')}</span></button>
      ${me ? html`<a class="button small me" href=${h.signIn} title=${d.say('me.change')}><span class="clip">${me.name}</span><span class="unseen">, ${d.say('me.change')}</span></a>` : nothing}
    </div>
    <div class="line told">
      ${h.narrow && h.told ? nothing : counts(d, h.counts, h.query, h.toggled)}
      <span class="space"></span> ${h.told ?? nothing}
    </div>
  </header>`
}
