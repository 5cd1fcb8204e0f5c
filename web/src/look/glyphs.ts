// The signs of states, priorities and signals, drawn in currentColor so that they stay with forced colours.
// A sign never stands alone: a word is beside it, or its name is read out by what it stands in.
import { html, svg, type TemplateResult } from 'lit'
import type { Priority, Shown } from '../model'

const ring = svg`<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.75"/>`
const bar = (x: number, filled: boolean) => svg`<rect x=${x} y="2.5" width="3.5" height="11"
  fill=${filled ? 'currentColor' : 'none'} stroke="currentColor" stroke-width="1"/>`

const shapes: Record<string, TemplateResult<2>> = {
  triage: svg`<path d="M8 1.5 14.5 8 8 14.5 1.5 8Z" fill="none" stroke="currentColor" stroke-width="1.75"/>`,
  queued: ring,
  offered: svg`${ring}<path d="M8 8V2a6 6 0 0 1 6 6Z" fill="currentColor"/>`,
  assigned: svg`${ring}<path d="M8 2a6 6 0 0 1 0 12Z" fill="currentColor"/>`,
  scheduled: svg`${ring}<path d="M8 2a6 6 0 0 1 0 12Z" fill="currentColor"/>`,
  en_route: svg`<path d="M2 2.5 14.5 8 2 13.5 5 8Z" fill="currentColor"/>`,
  arrived: svg`<path d="M1.5 8.5 8 2.5l6.5 6M3.5 7.5v6h9v-6" fill="none" stroke="currentColor" stroke-width="1.75"/>`,
  in_progress: svg`${ring}<path d="M8 8V2a6 6 0 1 1-6 6Z" fill="currentColor"/>`,
  ended: svg`<path d="M4 4.5A5.5 5.5 0 1 1 2.5 8M4.5 1v4h4" fill="none" stroke="currentColor" stroke-width="1.75"/>`,
  completed: svg`<path d="M2 8.5 6 12.5 14 3.5" fill="none" stroke="currentColor" stroke-width="2.25"/>`,
  resolved: svg`<rect x="3" y="3" width="10" height="10" fill="currentColor"/>`,
  cancelled: svg`<path d="m3 3 10 10M13 3 3 13" fill="none" stroke="currentColor" stroke-width="2"/>`,
  waiting: svg`<path d="M5.5 2.5v11M10.5 2.5v11" fill="none" stroke="currentColor" stroke-width="2.25"/>`,
  critical: svg`<path d="M8 1 15 8 8 15 1 8Z" fill="currentColor"/>`,
  high: svg`${bar(1, true)}${bar(6.25, true)}${bar(11.5, true)}`,
  normal: svg`${bar(1, true)}${bar(6.25, true)}${bar(11.5, false)}`,
  low: svg`${bar(1, true)}${bar(6.25, false)}${bar(11.5, false)}`,
  soon: svg`${ring}<path d="M8 4.5V8h3.5" fill="none" stroke="currentColor" stroke-width="1.5"/>`,
  late: svg`<path d="M5 2v7.5M11 2v7.5" stroke="currentColor" stroke-width="2.5" fill="none"/><circle cx="5" cy="12.75" r="1.5" fill="currentColor"/><circle cx="11" cy="12.75" r="1.5" fill="currentColor"/>`,
  none: svg`${ring}<path d="M3.75 12.25 12.25 3.75" stroke="currentColor" stroke-width="1.75"/>`,
  live: svg`<circle cx="8" cy="8" r="4.5" fill="currentColor"/>`,
  stopped: svg`<circle cx="8" cy="8" r="4.5" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="2.2 1.6"/>`,
  help: svg`<path d="M5 6a3 3 0 1 1 4.2 2.8C8.3 9.3 8 9.8 8 10.5" fill="none" stroke="currentColor" stroke-width="1.75"/><circle cx="8" cy="13.25" r="1.1" fill="currentColor"/>`,
}

export type Sign = Shown | Priority | 'soon' | 'late' | 'none' | 'live' | 'stopped' | 'help'

export const glyph = (name: Sign): TemplateResult =>
  html`<svg class="g" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${shapes[name]}</svg>`
