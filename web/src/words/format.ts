// Dates, times, lengths and numbers, all through Intl. A time is shown in the zone of the place that it
// belongs to; the zone is named where the reader's clock differs.
import type { Language } from './say'

const reader = Intl.DateTimeFormat().resolvedOptions().timeZone
const cache = new Map<string, Intl.DateTimeFormat>()

export class Format {
  constructor(
    readonly language: Language,
    readonly hours: 'h23' | 'h12' = 'h23',
  ) {}

  private date(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = `${this.language} ${zone} ${JSON.stringify(options)}`
    let f = cache.get(key)
    if (!f) {
      try {
        f = new Intl.DateTimeFormat(this.language, { ...options, timeZone: zone || reader })
      } catch {
        f = new Intl.DateTimeFormat(this.language, options) // a zone that this browser doesn't know
      }
      cache.set(key, f)
    }
    return f
  }

  /** 13:05, or 13:05 PST where the reader's clock shows something else. */
  time(at: string | number, zone = reader): string {
    const d = new Date(at)
    const options: Intl.DateTimeFormatOptions = {
      hour: this.hours === 'h23' ? '2-digit' : 'numeric',
      minute: '2-digit',
      hourCycle: this.hours,
    }
    const here = this.date(zone, options).format(d)
    if (zone === reader || here === this.date(reader, options).format(d)) return here
    return `${here} ${this.zone(d, zone)}`
  }

  /** 12:04:31 on the reader's clock. */
  seconds(at: number): string {
    return this.date(reader, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: this.hours }).format(at)
  }

  /** The zone's short name at an instant. */
  zone(at: Date | number, zone: string): string {
    const parts = this.date(zone, { hour: 'numeric', timeZoneName: 'short' }).formatToParts(at)
    return parts.find((p) => p.type === 'timeZoneName')?.value ?? zone
  }

  /** Whether the reader's clock shows the same as the zone's. */
  sameZone(at: number, zone: string): boolean {
    const options: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', day: 'numeric', hourCycle: 'h23' }
    return zone === reader || this.date(zone, options).format(at) === this.date(reader, options).format(at)
  }

  /** Fri 20 Nov */
  day(at: string | number, zone = reader): string {
    return this.date(zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(new Date(at))
  }

  /** 13:05 today, Mon 13:05 within a week, Mon 30 Nov 13:05 otherwise. */
  moment(at: string | number, now: number, zone = reader): string {
    const t = new Date(at).getTime()
    if (this.dayKey(t, zone) === this.dayKey(now, zone)) return this.time(at, zone)
    const near = Math.abs(t - now) < 6 * 86_400_000
    const day = near ? this.date(zone, { weekday: 'short' }).format(t) : this.day(at, zone)
    return `${day} ${this.time(at, zone)}`
  }

  /** 13:00-15:00, with the day in front where it is not today. */
  span(start: string | number, end: string | number, now: number, zone = reader): string {
    const bare = (at: string | number) => this.date(zone, { hour: '2-digit', minute: '2-digit', hourCycle: this.hours }).format(new Date(at))
    const day = this.dayKey(new Date(start).getTime(), zone) === this.dayKey(now, zone) ? '' : `${this.day(start, zone)} `
    return `${day}${bare(start)}-${this.time(end, zone)}`
  }

  /** The local day as 2026-11-20, for comparing and for keys. */
  dayKey(at: number, zone = reader): string {
    const p = Object.fromEntries(
      this.date(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(at).map((x) => [x.type, x.value]),
    )
    return `${p['year']}-${p['month']}-${p['day']}`
  }

  /** The hour on the zone's clock, for an axis. */
  hour(at: number, zone = reader): string {
    return this.date(zone, { hour: '2-digit', hourCycle: this.hours }).format(at)
  }

  /** A length of time in its largest unit: 25m, 3h, 2d; in Spanish 25 min, 3 h. */
  short(minutes: number): string {
    const m = Math.max(0, Math.round(minutes))
    const display = this.language === 'en' ? 'narrow' : 'short'
    if (m < 100) return this.unit(m, 'minute', display)
    if (m < 48 * 60) return this.unit(Math.round(m / 60), 'hour', display)
    return this.unit(Math.round(m / 1440), 'day', display)
  }

  /** 70 min */
  minutes(m: number): string {
    return this.unit(Math.round(m), 'minute', 'short')
  }

  km(n: number): string {
    return new Intl.NumberFormat(this.language, { style: 'unit', unit: 'kilometer', maximumFractionDigits: 1 }).format(n)
  }

  number(n: number): string {
    return new Intl.NumberFormat(this.language, { maximumFractionDigits: 1 }).format(n)
  }

  /** 4:10, for a countdown; 51h where it is far. */
  countdown(ms: number): string {
    if (ms > 3_600_000) return this.short(ms / 60_000)
    const s = Math.max(0, Math.ceil(ms / 1000))
    return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
  }

  list(words: string[]): string {
    return new Intl.ListFormat(this.language, { type: 'conjunction' }).format(words)
  }

  private unit(n: number, unit: string, unitDisplay: 'narrow' | 'short'): string {
    return new Intl.NumberFormat(this.language, { style: 'unit', unit, unitDisplay }).format(n)
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** The instant at which the zone's day that holds an instant begins. */
export function startOfDay(at: number, zone: string): number {
  let f = clocks.get(zone)
  if (!f) {
    f = new Intl.DateTimeFormat('en', { timeZone: zone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit', second: '2-digit' })
    clocks.set(zone, f)
  }
  const clock = f
  const since = (t: number) => {
    const p = Object.fromEntries(clock.formatToParts(t).map((x) => [x.type, Number(x.value)]))
    return ((p['hour']! * 60 + p['minute']!) * 60 + p['second']!) * 1000
  }
  let start = at - since(at) - (at % 1000)
  const off = since(start) // a clock change between midnight and then
  if (off !== 0) start -= off < 43_200_000 ? off : off - 86_400_000
  return start
}
