// The event stream, read with fetch: EventSource can send neither headers nor tell how a connection failed.

export interface Message {
  id: string
  event: string
  data: string
}

/** Yields messages; a comment, which is how a server shows that it lives, is a message without data. */
export async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let m = { id: '', event: '', data: [] as string[] }
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      rest += decoder.decode(value, { stream: true })
      let at: number
      while ((at = lineEnd(rest)) >= 0) {
        const line = rest.slice(0, at)
        rest = rest.slice(at + (rest.startsWith('\r\n', at) ? 2 : 1))
        if (line === '') {
          if (m.data.length > 0 || m.event) yield { id: m.id, event: m.event, data: m.data.join('\n') }
          m = { id: m.id, event: '', data: [] }
          continue
        }
        const colon = line.indexOf(':')
        if (colon === 0) {
          yield { id: m.id, event: 'comment', data: '' }
          continue
        }
        const field = colon < 0 ? line : line.slice(0, colon)
        const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1))
        if (field === 'id') m.id = value
        if (field === 'event') m.event = value
        if (field === 'data') m.data.push(value)
      }
    }
  } finally {
    reader.cancel().catch(() => undefined)
  }
}

/** Position of the end of the first whole line, -1 if there is none; a CR at the very end may be half of CRLF. */
function lineEnd(text: string): number {
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\n') return i
    if (text[i] === '\r') return i + 1 < text.length ? i : -1
  }
  return -1
}
