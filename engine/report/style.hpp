#pragma once
/// How reports look.

namespace ansatz::report {

constexpr const char* style = R"css(
:root{color-scheme:light dark;--back:#ffffff;--text:#1c2127;--soft:#5a6672;--line:#d6dce2;--head:#f3f5f7;--warn:#8a3b00}
@media (prefers-color-scheme:dark){:root{--back:#15191e;--text:#e3e7eb;--soft:#9aa7b4;--line:#353e48;--head:#1f252c;--warn:#ffb37a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1120px;padding:1.5rem;background:var(--back);color:var(--text);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:.2rem 0 .8rem}
h2{font-size:1.15rem;margin:2.2rem 0 .7rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
nav{color:var(--soft);font-size:.9rem}nav a{margin-right:1rem}a{color:inherit}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.92rem;margin:.4rem 0}
th,td{padding:.25rem .8rem .25rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600;color:var(--soft)}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.warning{color:var(--warn);font-weight:600}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:1.2rem;align-items:start}
figure{margin:0}figcaption{font-size:.85rem;color:var(--soft)}
svg{max-width:100%;height:auto;display:block}
.chart svg{border:1px solid var(--line);border-radius:4px}
@media print{body{max-width:none;padding:0}nav{display:none}figure,table{break-inside:avoid}}
)css";

}  // namespace ansatz::report
