// Reasons and cost terms as sentences, with the numbers that were compared.
import type { Exclusion, Match, Reason, Term } from '../model'
import { hasWord } from '../words/say'
import { codeWord, type Desk } from './desk'

const instant = /^\d{4}-\d\d-\d\dT/

/** A compared value through Intl: a number with its unit, an instant, a span, text, or a list of these. */
export function value(d: Desk, v: unknown, unit: string | undefined, zone: string): string {
  if (v === undefined || v === null) return ''
  if (typeof v === 'number') {
    if (unit === 'km') return d.format.km(v)
    if (unit === 'min') return d.format.minutes(v)
    return d.format.number(v)
  }
  if (typeof v === 'string') return instant.test(v) ? d.format.moment(v, d.now(), zone) : v
  if (Array.isArray(v)) return d.format.list(v.map((x) => value(d, x, unit, zone)))
  const w = v as { start?: string; end?: string }
  if (w.start && w.end) return d.format.span(w.start, w.end, d.now(), zone)
  return ''
}

/** The server's sentence in English; the table's in other languages, or where the server gives none. */
export function reasonText(d: Desk, r: Reason, zone: string): string {
  if (r.text && d.format.language === 'en') return r.text
  const word = `reason.${r.code}`
  if (!hasWord(word)) return r.text ?? r.code
  const about = r.about?.startsWith('skl_') ? d.hub.skillName(r.about) : (r.about ?? '')
  return d.say(word, { about, have: value(d, r.have, r.unit, zone), need: value(d, r.need, r.unit, zone) })
}

export const testName = (d: Desk, code: string): string => codeWord(d, 'test', code)

export const termName = (d: Desk, t: Term): string => codeWord(d, 'term', t.name)

export interface Counted {
  code: string
  fails: number
  /** Experts whom this test alone excludes: what a change would open. */
  only: number
  nearest: { name: string; reason: Reason } | undefined
}

/** The excluded counted by reason, most first. */
export function count(m: Match): Counted[] {
  const by = new Map<string, Counted & { gap: number }>()
  for (const x of m.excluded ?? []) {
    const codes = new Set(x.reasons.map((r) => r.code))
    for (const r of x.reasons) {
      let c = by.get(r.code)
      if (!c) by.set(r.code, (c = { code: r.code, fails: 0, only: 0, nearest: undefined, gap: Infinity }))
      const gap = distance(r)
      if (!c.nearest || gap < c.gap) {
        c.gap = gap
        c.nearest = { name: x.name ?? x.expert, reason: r }
      }
    }
    for (const code of codes) {
      const c = by.get(code)!
      c.fails++
      if (codes.size === 1) c.only++
    }
  }
  return [...by.values()].sort((a, b) => b.fails - a.fails)
}

/** How far a compared value misses; Infinity where that can't be told. */
function distance(r: Reason): number {
  const have = scalar(r.have)
  const need = scalar(r.need)
  return have === undefined || need === undefined ? Infinity : Math.abs(have - need)
}

function scalar(v: unknown): number | undefined {
  if (typeof v === 'number') return v
  if (typeof v === 'string' && instant.test(v)) return Date.parse(v)
  return undefined
}

/** The excluded whom a test excludes and whose name holds a text, nearest to fitting first. */
export function narrow(m: Match, code: string, text: string): Exclusion[] {
  const want = text.trim().toLowerCase()
  return (m.excluded ?? [])
    .filter((x) => (!code || x.reasons.some((r) => r.code === code)) && (!want || (x.name ?? x.expert).toLowerCase().includes(want)))
    .sort((a, b) => a.reasons.length - b.reasons.length)
}
