// Reasons and cost terms as sentences, with the numbers that were compared.
import type { Candidate, Exclusion, Match, Reason, Term, Ticket } from '../model'
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

/** What kind of value was compared: nothing, a number, an instant, a span, or text and lists. */
function shape(v: unknown): string {
  if (v === undefined || v === null || v === '' || v === 'none' || (Array.isArray(v) && v.length === 0)) return 'none'
  if (typeof v === 'number') return 'number'
  if (typeof v === 'string') return instant.test(v) ? 'instant' : 'text'
  return Array.isArray(v) ? 'text' : 'span'
}

/**
 * The server's sentence in English; the table's in other languages, or where the server gives none. A constraint
 * that compares now this, now that has a sentence for each: reason.shift.none-span beside reason.shift.
 */
export function reasonText(d: Desk, r: Reason, zone: string): string {
  if (r.text && d.format.language === 'en') return r.text
  const word = [`reason.${r.code}.${shape(r.have)}-${shape(r.need)}`, `reason.${r.code}`].find((w) => hasWord(w))
  if (!word || !hasWord(word)) return r.text ?? r.code
  const about = r.about?.startsWith('skl_') ? d.hub.skillName(r.about) : (r.about ?? '')
  return d.say(word, { about, have: value(d, r.have, r.unit, zone), need: value(d, r.need, r.unit, zone) })
}

/** Why a term is what it is: the server's sentence in English, the table's with the figures at hand in other languages. */
export function termWhy(d: Desk, term: Term, c: Candidate, t: Ticket): string {
  if (d.format.language === 'en') return term.why ?? ''
  const word = `because.${term.name.replaceAll(' ', '_')}`
  if (!hasWord(word)) return ''
  const minutes = (n: number) => d.format.minutes(Math.max(0, n))
  return d.say(word, {
    travel: minutes(c.travel), km: d.format.km(Math.ceil(c.km)), due: d.format.moment(t.due_at, d.now(), t.zone),
    wait: d.format.short((Date.parse(c.start) - d.now()) / 60_000),
  })
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

const counts = new WeakMap<Match, Counted[]>()

/** The excluded counted by reason, most first. */
export function count(m: Match): Counted[] {
  let all = counts.get(m)
  if (!all) counts.set(m, (all = recount(m)))
  return all
}

function recount(m: Match): Counted[] {
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
