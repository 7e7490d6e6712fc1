/** Colours are stated once for light and once for dark; statuses also differ by glyph, for those who see no colours. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --text: #1c2128; --faint: #5d6773; --line: #dfe3e8; --code: #f0f2f5;
  --ok: #1a7f4b; --ok-fill: #e2f4e9; --changed: #9a6700; --changed-fill: #fdf0c8; --failed: #c3212f; --failed-fill: #fde3e4;
  --skipped: #5f7485; --skipped-fill: #eef1f4; --other: #6b4fbb; --other-fill: #ece6fb; --bar: #cfd8e3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1116; --card: #161b22; --text: #e3e8ee; --faint: #97a3b0; --line: #2b333d; --code: #0f141a;
    --ok: #57c98a; --ok-fill: #12301f; --changed: #e3b341; --changed-fill: #3a2d0b; --failed: #ff7b80; --failed-fill: #43181c;
    --skipped: #8fa3b5; --skipped-fill: #1e2630; --other: #b8a1ff; --other-fill: #2a2147; --bar: #2f3b49;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header, main { max-width: 1280px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 28px; }
.head { display: flex; align-items: center; gap: 14px; flex-wrap: wrap; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 34px 0 12px; }
h2 small { color: var(--faint); font-weight: 500; margin-left: 4px; }
h3 { font-size: 15px; margin: 0; }
h4 { font-size: 12px; color: var(--faint); margin: 12px 0 4px; font-weight: 600; }
code, pre, .item { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12.5px; }
code { color: var(--faint); font-weight: 400; overflow-wrap: anywhere; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 6px; margin: 6px 0 0; padding: 10px 12px; overflow: auto; max-height: 460px; white-space: pre-wrap; overflow-wrap: anywhere; }
.verdict, .badge { border-radius: 999px; font-weight: 600; padding: 2px 12px; background: var(--skipped-fill); color: var(--skipped); white-space: nowrap; }
.badge { font-size: 12px; padding: 1px 9px; margin-left: 6px; }
.verdict.good { background: var(--ok-fill); color: var(--ok); }
.verdict.bad, .badge.failed, .badge.unreachable { background: var(--failed-fill); color: var(--failed); }
.verdict.odd { background: var(--changed-fill); color: var(--changed); }
.facts { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 14px 0 0; }
.facts dt { color: var(--faint); font-size: 12px; }
.facts dd { margin: 0; font-weight: 500; }
.totals { display: flex; flex-wrap: wrap; gap: 8px; list-style: none; margin: 18px 0 0; padding: 0; }
.totals li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 6px 14px 8px; min-width: 92px; color: var(--faint); font-size: 13px; }
.totals b { display: block; font-size: 22px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.totals .ok b { color: var(--ok); } .totals .changed b { color: var(--changed); }
.totals .failed b, .totals .unreachable b { color: var(--failed); } .totals .skipped b { color: var(--skipped); }
.totals .rescued b, .totals .ignored b { color: var(--other); }
.totals .none b { color: var(--faint); font-weight: 400; }
.failure, .change { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; margin: 0 0 12px; scroll-margin-top: 12px; }
.failure { border-left: 4px solid var(--failed); }
.failure:target, .change:target { outline: 2px solid var(--changed); }
.message { margin: 6px 0 0; font-weight: 500; white-space: pre-wrap; overflow-wrap: anywhere; }
.where { margin: 2px 0 0; color: var(--faint); }
.hint { margin: 10px 0 0; padding: 6px 12px; background: var(--changed-fill); border-radius: 6px; }
.hint::before { content: "What to do: "; font-weight: 600; }
.item, .note { color: var(--faint); font-weight: 400; }
.note { border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; font-size: 12px; }
details { margin-top: 8px; }
details.change { margin-top: 0; padding: 10px 16px 12px; }
summary { cursor: pointer; color: var(--faint); font-size: 13px; }
.change > summary { color: var(--text); font-size: 15px; }
.hosts span { display: inline-block; background: var(--skipped-fill); border-radius: 4px; padding: 0 7px; margin: 2px 0 2px 4px; font-size: 12.5px; }
.play { margin: 18px 0 6px; }
.play code { margin-left: 6px; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 4px 12px; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--faint); font-weight: 600; font-size: 12.5px; vertical-align: bottom; }
tbody th { font-weight: 500; }
.grid { width: auto; min-width: 100%; }
.grid tbody th { position: sticky; left: 0; background: var(--card); min-width: 340px; max-width: 460px; overflow-wrap: anywhere; }
.grid thead th:first-child { position: sticky; left: 0; background: var(--card); }
.grid td, .grid .name { padding: 0; width: 28px; min-width: 28px; text-align: center; border-left: 1px solid var(--line); font-weight: 600; }
.grid .name { padding: 8px 0 6px; }
.grid thead .took { padding-bottom: 4px; }
.grid .name span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; max-height: 180px; overflow: hidden; text-overflow: ellipsis; display: inline-block; }
.grid td a { display: block; color: inherit; text-decoration: none; padding: 4px 0; }
.grid td a:hover { outline: 2px solid currentColor; outline-offset: -2px; }
.grid .took { position: relative; width: 96px; min-width: 96px; padding: 0 10px; text-align: right; font-weight: 400; color: var(--faint); font-variant-numeric: tabular-nums; white-space: nowrap; }
.grid .took i { position: absolute; right: 0; top: 3px; bottom: 3px; background: var(--bar); border-radius: 3px 0 0 3px; opacity: .7; }
.grid .took span { position: relative; }
.grid .rest { width: 100%; min-width: 0; }
td.ok, .legend .ok { color: var(--ok); } .grid td.ok { background: var(--ok-fill); }
td.changed, .legend .changed { color: var(--changed); } .grid td.changed { background: var(--changed-fill); }
td.failed, td.unreachable, .legend .failed, .legend .unreachable, td.unknown, .legend .unknown { color: var(--failed); } .grid td.failed, .grid td.unreachable, .grid td.unknown { background: var(--failed-fill); }
td.skipped, .legend .skipped { color: var(--skipped); } .grid td.skipped { background: var(--skipped-fill); }
td.ignored, td.rescued, .legend .ignored, .legend .rescued { color: var(--other); } .grid td.ignored, .grid td.rescued { background: var(--other-fill); }
.legend { color: var(--faint); font-size: 13px; margin: 10px 0 0; }
.legend span { font-weight: 700; margin-left: 14px; }
.legend span:first-child { margin-left: 0; }
.diff { max-height: 460px; }
.diff span { display: block; min-height: 1lh; }
.diff .head { color: var(--faint); }
.diff .ok { color: var(--ok); background: var(--ok-fill); } .diff .failed { color: var(--failed); background: var(--failed-fill); }
.diff .skipped { color: var(--other); } .diff .faint { color: inherit; }
.recap td, .recap thead th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
.recap td { font-weight: 600; } .recap td.none { color: var(--faint); font-weight: 400; }
.recap .bad th { color: var(--failed); }
.warnings { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--changed); border-radius: 8px; margin: 0; padding: 10px 16px 10px 32px; }
main { padding-bottom: 60px; }
@media print { body { background: #fff; } details.change, .failure { break-inside: avoid; } }
`;
