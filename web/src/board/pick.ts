// Which ticket is meant by "the most urgent", and by "one that has no expert".
import { shown } from '../model'
import { signals } from './attention'
import type { Desk } from './desk'

/** The first ticket that somebody can be found for: queued, else offered; the first of all where there is none. */
export function mostUrgent(d: Desk, rows: readonly string[]): string | undefined {
  let offered: string | undefined
  for (const id of rows) {
    const t = d.hub.store.tickets.get(id)
    if (t?.state === 'queued' && !signals(t, d.now(), d.hub.store).none) return id
    if (t && shown(t) === 'offered') offered ??= id
  }
  return offered ?? rows[0]
}

/** The first ticket that has no expert. */
export function without(d: Desk, rows: readonly string[]): string | undefined {
  return rows.find((id) => {
    const t = d.hub.store.tickets.get(id)
    return t !== undefined && signals(t, d.now(), d.hub.store).none
  })
}
