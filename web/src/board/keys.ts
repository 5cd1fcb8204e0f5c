// Which keys the board hears. On its own page letters are heard without a focus; in a foreign page only inside the
// element, and never while somebody types. Letters and digits can be switched off.
import { keep, kept } from '../kept'

const typing = 'input, textarea, select, [contenteditable]'

export interface Meaning {
  /** What single keys do, wherever the focus is. */
  does: Record<string, () => void>
  /** Whether a dialog has the keys. */
  busy: () => boolean
  /** Chooses by digit; false where digits mean nothing. */
  digit: (n: number) => boolean
  /** Moves in the list; false where that means nothing. */
  step: (key: string) => boolean
}

export class Keys {
  letters = kept('letters') !== 'off'
  private page = false

  constructor(
    private readonly board: HTMLElement,
    private readonly meaning: Meaning,
  ) {}

  listen(page: boolean): void {
    this.page = page
    const where: EventTarget = page ? window : this.board
    where.addEventListener('keydown', this.key as EventListener)
    this.board.addEventListener('keydown', this.mute, true)
  }

  end(): void {
    const where: EventTarget = this.page ? window : this.board
    where.removeEventListener('keydown', this.key as EventListener)
    this.board.removeEventListener('keydown', this.mute, true)
  }

  switchLetters(on: boolean): void {
    this.letters = on
    keep('letters', on ? '' : 'off')
  }

  private readonly key = (e: KeyboardEvent): void => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || this.meaning.busy()) return
    const target = e.composedPath()[0] as HTMLElement
    if (this.page && !e.composedPath().includes(this.board) && target !== document.body && target !== document.documentElement) return
    if (target.matches?.(typing) && e.key !== 'Escape') return
    if (!this.letters && e.key.length === 1) return
    if (this.press(e.key, e.repeat)) e.preventDefault()
  }

  /** Where letters are switched off, no part of the board hears them. */
  private readonly mute = (e: KeyboardEvent): void => {
    const target = e.composedPath()[0] as HTMLElement
    if (!this.letters && e.key.length === 1 && e.key !== ' ' && !target.matches?.(typing)) e.stopPropagation()
  }

  /** Does what a key means; false if it means nothing. Held down, only those that move go on. */
  private press(key: string, repeat: boolean): boolean {
    if (['ArrowDown', 'ArrowUp', 'j', 'k'].includes(key)) return this.meaning.step(key)
    if (repeat) return false
    if (/^[1-9]$/.test(key)) return this.meaning.digit(Number(key))
    const does = this.meaning.does[key]
    does?.()
    return does !== undefined
  }
}
