// The page's address keeps filter and selection: ?q=state:queued&sel=T-4821.

export function readAddress(): { query: string; ticket: string } {
  const p = new URLSearchParams(location.search)
  return { query: p.get('q') ?? '', ticket: p.get('sel') ?? '' }
}

export function writeAddress(query: string, ticket: string): void {
  const p = new URLSearchParams(location.search)
  const set = (k: string, v: string) => (v ? p.set(k, v) : p.delete(k))
  set('q', query)
  set('sel', ticket)
  const text = p.toString().replaceAll('%3A', ':')
  history.replaceState(null, '', text ? `?${text}` : location.pathname)
}
