// The board's frame, header and list.
import { css } from 'lit'

export const board = css`
  :host {
    display: flex; flex-direction: column; min-height: 20rem; height: 100%; overflow: hidden; --row: 56px;
  }
  .ink { color: var(--m-ink); } .ink2 { color: var(--m-ink2); } .ink3 { color: var(--m-ink3); }
  .space { flex: 1; }
  .num { text-align: right; }

  .top { flex: none; background: var(--m-surface); border-bottom: 1px solid var(--m-line); }
  .top .line { display: flex; align-items: center; gap: 16px; padding: 8px 16px 0; min-height: 40px; }
  .top .told { height: 44px; padding: 0 16px 4px; }
  .top h1 { font-size: 1rem; line-height: 1.5rem; letter-spacing: -0.01em; }
  .counts { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
  .counts .total { color: var(--m-ink2); margin-right: 4px; }
  .counts .total b, .chip b { font-weight: 600; }
  .chip {
    display: inline-flex; align-items: center; gap: 4px; min-height: 24px; padding: 0 8px;
    border: 1px solid var(--m-line); border-radius: var(--m-radius); background: transparent; cursor: pointer; white-space: nowrap;
    font-size: 0.8125rem; line-height: 1.125rem; color: var(--m-ink2);
  }
  .chip svg.g { width: 0.875rem; height: 0.875rem; vertical-align: -0.125rem; }
  .chip:hover { background: var(--m-hover); }
  .chip[aria-pressed='true'] { background: var(--m-selected); border-color: var(--m-ink); color: var(--m-ink); }
  .chip.s-late, .chip.s-none { color: var(--m-late); }
  .live { display: inline-flex; align-items: center; gap: 6px; white-space: nowrap; }
  .live .age { color: var(--m-ink2); min-width: 2.25em; }
  .top .me { text-decoration: none; font-weight: 600; min-width: 3rem; }
  .me .clip { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .notice { display: flex; align-items: center; gap: 8px; min-width: 0; }
  .notice .words { overflow: hidden; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; max-height: 2.5rem; }
  .notice .button { flex: none; }
  .notice.stale > span { overflow: hidden; max-height: 2.5rem; }
  .banner { display: flex; align-items: center; gap: 16px; padding: 8px 16px; background: var(--m-waiting-tint); color: var(--m-ink); border-bottom: 1px solid var(--m-line); }
  .page-words { display: grid; gap: 16px; justify-items: start; align-content: center; max-width: 34rem; margin: auto; padding: 24px; }
  .page-words h1 { font-size: 1.25rem; line-height: 1.75rem; }
  a.button { text-decoration: none; }

  .panes { flex: 1; min-height: 0; display: grid; gap: 1px; background: var(--m-line); grid-template-columns: 400px minmax(0, 1fr) 380px; }
  :host([layout='middle']) .panes { grid-template-columns: minmax(300px, 380px) minmax(0, 1fr); }
  :host([layout='narrow']) .panes { grid-template-columns: minmax(0, 1fr); }
  .pane { min-width: 0; min-height: 0; background: var(--m-surface); display: flex; flex-direction: column; overflow: hidden; }
  .pane .pane { flex: 1; }
  .empty { padding: 16px; color: var(--m-ink2); display: grid; gap: 12px; justify-items: start; }
  p.empty { display: block; }

  .find { position: relative; padding: 12px 12px 8px; }
  .find .field { width: 100%; }
  .find .hint { position: absolute; right: 20px; top: 20px; pointer-events: none; color: var(--m-ink3); }
  .find .field:focus ~ .hint, .find .field:not(:placeholder-shown) ~ .hint { display: none; }
  .states { display: flex; flex-wrap: wrap; gap: 4px; padding: 0 12px 8px; }
  .states .chip { border-color: transparent; padding: 0 6px; }
  .states .chip span { color: var(--m-ink2); }
  .states .chip[aria-pressed='true'] { border-color: currentColor; }
  .heading { display: flex; align-items: center; justify-content: space-between; gap: 8px; padding: 0 16px; min-height: 32px; border-bottom: 1px solid var(--m-line); }
  .heading h2 { font-size: 0.75rem; line-height: 1rem; color: var(--m-ink3); font-weight: 600; }
  .fresh { border-color: var(--m-ink); font-weight: 600; }

  muster-tickets { flex: 1; min-height: 0; overflow-y: auto; overflow-x: hidden; display: block; contain: strict; overscroll-behavior: contain; }
  .rows { position: relative; height: var(--all); }
  .row {
    position: absolute; inset: 0 0 auto 0; height: var(--row); transform: translateY(var(--y));
    border-bottom: 1px solid var(--m-line); cursor: pointer; background: var(--m-surface);
  }
  .row.rest { border-top: 2px solid var(--m-edge); }
  .row:hover { background: var(--m-hover); }
  .row.selected { background: var(--m-selected); box-shadow: inset 3px 0 0 var(--m-ink); }
  .row:focus-visible { outline-offset: -2px; z-index: 1; }
  .row::after { content: ''; position: absolute; inset: 0; background: var(--m-assigned-tint); opacity: 0; pointer-events: none; mix-blend-mode: multiply; }
  :host([scheme='dark']) .row::after { mix-blend-mode: screen; }
  .row.changed::after { animation: tint 600ms var(--m-ease); }
  @keyframes tint { from { opacity: 1; } to { opacity: 0; } }
  .cells {
    height: 100%; padding: 0 16px 0 12px; display: grid; align-content: center;
    grid-template-columns: 24px minmax(0, 1fr) auto; column-gap: 8px; row-gap: 2px;
  }
  .cells .what { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
  .row .id { font-weight: 400; font-size: 0.8125rem; color: var(--m-ink2); }
  .cells .due { white-space: nowrap; color: var(--m-ink2); text-align: right; }
  .cells .due.s-late { color: var(--m-late); } .cells .due.s-soon { color: var(--m-soon); }
  .cells .now { grid-column: 2; display: flex; gap: 8px; overflow: hidden; white-space: nowrap; }
  .cells .now.wide { grid-column: 2 / -1; }
  .cells .who { overflow: hidden; text-overflow: ellipsis; color: var(--m-ink3); }
  .cells .flag { white-space: nowrap; text-align: right; }
  :host([density='compact']) .cells { row-gap: 0; font-size: 0.8125rem; line-height: 1.125rem; }

  .hints {
    flex: none; display: flex; align-items: center; gap: 8px; min-height: 40px; padding: 4px 16px;
    background: var(--m-raised); border-top: 1px solid var(--m-edge);
  }
  .hints .meta { white-space: nowrap; }
  .hints .do { font-weight: 600; border-color: var(--m-ink); }
  :host([layout='narrow']) .hints { padding: 4px 12px; }

  .shape { height: 40px; margin: 12px 16px; border-radius: var(--m-radius); background: var(--m-hover); }

  .tabs { flex: none; display: flex; gap: 4px; padding: 8px 12px 0; background: var(--m-surface); border-bottom: 1px solid var(--m-line); }
  .tabs button { min-height: 36px; padding: 4px 12px; border: 0; border-bottom: 3px solid transparent; background: none; cursor: pointer; color: var(--m-ink2); }
  .tabs button[aria-selected='true'] { color: var(--m-ink); border-bottom-color: var(--m-ink); font-weight: 600; }
  .tabs button:focus-visible { outline-offset: -2px; }
  .tabs.bottom { padding: 0; border-bottom: 0; border-top: 1px solid var(--m-line); }
  .tabs.bottom button { flex: 1; min-height: 52px; border-bottom: 0; border-top: 3px solid transparent; }
  .tabs.bottom button[aria-selected='true'] { border-top-color: var(--m-ink); }

  :host([layout='narrow']) [data-key='.'] { min-width: 44px; }

  :host([layout='narrow']) .top .line { gap: 8px; padding: 8px 12px 0; }
  :host([layout='narrow']) .top .told { padding: 0 12px 4px; }
  :host([layout='narrow']) .counts { flex-wrap: nowrap; overflow: hidden; }
  :host([layout='narrow']) .told .space { display: none; }
  :host([layout='narrow']) .label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  :host([layout='narrow']) .find .hint, :host([layout='narrow']) .states .chip span { display: none; }
  :host([layout='narrow']) [data-key='?'] { min-width: 44px; }
  @media (pointer: coarse) {
    .chip { min-height: 44px; min-width: 44px; justify-content: center; padding: 0 12px; }
    .top .told { height: 52px; }
    .heading { min-height: 48px; } /* room for its button, so that no row moves when that comes */
    :host([layout='narrow']) .top .line { gap: 4px; }
    kbd, .find .hint { display: none; }
    [data-key='?'] kbd, [data-key='.'] kbd { display: inline-block; } /* on a phone their only sign */
  }
`
