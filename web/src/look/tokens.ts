// Design tokens: colours by scheme, type, space, motion. Each colour's lowest contrast was computed on all
// the backgrounds that it may stand on; change one only together with that computation.
import { css, unsafeCSS, type CSSResult } from 'lit'

type Pair = readonly [light: string, dark: string]

const plain: Record<string, Pair> = {
  bg: ['#F5F6F8', '#0E1116'],
  surface: ['#FFFFFF', '#151A21'],
  raised: ['#FFFFFF', '#1C222B'],
  hover: ['#EEF0F3', '#20272F'],
  selected: ['#E4E8EE', '#29313B'],
  line: ['#D5DAE1', '#2E3743'], // dividers without meaning
  edge: ['#7A838F', '#6F7A88'], // borders of controls
  ink: ['#14181E', '#ECEFF3'],
  ink2: ['#454D58', '#B9C1CC'],
  ink3: ['#5A636F', '#9CA6B3'],
  focus: ['#0B63D6', '#6CB0FF'],
  shade: ['#00000033', '#000000AA'],
}

/** Colours that mean a state or signal, each with its tint for fills. */
const meaning: Record<string, readonly [Pair, Pair]> = {
  queued: [['#14181E', '#ECEFF3'], ['#E8E8E8', '#373C43']],
  offered: [['#511E99', '#C8B0FF'], ['#EEE8F5', '#323245']],
  assigned: [['#3757E1', '#7896EA'], ['#EBEEFC', '#252E41']],
  route: [['#03708E', '#8FEBFF'], ['#E6F1F4', '#293B45']],
  progress: [['#015B43', '#57C7A7'], ['#E6EFEC', '#203636']],
  completed: [['#3F7231', '#C6F56F'], ['#ECF1EA', '#313D2D']],
  closed: [['#5A636F', '#9CA6B3'], ['#EEEFF1', '#2B3038']],
  waiting: [['#7C5400', '#B59727'], ['#F2EEE6', '#2F2E22']],
  soon: [['#772D00', '#FEA06D'], ['#F1EAE6', '#3A2F2D']],
  late: [['#CF0529', '#ED7477'], ['#FAE6EA', '#38282F']],
}

function scheme(which: 0 | 1): CSSResult {
  const lines = Object.entries(plain).map(([name, pair]) => `--m-${name}: ${pair[which]};`)
  for (const [name, [colour, tint]] of Object.entries(meaning)) {
    lines.push(`--m-${name}: ${colour[which]};`, `--m-${name}-tint: ${tint[which]};`)
  }
  const ink = which === 0 ? ['#14181E', '#FFFFFF'] : ['#ECEFF3', '#14181E']
  lines.push(
    `--m-accent: var(--muster-accent, ${ink[0]});`,
    `--m-on-accent: var(--muster-on-accent, ${ink[1]});`,
    which === 0
      ? '--m-lift1: 0 2px 8px #0000001F; --m-lift2: 0 8px 28px #00000033;'
      : '--m-lift1: 0 0 0 1px var(--m-line); --m-lift2: 0 0 0 1px var(--m-line);',
    `color-scheme: ${which === 0 ? 'light' : 'dark'};`,
  )
  return unsafeCSS(lines.join('\n'))
}

export const tokens = css`
  :host {
    ${scheme(0)}
    --m-font: var(--muster-font, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif);
    --m-mono: ui-monospace, Menlo, Consolas, 'Liberation Mono', monospace;
    --m-radius: var(--muster-radius, 4px);
    --m-ease: cubic-bezier(0.2, 0, 0, 1);
    font: 400 0.875rem/1.25rem var(--m-font);
    font-variant-numeric: tabular-nums;
    color: var(--m-ink);
    background: var(--m-bg);
    -webkit-tap-highlight-color: transparent; /* what is pressed shows it by itself */
  }
  @media (prefers-color-scheme: dark) {
    :host { ${scheme(1)} }
  }
  :host([scheme='light']) { ${scheme(0)} }
  :host([scheme='dark']) { ${scheme(1)} }
`

/** What all our elements share: focus ring, buttons, fields, keys, hidden text. */
export const controls = css`
  *, *::before, *::after { box-sizing: border-box; }
  :host([hidden]), [hidden] { display: none !important; }
  :focus { outline: none; }
  :focus-visible { outline: 2px solid var(--m-focus); outline-offset: 2px; }
  h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
  ul, ol { list-style: none; }
  h1, h2, h3 { font-size: inherit; font-weight: 600; }
  svg.g { width: 1rem; height: 1rem; flex: none; display: inline-block; vertical-align: -0.1875rem; overflow: visible; }

  button, input, select { font: inherit; color: inherit; }
  .button {
    display: inline-flex; align-items: center; justify-content: center; gap: 8px;
    min-height: 32px; padding: 4px 12px;
    border: 1px solid var(--m-edge); border-radius: var(--m-radius);
    background: var(--m-surface); color: var(--m-ink); cursor: pointer;
    transition: transform 80ms var(--m-ease);
  }
  .button:hover { background: var(--m-hover); }
  .button:active { transform: scale(0.98); }
  .button.main { background: var(--m-accent); color: var(--m-on-accent); border-color: var(--m-accent); font-weight: 600; }
  .button.main:hover { background: var(--m-accent); }
  .button.main[aria-disabled='true'] { background: var(--m-hover); color: var(--m-ink2); border-color: var(--m-edge); font-weight: 400; cursor: default; }
  .button[aria-disabled='true']:active { transform: none; }
  .languages { display: flex; gap: 8px; }
  .button[aria-pressed='true'] { border-color: var(--m-ink); box-shadow: inset 0 0 0 1px var(--m-ink); font-weight: 600; }
  .button.quiet { border-color: transparent; background: transparent; }
  .button.quiet:hover { background: var(--m-hover); }
  .button.small { min-height: 24px; padding: 0 8px; }
  .field {
    min-height: 32px; padding: 4px 8px; border: 1px solid var(--m-edge); border-radius: var(--m-radius);
    background: var(--m-surface);
  }
  .field::placeholder { color: var(--m-ink3); opacity: 1; }
  kbd {
    display: inline-block; min-width: 1.25rem; padding: 0 4px; text-align: center;
    font: 0.75rem/1rem var(--m-mono); color: inherit;
    border: 1px solid currentColor; border-radius: 3px; opacity: 0.85;
  }
  .unseen {
    position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
  }
  .meta { font-size: 0.75rem; line-height: 1rem; color: var(--m-ink3); }
  .mono { font-family: var(--m-mono); }

  .s-queued, .s-triage { color: var(--m-queued); }
  .s-offered { color: var(--m-offered); }
  .s-assigned, .s-scheduled { color: var(--m-assigned); }
  .s-en_route, .s-arrived { color: var(--m-route); }
  .s-in_progress { color: var(--m-progress); }
  .s-ended { color: var(--m-queued); }
  .s-completed { color: var(--m-completed); }
  .s-resolved, .s-cancelled { color: var(--m-closed); }
  .s-waiting { color: var(--m-waiting); }
  .s-soon { color: var(--m-soon); }
  .s-late, .s-none, .s-critical { color: var(--m-late); }

  @media (pointer: coarse) {
    .button, .button.small, .field { min-height: 44px; }
    .field { font-size: 1rem; }
  }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { transition: none !important; animation: none !important; }
  }
  @media (forced-colors: active) {
    svg.g { forced-color-adjust: auto; }
    .button.main { forced-color-adjust: none; background: ButtonText; color: ButtonFace; border-color: ButtonText; }
  }
`
