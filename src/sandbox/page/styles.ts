/** The page's one style sheet; inline, so that the page needs nothing but itself. */
export const styles = `
:root {
  color-scheme: light dark;
  --ink: #1d2733; --soft: #5b6878; --faint: #8a95a3; --line: #e1e6ec; --paper: #ffffff; --ground: #f5f7f9;
  --accent: #0f6b62; --accent-soft: #e3f2f0; --good: #17713c; --good-soft: #e2f4e8; --warn: #8a5a00;
  --warn-soft: #fdf0d5; --bad: #a32424; --bad-soft: #fce4e4; --mono: ui-monospace, "SF Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6ebf0; --soft: #a9b4c0; --faint: #7c8896; --line: #2d3742; --paper: #1a222b; --ground: #12181f;
    --accent: #5cc7bb; --accent-soft: #17322f; --good: #74d497; --good-soft: #163022; --warn: #e8bd62;
    --warn-soft: #352a12; --bad: #f19090; --bad-soft: #3a1b1b;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
header { background: var(--paper); border-bottom: 1px solid var(--line); }
header .inner, main { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
header .inner { display: flex; align-items: center; gap: 28px; min-height: 60px; flex-wrap: wrap; }
.brand { font-weight: 650; color: var(--ink); letter-spacing: -.01em; white-space: nowrap; }
.brand:hover { text-decoration: none; }
.brand span { display: inline-block; width: 11px; height: 11px; border-radius: 3px; background: var(--accent); margin-right: 9px; }
nav { display: flex; gap: 4px; flex: 1; flex-wrap: wrap; }
nav a { color: var(--soft); padding: 6px 11px; border-radius: 7px; }
nav a:hover { background: var(--ground); text-decoration: none; color: var(--ink); }
nav a.here { background: var(--accent-soft); color: var(--accent); }
.portal { color: var(--faint); font-size: 13px; white-space: nowrap; }
main { padding-top: 30px; padding-bottom: 64px; }
h1 { font-size: 25px; line-height: 1.25; letter-spacing: -.02em; margin: 0 0 4px; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 34px 0 12px; font-weight: 620; }
.lead { color: var(--soft); margin: 0 0 22px; }
.crumbs { font-size: 13px; color: var(--faint); margin-bottom: 8px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 14px; }
.tile { background: var(--paper); border: 1px solid var(--line); border-radius: 11px; padding: 16px 18px; color: inherit; display: block; }
a.tile:hover { border-color: var(--accent); text-decoration: none; }
.tile .figure { font-size: 27px; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tile .what { color: var(--soft); font-size: 14px; }
.tile .note { color: var(--faint); font-size: 13px; margin-top: 5px; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 11px; overflow-x: auto; }
.card + .card { margin-top: 14px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 9px 14px; border-bottom: 1px solid var(--line); vertical-align: baseline; }
tr:last-child > td { border-bottom: 0; }
th { color: var(--soft); font-weight: 550; font-size: 12.5px; white-space: nowrap; background: var(--paper); }
th a { color: inherit; }
tbody tr:hover > td { background: color-mix(in srgb, var(--accent-soft) 35%, transparent); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.clip { max-width: 230px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
td.nowrap { white-space: nowrap; }
td.name { width: 32%; }
.value { overflow-wrap: anywhere; white-space: pre-wrap; }
.mono { font-family: var(--mono); font-size: 12.5px; }
.sub { color: var(--faint); font-size: 12.5px; }
.none { color: var(--faint); }
.empty { padding: 34px 18px; color: var(--soft); text-align: center; }
.pill { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 12.5px; background: var(--line); color: var(--soft); white-space: nowrap; }
.pill.good { background: var(--good-soft); color: var(--good); }
.pill.warn { background: var(--warn-soft); color: var(--warn); }
.pill.bad { background: var(--bad-soft); color: var(--bad); }
.pill.own { background: var(--accent-soft); color: var(--accent); }
.bar { display: flex; gap: 10px; align-items: center; flex-wrap: wrap; margin: 0 0 14px; }
.bar .grow { flex: 1; }
input, select, button { font: inherit; font-size: 14px; padding: 7px 11px; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); color: var(--ink); }
input[type=search] { min-width: 300px; }
input:focus-visible, select:focus-visible, button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
button { background: var(--accent); border-color: var(--accent); color: var(--paper); font-weight: 550; cursor: pointer; }
.pager { display: flex; gap: 14px; align-items: center; padding: 12px 2px; color: var(--soft); font-size: 14px; }
.pager .grow { flex: 1; }
details summary { cursor: pointer; color: var(--accent); font-size: 13px; list-style: none; }
details summary::-webkit-details-marker { display: none; }
details summary:hover { text-decoration: underline; }
details ol { margin: 6px 0 0; padding: 0; list-style: none; }
details li { font-size: 13px; padding: 2px 0; color: var(--soft); }
details pre { margin: 6px 0; padding: 10px; background: var(--ground); border-radius: 7px; max-width: 720px; max-height: 260px; overflow: auto; font-size: 12px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 22px; margin: 0; padding: 16px 18px; font-size: 14px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 760px) {
  header .inner, main { padding-left: 16px; padding-right: 16px; }
  header .inner { gap: 4px 16px; padding-top: 12px; padding-bottom: 8px; }
  .brand { flex: 1; }
  nav { order: 1; flex-basis: 100%; margin-left: -11px; overflow-x: auto; flex-wrap: nowrap; }
  .tiles { grid-template-columns: 1fr 1fr; }
  input[type=search] { min-width: 0; flex: 1; }
}
code { font-family: var(--mono); font-size: 12.5px; background: var(--ground); padding: 1px 5px; border-radius: 5px; }
`;
