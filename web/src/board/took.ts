// When a visit takes place, in milliseconds: as planned until it has ended, then as far as is known as it was.
import type { Stop, Tour } from '../model'

/** One that ended before it was to begin is taken to have lasted as long as planned. */
export function took(s: Stop): { start: number; end: number } {
  const start = Date.parse(s.start)
  const end = Date.parse(s.end)
  if (!s.ended_at) return { start, end }
  const ended = Date.parse(s.ended_at)
  return { start: ended > start ? start : ended - (end - start), end: ended }
}

/** The stops of an expert's tours, one after the other. */
export const inOrder = (tours: readonly Tour[]): Stop[] => tours.flatMap((t) => t.stops ?? []).sort((a, b) => took(a).start - took(b).start)
