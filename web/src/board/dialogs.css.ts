// What lies over the board: the keys, the commands, and the question before a farewell.
import { css } from 'lit'

export const dialogs = css`
  .help { width: min(44rem, calc(100vw - 32px)); max-height: calc(100vh - 64px); padding: 0; border: 0; border-radius: 12px; color: var(--m-ink); background: var(--m-raised); box-shadow: var(--m-lift2); }
  .help::backdrop { background: var(--m-shade); }
  .help form { display: flex; align-items: center; justify-content: space-between; padding: 16px 24px 8px; }
  .help h2 { font-size: 1.25rem; line-height: 1.75rem; }
  .help .sections { columns: 2 17rem; column-gap: 32px; padding: 8px 24px 24px; }
  .help section { break-inside: avoid; padding-bottom: 16px; }
  .help h3 { margin-bottom: 4px; color: var(--m-ink2); }
  .help .switches { display: grid; gap: 4px; justify-items: start; padding: 12px 24px 24px; border-top: 1px solid var(--m-line); }
  .help label { display: flex; align-items: center; gap: 8px; min-height: 24px; }
  .help .hints-again { margin-top: 8px; }
  .help dl > div { display: grid; grid-template-columns: 7.5rem 1fr; gap: 8px; padding: 2px 0; }

  .commands { width: min(36rem, calc(100vw - 32px)); max-height: calc(100vh - 96px); margin-top: 48px; padding: 12px; border: 0; border-radius: 12px; color: var(--m-ink); background: var(--m-raised); box-shadow: var(--m-lift2); overflow: auto; }
  .commands::backdrop { background: var(--m-shade); }
  .commands .field { width: 100%; }
  .commands h3 { padding: 8px 8px 4px; font-size: 0.75rem; line-height: 1rem; color: var(--m-ink3); }
  .command { display: flex; align-items: center; gap: 8px; min-height: 32px; padding: 4px 8px; border-radius: var(--m-radius); cursor: pointer; }
  .command .words { flex: 1; overflow: hidden; text-overflow: ellipsis; }
  .command:hover { background: var(--m-hover); }
  .command.on { background: var(--m-selected); box-shadow: inset 3px 0 0 var(--m-ink); }

  .farewell { width: min(30rem, calc(100vw - 32px)); padding: 16px 24px 24px; border: 0; border-radius: 12px; color: var(--m-ink); background: var(--m-raised); box-shadow: var(--m-lift2); }
  .farewell::backdrop { background: var(--m-shade); }
  .farewell form { display: grid; gap: 8px; }
  .farewell h2 { font-size: 1.25rem; line-height: 1.75rem; }
  .farewell label { margin-top: 8px; font-weight: 600; }
  .farewell textarea { width: 100%; resize: vertical; font: inherit; color: inherit; }
  .farewell .buttons { display: flex; justify-content: flex-end; gap: 8px; margin-top: 8px; }

  @media (pointer: coarse) {
    .command { min-height: 48px; }
  }
`
