// Messages: one table for all languages (words.json), whole sentences with ICU-style arguments:
// {name}, and {n, plural, one {# ticket} other {# tickets}}. Numbers pass Intl.
import table from './words.json'

export type Word = keyof typeof table
export type Language = 'en' | 'es'
export type Say = (word: Word, args?: Record<string, string | number>) => string

export const languages: readonly Language[] = ['en', 'es']

/** The language for an element: the nearest lang attribute that we have, English otherwise. */
export function languageOf(at: Element): Language {
  const wanted = (at.closest('[lang]')?.getAttribute('lang') ?? document.documentElement.lang).slice(0, 2)
  return languages.find((l) => l === wanted) ?? 'en'
}

/** Calls back when the language of the page around an element changes. Returns how to stop. */
export function watchLanguage(f: () => void): () => void {
  const watch = new MutationObserver(f)
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ['lang'], subtree: true })
  return () => watch.disconnect()
}

/** Tells whether the table has a message; for codes that come from the server. */
export const hasWord = (word: string): word is Word => word in table

export function speaker(language: Language): Say {
  const plurals = new Intl.PluralRules(language)
  const numbers = new Intl.NumberFormat(language)
  const value = (v: string | number | undefined) => (typeof v === 'number' ? numbers.format(v) : (v ?? ''))

  function fill(text: string, args: Record<string, string | number>): string {
    let out = ''
    for (let i = 0; i < text.length; ) {
      if (text[i] !== '{') {
        out += text[i++]
        continue
      }
      const end = closing(text, i)
      const inside = text.slice(i + 1, end)
      i = end + 1
      const plural = /^(\w+), plural, /.exec(inside)
      if (!plural) {
        out += value(args[inside])
        continue
      }
      const n = Number(args[plural[1]!])
      const forms = branches(inside.slice(plural[0].length))
      const form = forms[`=${n}`] ?? forms[plurals.select(n)] ?? forms['other'] ?? ''
      out += fill(form.replaceAll('#', numbers.format(n)), args)
    }
    return out
  }

  return (word, args = {}) => fill(table[word][language], args)
}

/** Position of the brace that closes the one at from. */
function closing(text: string, from: number): number {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{') depth++
    if (text[i] === '}' && --depth === 0) return i
  }
  return text.length
}

/** "one {a} other {b}" as a map. */
function branches(text: string): Record<string, string> {
  const out: Record<string, string> = {}
  for (let i = 0; i < text.length; ) {
    const open = text.indexOf('{', i)
    if (open < 0) break
    const end = closing(text, open)
    out[text.slice(i, open).trim()] = text.slice(open + 1, end)
    i = end + 1
  }
  return out
}
