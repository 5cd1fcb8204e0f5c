// Requests to Muster's HTTP interface. A command carries its own id, so that sending it again after a
// silence can't do it twice.

import type { Reason } from '../model'

/** The server's no: a sentence, what to do, and the numbers that it compared. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint = '',
    readonly reasons: Reason[] = [],
    readonly request = '',
  ) {
    super(message)
  }
}

/** No answer came: nothing is known of what the server did. */
export class Silence extends Error {}

export interface Asked {
  method?: string
  body?: unknown
  signal?: AbortSignal | undefined
  headers?: Record<string, string>
}

/** One request; the answer's JSON, a Refusal, a Silence, or an AbortError. */
export async function ask<T>(base: string, path: string, o: Asked = {}): Promise<T> {
  let reply: Response
  try {
    reply = await fetch(base + path, {
      method: o.method ?? 'GET',
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        ...(o.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...o.headers,
      },
      body: o.body === undefined ? null : JSON.stringify(o.body),
      signal: o.signal ?? null,
    })
  } catch (err) {
    if (o.signal?.aborted) throw err
    throw new Silence(String(err))
  }
  if (!reply.ok) throw await refusal(reply)
  if (reply.status === 204) return undefined as T
  try {
    return (await reply.json()) as T
  } catch (err) {
    if (o.signal?.aborted) throw err
    throw new Silence(String(err)) // the connection broke in the middle of the answer
  }
}

export async function refusal(reply: Response): Promise<Refusal> {
  let p: Record<string, unknown> = {}
  try {
    p = (await reply.json()) as Record<string, unknown>
  } catch {
    // a proxy's page, not a problem of ours: the status has to do
  }
  const text = (k: string) => (typeof p[k] === 'string' ? (p[k] as string) : '')
  return new Refusal(
    reply.status,
    text('code'),
    text('detail') || text('message') || text('title') || `${reply.status} ${reply.statusText}`,
    text('hint'),
    (p['reasons'] as Reason[] | undefined) ?? [],
    text('request_id') || (reply.headers.get('X-Request-Id') ?? ''),
  )
}

const pauses = [1000, 2000, 4000, 8000, 15_000]

export interface Sent {
  path: string
  body: unknown
  /** The revision that the choice was made on. */
  seen?: number | undefined
  /** Called before the same is sent again. */
  again?: () => void
  signal?: AbortSignal
}

/** Sends a command until the server answers: the same id each time, so it is done at most once. */
export async function send<T>(base: string, s: Sent): Promise<T> {
  const headers: Record<string, string> = { 'Idempotency-Key': crypto.randomUUID() }
  if (s.seen !== undefined) headers['If-Match'] = `"${s.seen}"`
  for (let n = 0; ; n++) {
    try {
      return await ask<T>(base, s.path, { method: 'POST', body: s.body, headers, signal: s.signal })
    } catch (err) {
      const settled = err instanceof Refusal && err.status !== 502 && err.status !== 504 && err.code !== 'unknown'
      if (settled || s.signal?.aborted || n >= pauses.length) throw err
      s.again?.()
      await pause(pauses[n]!, s.signal)
    }
  }
}

/** Waits; ends early, without an error, when the signal is raised. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal?.aborted) return done()
    const t = setTimeout(done, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(t)
      done()
    }, { once: true })
  })
}
