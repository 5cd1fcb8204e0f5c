// Candidates, why and day.
import { css } from 'lit'

export const panes = css`
  muster-candidates { display: flex; flex-direction: column; min-height: 0; flex: 1; overflow-y: auto; }
  muster-candidates > header.ticket { padding: 16px; border-bottom: 1px solid var(--m-line); display: grid; gap: 4px; }
  header.ticket h2 { font-size: 1.25rem; line-height: 1.75rem; overflow-wrap: anywhere; }
  header.ticket h2 .mono { font-weight: 400; font-size: 1rem; color: var(--m-ink2); }
  .signs { display: flex; flex-wrap: wrap; gap: 4px 16px; }
  .facts { color: var(--m-ink2); overflow-wrap: anywhere; }
  .said { color: var(--m-ink2); display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere; }
  .note { padding: 8px 16px; display: flex; gap: 8px; align-items: center; justify-content: space-between; background: var(--m-waiting-tint); }
  .nobody { padding: 16px 16px 0; font-size: 1rem; }
  .modes { display: flex; align-items: center; gap: 4px; padding: 8px 16px; }
  .modes .meta { margin-left: auto; }
  .mode { min-height: 28px; padding: 0 12px; border: 1px solid transparent; border-radius: var(--m-radius); background: none; cursor: pointer; color: var(--m-ink2); }
  .mode[aria-checked='true'] { border-color: var(--m-ink); color: var(--m-ink); font-weight: 600; }
  .candidates { margin: 0 8px; border-radius: var(--m-radius); }
  .candidates:focus-visible { outline-offset: 0; }
  .candidate {
    display: grid; grid-template-columns: 20px minmax(0, 1fr) auto; column-gap: 8px; padding: 8px; cursor: pointer;
    border-radius: var(--m-radius); border: 1px solid transparent; min-height: 40px; scroll-margin: 8px 0 96px;
  }
  .candidate + .candidate { border-top-color: var(--m-line); border-top-left-radius: 0; border-top-right-radius: 0; }
  .candidate:hover { background: var(--m-hover); }
  .candidate.chosen { background: var(--m-selected); box-shadow: inset 3px 0 0 var(--m-ink); }
  .candidate .digit { color: var(--m-ink3); text-align: center; }
  .candidate .name { font-weight: 600; }
  .candidate .cost { grid-column: 3; grid-row: 1; text-align: right; white-space: nowrap; }
  .candidate .start { grid-column: 2 / -1; color: var(--m-ink2); }
  .candidate .terms, .candidate .plus, .candidate .costs { grid-column: 2 / -1; }
  .candidate .terms { display: flex; flex-wrap: wrap; gap: 0 12px; font-size: 0.8125rem; line-height: 1.125rem; color: var(--m-ink3); }
  .candidate .plus { font-size: 0.8125rem; line-height: 1.125rem; color: var(--m-completed); }
  .candidate .costs { margin-top: 8px; display: grid; gap: 4px; font-size: 0.8125rem; line-height: 1.125rem; }
  .candidate .term { display: grid; grid-template-columns: 5rem 2.5rem 1fr; gap: 8px; }
  .candidate .unfold { margin-left: auto; color: var(--m-ink2); text-decoration: underline; text-underline-offset: 3px; min-height: 24px; display: inline-flex; align-items: center; }
  .candidate .when { color: var(--m-ink2); font-weight: 600; }
  .candidate .starts { margin-bottom: 8px; display: flex; flex-wrap: wrap; gap: 4px; }
  .candidate .at, .candidate .unfold { scroll-margin: 8px 0 72px; }
  .candidate .at { display: inline-flex; gap: 8px; align-items: center; min-height: 28px; padding: 0 8px; border: 1px solid var(--m-edge); border-radius: var(--m-radius); background: var(--m-surface); }
  .candidate .at.on { border-color: var(--m-ink); box-shadow: inset 0 0 0 1px var(--m-ink); font-weight: 600; }
  .candidate .at .ink3 { font-weight: 400; color: var(--m-ink2); }
  .foot .apart { flex-basis: 100%; color: var(--m-ink2); }
  .candidate .why { color: var(--m-ink2); }
  .more { margin: 4px 16px; }
  .against { padding: 12px 16px; color: var(--m-ink2); display: flex; gap: 12px; align-items: start; justify-content: space-between; }
  .against .button { flex: none; color: var(--m-ink); }
  .foot { margin-top: auto; position: sticky; bottom: 0; display: flex; flex-wrap: wrap; gap: 8px; padding: 12px 16px; background: var(--m-surface); border-top: 1px solid var(--m-line); }
  .foot .commit { flex: 1; min-width: 12rem; padding: 4px 8px; text-wrap: balance; }
  .foot kbd { flex: none; }
  .refused { margin: 0 16px 8px; padding: 8px 12px; border: 1px solid var(--m-late); border-radius: var(--m-radius); }
  .late-words { animation: appear 1ms 1s both; }
  @keyframes appear { from { opacity: 0; } to { opacity: 1; } }

  muster-why { flex: 1; min-height: 0; overflow-y: auto; padding: 4px 16px 16px; display: block; }
  muster-why table { width: 100%; border-collapse: collapse; }
  muster-why caption:focus-visible { outline-offset: 2px; }
  muster-why caption { text-align: left; font-weight: 600; font-size: 1.25rem; line-height: 1.75rem; padding: 0 0 8px; }
  muster-why th, muster-why td { text-align: left; padding: 6px 12px 6px 0; vertical-align: top; border-bottom: 1px solid var(--m-line); font-weight: 400; }
  muster-why td.num, muster-why th.num { text-align: right; white-space: nowrap; }
  muster-why thead th { color: var(--m-ink3); font-size: 0.75rem; line-height: 1rem; }
  muster-why tbody th { white-space: nowrap; }
  muster-why tr.on { background: var(--m-selected); }
  muster-why .link { padding: 2px 4px; margin: -2px -4px; border: 0; background: none; cursor: pointer; text-decoration: underline; text-underline-offset: 3px; font-weight: 600; min-height: 24px; }
  muster-why .meta { padding: 4px 0 12px; }
  muster-why .find { display: flex; gap: 8px; padding: 8px 0; }
  muster-why .people th:first-child { width: 10rem; white-space: normal; }
  muster-why .people tbody th { font-weight: 600; }
  muster-why li { padding: 1px 0; display: grid; grid-template-columns: 7rem 1fr; gap: 8px; }
  muster-why .code { color: var(--m-ink3); font-size: 0.8125rem; }
  :host([layout='narrow']) muster-why .people th:first-child { width: 7rem; }
  :host([layout='narrow']) muster-why li { display: block; }
  :host([layout='narrow']) muster-why .code { display: none; }

  muster-day { display: flex; flex-direction: column; flex: 1; min-height: 0; --names: 168px; }
  .pane > .bar, .day .bar { display: flex; align-items: center; gap: 8px; padding: 12px 16px 8px; }
  .day .bar h2 { flex: 1; font-size: 1rem; line-height: 1.5rem; }
  .day .when { font-weight: 400; color: var(--m-ink2); }
  .axis { display: flex; flex: none; height: 24px; border-bottom: 1px solid var(--m-line); padding-right: 16px; }
  .axis .name, .lane .name { flex: none; width: var(--names); }
  .axis .track, .lane .track { position: relative; flex: 1; min-width: 0; }
  .axis .hour { position: absolute; left: 0; transform: translateX(var(--x)); font-size: 0.75rem; line-height: 1.5rem; color: var(--m-ink3); }
  .axis .hour { border-left: 1px solid var(--m-line); padding-left: 4px; }
  .lanes { flex: 1; min-height: 0; overflow-y: auto; overflow-x: hidden; contain: strict; overscroll-behavior: contain; }
  .lanes .grid { position: relative; height: var(--all); }
  .lane {
    position: absolute; inset: 0 0 auto 0; height: min(44px, var(--row)); transform: translateY(var(--y)); padding-right: 16px;
    display: flex; align-items: stretch; border-bottom: 1px solid var(--m-line);
  }
  .lane.chosen { background: var(--m-selected); box-shadow: inset 3px 0 0 var(--m-ink); }
  .lane .name { display: flex; align-items: center; gap: 8px; padding-left: 8px; padding-right: 8px; }
  .lane .name:focus-visible { outline-offset: -2px; }
  .lane .digit { width: 1rem; text-align: center; color: var(--m-ink3); flex: none; }
  .lane .who { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 1; }
  .lane .load { color: var(--m-ink3); font-size: 0.75rem; }
  .track > * { position: absolute; left: 0; transform: translateX(var(--x)); }
  .shift { top: 4px; bottom: 4px; width: var(--w); background: var(--m-bg); border-radius: var(--m-radius); }
  .lane.chosen .shift { background: var(--m-surface); }
  .break { top: 4px; bottom: 4px; width: var(--w); background: repeating-linear-gradient(135deg, var(--m-line) 0 1px, transparent 1px 5px); }
  .road { top: calc(50% - 1px); height: 2px; width: var(--w); background: currentColor; }
  .road.s-en_route { height: 4px; top: calc(50% - 2px); }
  .stop {
    top: 6px; bottom: 6px; width: var(--w); padding: 0 5px; display: flex; align-items: center; gap: 4px; overflow: hidden; white-space: nowrap;
    border: 1.5px solid currentColor; border-radius: var(--m-radius); background: var(--m-surface); cursor: pointer; font-size: 0.75rem; z-index: 1;
  }
  .stop.tight { padding: 0; justify-content: center; }
  .stop svg.g { width: 0.875rem; height: 0.875rem; }
  .stop .ref { color: var(--m-ink); }
  .stop.s-offered { border-style: dashed; background: var(--m-offered-tint); }
  .stop.s-assigned { background: var(--m-assigned-tint); }
  .stop.s-en_route { background: var(--m-route-tint); clip-path: polygon(0 50%, 8px 0, 100% 0, 100% 100%, 8px 100%); padding-left: 10px; border-left-width: 0; }
  .stop.s-arrived { background: var(--m-route-tint); border-radius: 0; border-left-width: 4px; }
  .stop.s-in_progress { background: linear-gradient(to right, color-mix(in srgb, var(--m-progress) 30%, var(--m-progress-tint)) var(--done), var(--m-progress-tint) var(--done)); }
  .stop.s-completed, .stop.s-ended { top: 25%; bottom: 25%; background: var(--m-completed-tint); border-width: 1px; }
  .stop.s-ended { background: var(--m-queued-tint); }
  .stop.selected { box-shadow: 0 0 0 2px var(--m-surface), 0 0 0 4px var(--m-ink); }
  .stop.ghost { border: 2px dashed var(--m-ink); background: transparent; color: var(--m-ink); font-weight: 600; z-index: 2; }
  .ghost-road { color: var(--m-ink); background: none; border-top: 2px dashed currentColor; z-index: 2; }
  .lane:not(.chosen) .free.elsewhere { background: var(--m-surface); padding: 0 4px; z-index: 4; }
  .free { top: 50%; margin-top: -0.5rem; font-size: 0.75rem; line-height: 1rem; color: var(--m-ink3); }
  .now-line { position: absolute; left: var(--names); top: 0; bottom: 0; width: 2px; margin-left: -1px; background: var(--m-ink); transform: translateX(var(--x)); pointer-events: none; z-index: 3; }
  :host([layout='narrow']) muster-day { --names: 116px; }
  :host([layout='narrow']) .lane .digit { display: none; }
  :host([layout='narrow']) .day .bar { gap: 4px; padding: 8px; }
  :host([layout='narrow']) .day .bar .button { padding: 0 6px; }
  :host([layout='narrow']) .axis, :host([layout='narrow']) .lane { padding-right: 8px; }

  @media (pointer: coarse) {
    .mode, .candidate .unfold, .candidate .at { min-height: 44px; }
    .day .bar .button { min-width: 44px; }
  }
  @media (forced-colors: active) {
    .row.selected, .candidate.chosen, .lane.chosen { outline: 2px solid Highlight; outline-offset: -2px; }
    .candidate .at.on { outline: 2px solid Highlight; }
    .stop { forced-color-adjust: auto; border-color: CanvasText; }
    .chip[aria-pressed='true'], .mode[aria-checked='true'] { border-width: 3px; }
    .now-line { background: CanvasText; }
  }
`
