// On our own pages people choose the language: what they chose here before, else the first of their browser's that
// we have. A foreign page says it with its lang attribute, which is left alone.
import { keep, kept } from '../kept'
import { languages, type Language } from './say'

/** The languages by their own names. */
export const names: Record<Language, string> = { en: 'English', es: 'Español' }

function known(tag: string): Language | undefined {
  return languages.find((l) => l === tag.slice(0, 2).toLowerCase())
}

export function speak(language: Language): void {
  keep('language', language)
  document.documentElement.lang = language
}

if (document.querySelector('muster-board[page], muster-people')) {
  const wanted = known(kept('language')) ?? navigator.languages.map(known).find((l) => l !== undefined)
  if (wanted) document.documentElement.lang = wanted
}
