// The server's no, in words.
import { Refusal } from '../hub/request'
import { ref, shown } from '../model'
import { hasWord } from '../words/say'
import { stateWord, type Desk } from './desk'
import { reasonText } from './reason'

export interface Words {
  text: string
  hint?: string
}

/** Somebody else was first: who, as far as the events told. */
export function overtaken(d: Desk, id: string, seen: number | undefined, err: Error): Words | undefined {
  if (!(err instanceof Refusal) || err.code !== 'stale') return undefined
  const t = d.hub.store.tickets.get(id)
  const ticket = t ? ref(t) : id
  const name = d.hub.store.changedBy.get(id)
  if (!t || !name || t.rev <= (seen ?? 0)) return { text: d.say('refused.changed', { ticket }) }
  const time = d.format.seconds(d.hub.store.changedAt.get(id) ?? d.now())
  return { text: d.say('refused.changed-by', { name, ticket, time, state: stateWord(d, shown(t)) }) }
}

/**
 * A refusal in the server's own sentence where it speaks the reader's language, else in the table's by its code;
 * a silence in ours.
 */
export function refusalText(d: Desk, err: Error, id = ''): Words {
  if (!(err instanceof Refusal)) return { text: d.say('error.silence') }
  const t = d.hub.store.tickets.get(id)
  const reasons = err.reasons.map((r) => reasonText(d, r, t?.zone ?? '')).filter(Boolean).join(' ')
  if (d.format.language === 'en') return { text: sentence(err.message), hint: sentence(reasons || err.hint) }
  const word = `problem.${err.code}`
  return {
    text: hasWord(word) ? d.say(word, { ticket: t ? ref(t) : '', state: t ? stateWord(d, shown(t)) : '' }) : d.say('problem.other', { code: err.code || err.status }),
    hint: reasons,
  }
}

/** A server's message as a sentence: a capital in front, a full stop behind. */
function sentence(text: string): string {
  if (!text) return ''
  const s = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(s) ? s : `${s}.`
}
