// What the browser remembers for a person between visits. Where it may not (a private window, a host page's
// policy), it is remembered until the page is left.
const here = new Map<string, string>()

export function kept(name: string): string {
  try {
    return localStorage.getItem(`muster-${name}`) ?? ''
  } catch {
    return here.get(name) ?? ''
  }
}

export function keep(name: string, value: string): void {
  here.set(name, value)
  try {
    localStorage.setItem(`muster-${name}`, value)
  } catch {
    // remembered above
  }
}
