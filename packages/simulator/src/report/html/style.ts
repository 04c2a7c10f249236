/** Colours for light and dark by the reader's setting; wide pages get columns, narrow ones a single one. */
export const pageStyle = `
:root{color-scheme:light dark;--back:#fbfaf7;--card:#fff;--ink:#1d2329;--soft:#5b6570;--rule:#e3e0d8;--grid:#eceae4;
--draw:#2f7d8c;--bound:#1d4e89;--limit:#b3261e;--budget:#b26a00;--target:#7a3fb0;--other:#4d6b3c;--loss:#a24b2a;--good:#2d6a3e;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--back:#14181c;--card:#1b2026;--ink:#e6e8ea;--soft:#9aa4ae;--rule:#2c333b;--grid:#272d34;
--draw:#4fb3c4;--bound:#7fb0ee;--limit:#ff8a80;--budget:#f0b25a;--target:#c79bf2;--other:#9cc384;--loss:#e8946f;--good:#7ecf95;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 2px;text-wrap:balance}
h2{font-size:1.1rem;margin:36px 0 2px}
p{margin:0 0 12px;color:var(--soft);max-width:75ch}
.whole{white-space:nowrap}h1,h2,.run,details li{overflow-wrap:anywhere}
code{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
.verdict{display:flex;flex-wrap:wrap;gap:10px;margin:18px 0 8px;padding:0;list-style:none}
.verdict li{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:10px 14px;min-width:150px;flex:1}
.verdict b{display:block;font-size:1.35rem;line-height:1.25;font-variant-numeric:tabular-nums}
.verdict span{color:var(--soft);font-size:.85rem}
.good{color:var(--good)}.bad{color:var(--bad)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:5px 14px 5px 0;border-bottom:1px solid var(--rule);vertical-align:top;font-weight:400}
thead th,tbody.group th{font-weight:600}
tbody.group th{padding-top:16px}
td:first-child{color:var(--soft)}
.pair table{min-width:34rem}.pair td:first-child{position:sticky;left:0;background:var(--back)}
.rows{display:grid;gap:14px}
.row{display:grid;gap:14px;grid-template-columns:minmax(0,1fr)}
.chart{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:12px 14px 10px}
figcaption{display:flex;flex-wrap:wrap;gap:0 10px;margin-bottom:10px}
figcaption b{font-weight:600;overflow-wrap:anywhere}
figcaption span{color:var(--soft)}
.plot{display:grid;grid-template-columns:4.6em minmax(0,1fr);grid-template-rows:190px 1.5em;font-size:.78rem;color:var(--soft)}
.y,.x{position:relative}
.y span{position:absolute;right:8px;transform:translateY(50%);white-space:nowrap;line-height:1}
.x{grid-column:2}
.x span{position:absolute;transform:translateX(-50%);white-space:nowrap;top:4px;line-height:1.2}
.area svg{display:block;width:100%;height:100%;overflow:visible}
svg path{vector-effect:non-scaling-stroke;fill:none;stroke-width:1.5;stroke-linejoin:round}
svg .grid{stroke:var(--grid);stroke-width:1}
svg .dashes{stroke-dasharray:6 4;stroke-width:1.75}
svg .target,svg .budget{stroke-width:2.25}
.draw{stroke:var(--draw);background:var(--draw)}.bound{stroke:var(--bound);background:var(--bound)}.limit{stroke:var(--limit);background:var(--limit)}
.budget{stroke:var(--budget);background:var(--budget)}.target{stroke:var(--target);background:var(--target)}.other{stroke:var(--other);background:var(--other)}
.loss{stroke:var(--loss);background:var(--loss)}
svg .fill{stroke-width:1;fill-opacity:.28}
.fill.draw{fill:var(--draw)}.fill.other{fill:var(--other)}.fill.loss{fill:var(--loss)}
.key{display:flex;flex-wrap:wrap;gap:2px 18px;margin:8px 0 0;padding:0;list-style:none;font-size:.85rem}
.key i{display:inline-block;width:16px;height:3px;margin-right:7px;vertical-align:middle;border-radius:2px}
.key i.area{height:10px;opacity:.55}
.key i.dashes{background:none;border-top:2px dashed;border-radius:0;height:0}
.key i.limit.dashes{border-color:var(--limit)}.key i.budget.dashes{border-color:var(--budget)}.key i.target.dashes{border-color:var(--target)}
.mark{--tone:var(--soft)}.mark.curtailment{--tone:var(--target)}.mark.supply{--tone:var(--limit)}.mark.failure{--tone:var(--loss)}
svg .mark path{stroke:var(--tone);stroke-width:1;stroke-dasharray:2 3}svg .strip{fill:var(--tone)}
.key i.mark{width:3px;height:12px;background:var(--tone)}
small{color:var(--soft)}
.run{font-weight:600;margin:18px 0 0;color:var(--ink)}
details{margin-top:8px}summary{cursor:pointer;color:var(--soft)}
details ul{margin:6px 0;padding-left:20px}
@media (min-width:900px){.single .rows{grid-template-columns:repeat(2,minmax(0,1fr))}.single .rows>.row.wide{grid-column:1/-1}
.single .wide .plot{grid-template-rows:280px 1.5em}.pair .row{grid-template-columns:repeat(2,minmax(0,1fr))}}
@media (max-width:520px){main{padding:18px 12px 40px}.plot{grid-template-rows:150px 1.5em}.verdict li{min-width:130px}.x .spare{display:none}}
@media (max-width:720px){.pair .scroll{overflow:visible}.pair table{display:block;min-width:0}
.pair thead,.pair tbody{display:block}.pair tr{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));column-gap:14px;padding:6px 0;border-bottom:1px solid var(--rule)}
.pair th,.pair td{border:0;padding:0;overflow-wrap:anywhere}.pair tbody th,.pair td:first-child,.pair td:last-child{grid-column:1/-1;position:static}
.pair thead{position:sticky;top:0;z-index:1;background:var(--back)}.pair thead th:first-child,.pair thead th:last-child{display:none}
.pair td:last-child:not(:empty)::before{content:"change ";color:var(--soft)}}
@media print{body{background:#fff}.chart,.verdict li{break-inside:avoid}}
`;
