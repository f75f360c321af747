/** The style of a report: light and dark, wide and narrow, on screen and on paper. */

export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f7f9; --text: #1b2430; --faint: #5a6675; --line: #d9dee5;
  --bid: #0072b2; --ask: #c8520a; --band: #8b98a8; --spread: #6a3d9a; --unknown: #7a7a7a;
  --verified: #2a8a78; --usable: #8cc7e8; --break: #b3261e; --latency: #3f6fa8; --hole: #b9a7a2; --hole-ground: #f3eeec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151c; --panel: #171e27; --text: #e6ebf1; --faint: #9aa7b6; --line: #2c3643;
    --bid: #56b4e9; --ask: #f0914a; --band: #71808f; --spread: #c3a5ec; --unknown: #a5a5a5;
    --verified: #4db6a2; --usable: #2f6488; --break: #ff8a80; --latency: #6b9bd6; --hole: #6d5a55; --hole-ground: #221c1b;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 20px 24px 72px; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0; }
p { margin: 2px 0; }
header p, figcaption p, .key { color: var(--faint); font-size: 13.5px; }
.tiles { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 8px; padding: 0; margin: 14px 0 6px; }
.tiles li { background: var(--panel); border-radius: 8px; padding: 9px 12px; color: var(--faint); font-size: 13px; }
.tiles b { display: block; color: var(--text); font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
main { overflow-x: clip; }
figure { margin: 24px 0 0; }
figcaption { margin-bottom: 22px; }
#quality figcaption { margin-bottom: 8px; }
.plot { display: grid; grid-template-columns: 66px minmax(0, 1fr); font-size: 12px; color: var(--faint); font-variant-numeric: tabular-nums; }
.area { position: relative; height: var(--height); background: var(--panel); border: solid var(--line); border-width: 0 0 1px 1px; cursor: crosshair; touch-action: pan-y; }
#latency .area { cursor: default; }
.area:focus-visible { outline: 2px solid var(--bid); outline-offset: 2px; }
.area > svg { position: absolute; inset: 0; overflow: visible; }
.y { position: relative; }
.y span { position: absolute; right: 7px; transform: translateY(-50%); white-space: nowrap; }
.y b { position: absolute; right: 7px; top: -19px; font-weight: 600; white-space: nowrap; }
.x { grid-column: 2; position: relative; height: 38px; }
.x span { position: absolute; top: 4px; transform: translateX(-50%); white-space: nowrap; }
.x .first { transform: none; }
.x .last { transform: translateX(-100%); }
.x b { position: absolute; right: 0; top: 19px; font-weight: 600; }
.grid { stroke: var(--line); stroke-width: 1; }
.line, .over { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.bid.line { stroke: var(--bid); }
.ask.line { stroke: var(--ask); }
.spread.line { stroke: var(--spread); }
.over { stroke: #fff; stroke-width: 1.2; }
.over.under { stroke: #000; stroke-width: 3; stroke-opacity: .55; }
path.band { fill: var(--band); fill-opacity: .38; }
.depth { image-rendering: pixelated; }
rect.hole { fill: url(#hatch); stroke: var(--hole); stroke-width: 1; }
path.usable { fill: var(--usable); }
path.verified { fill: var(--verified); }
.break { fill: var(--break); }
.buy { fill: var(--bid); }
.sell { fill: var(--ask); }
.unknown { fill: var(--unknown); }
use { fill-opacity: .82; stroke: var(--panel); stroke-width: .8; }
rect.latency { fill: var(--latency); }
.mark { stroke: var(--text); stroke-dasharray: 3 3; }
text { fill: var(--text); font-size: 12px; paint-order: stroke; stroke: var(--panel); stroke-width: 3px; stroke-linejoin: round; }
.key { display: flex; flex-wrap: wrap; gap: 2px 16px; padding-left: 66px; align-items: center; }
.item { display: inline-flex; align-items: center; gap: 6px; }
.item i { width: 14px; height: 10px; border-radius: 2px; }
i.bid, i.buy { background: var(--bid); }
i.ask, i.sell { background: var(--ask); }
i.spread { background: var(--spread); }
i.bid, i.ask, i.spread { height: 3px; }
i.buy { clip-path: polygon(50% 0, 100% 100%, 0 100%); height: 12px; }
i.sell { clip-path: polygon(0 0, 100% 0, 50% 100%); height: 12px; }
i.unknown { background: var(--unknown); border-radius: 50%; width: 10px; }
i.band { background: var(--band); opacity: .5; }
i.hole { background: repeating-linear-gradient(45deg, var(--hole) 0 2px, var(--hole-ground) 2px 5px); }
i.verified { background: var(--verified); }
i.usable { background: var(--usable); }
i.break { background: var(--break); clip-path: polygon(50% 0, 100% 100%, 0 100%); width: 10px; }
.ramp { display: inline-block; width: 220px; }
.ramp i { display: block; height: 10px; border-radius: 2px; }
.sizes { display: flex; justify-content: space-between; font-size: 12px; }
section, details { margin-top: 26px; }
details + details { margin-top: 10px; }
summary { cursor: pointer; font-weight: 600; }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; margin-top: 8px; }
th, td { text-align: left; padding: 4px 16px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
.summary td { overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
.wide td { white-space: nowrap; }
code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
#reading { position: fixed; left: 0; right: 0; bottom: 0; padding: 8px 24px; background: var(--text); color: var(--page);
  font-size: 13.5px; font-variant-numeric: tabular-nums; text-align: center; }
#reading:empty { display: none; }
.cross { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--text); pointer-events: none; }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 640px) {
  body { padding: 14px 12px 84px; }
  h1 { font-size: 21px; }
  .plot { grid-template-columns: 54px minmax(0, 1fr); font-size: 11px; }
  .key { padding-left: 0; }
  .x .odd { display: none; }
  .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .tiles li { padding: 7px 8px; font-size: 12px; }
  .tiles b { font-size: 16px; }
  .y b { right: auto; left: 0; }
  .summary th { white-space: normal; }
  .over { stroke-width: .8; }
  .over.under { stroke-width: 1.8; }
  #reading { padding: 8px 12px; font-size: 12.5px; }
}
@media print { #reading, #reading-how { display: none; } figure { break-inside: avoid; } }
`
