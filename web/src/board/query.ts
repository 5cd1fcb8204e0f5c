// The filter in the search syntax: state:queued, priority:high, is:late, is:none, and words. Words are
// looked for in number, title, city, make and category. Several of one kind mean any of them.
import type { Ranked } from './ranking'

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

export function matches(q: Query, r: Ranked): boolean {
  if (q.states.length > 0 && !q.states.includes(r.state)) return false
  if (q.priorities.length > 0 && !q.priorities.includes(r.t.priority)) return false
  for (const is of q.is) {
    if (is === 'late' && !r.late) return false
    if (is === 'soon' && !r.soon) return false
    if (is === 'none' && !r.none) return false
  }
  return q.words.every((w) => r.text.includes(w))
}
