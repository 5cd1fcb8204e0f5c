// The filter in the search syntax: state:queued, priority:high, is:late, is:none, and words. Words are
// looked for in number, title, city, make and category. Several of one kind mean any of them.
import { shown, ref, type Ticket } from '../model'
import type { Signals } from './attention'

export interface Query {
  states: string[]
  priorities: string[]
  is: string[]
  words: string[]
}

export function parse(text: string): Query {
  const q: Query = { states: [], priorities: [], is: [], words: [] }
  for (const token of text.trim().toLowerCase().split(/\s+/)) {
    const [, field, value] = /^(state|priority|is):(.+)$/.exec(token) ?? []
    if (field === 'state') {
      if (value !== 'open') q.states.push(value!)
    } else if (field === 'priority') q.priorities.push(value!)
    else if (field === 'is') q.is.push(value!)
    else if (token) q.words.push(token)
  }
  return q
}

/** Adds a token to the text, or takes it away. */
export function toggle(text: string, token: string): string {
  const tokens = text.trim().split(/\s+/).filter(Boolean)
  const without = tokens.filter((t) => t.toLowerCase() !== token)
  return (without.length < tokens.length ? without : [...tokens, token]).join(' ')
}

export const has = (text: string, token: string): boolean => text.toLowerCase().split(/\s+/).includes(token)

export function matches(q: Query, t: Ticket, s: Signals): boolean {
  if (q.states.length > 0 && !q.states.includes(shown(t))) return false
  if (q.priorities.length > 0 && !q.priorities.includes(t.priority)) return false
  for (const is of q.is) {
    if (is === 'late' && s.late === undefined) return false
    if (is === 'soon' && s.soon === undefined) return false
    if (is === 'none' && !s.none) return false
  }
  if (q.words.length === 0) return true
  const text = `${ref(t)} ${t.title} ${t.city ?? ''} ${t.brand ?? ''} ${t.category ?? ''}`.toLowerCase()
  return q.words.every((w) => text.includes(w))
}
