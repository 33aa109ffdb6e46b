/** The look of a report: light on paper, as the system likes it on a screen. */
export const REPORT_STYLE = `
:root { --text: #1d1b26; --quiet: #625e70; --line: #dfdce8; --page: #fff; --accent: #6d4bd8; --before: #b7a9ea; --week: #d9d5e6;
  --good: #17704a; --bad: #b3261e; --rest: #f0c9c6; }
@media screen and (prefers-color-scheme: dark) {
  :root { --text: #e9e6f2; --quiet: #a5a0b5; --line: #37333f; --page: #17151c; --accent: #a48bff; --before: #6a57b5; --week: #4a4458;
    --good: #5ccb98; --bad: #ff8a80; --rest: #6b2f2b; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.45 system-ui, 'Segoe UI', sans-serif; }
main { max-width: 900px; margin: 0 auto; padding: 32px 24px; }
header { border-bottom: 2px solid var(--accent); margin-bottom: 16px; padding-bottom: 8px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; }
h2 { font-size: 16px; margin: 24px 0 6px; }
p { margin: 0 0 8px; }
.mark { color: var(--accent); font-weight: 600; margin: 0; }
.period { margin: 4px 0 0; }
.summary { font-size: 16px; margin: 16px 0; }
.quiet, footer { color: var(--quiet); }
footer { border-top: 1px solid var(--line); font-size: 12px; margin-top: 28px; padding-top: 8px; }
table { border-collapse: collapse; width: 100%; }
th { color: var(--quiet); font-size: 12px; font-weight: 600; text-align: left; vertical-align: bottom; }
th, td { border-bottom: 1px solid var(--line); padding: 5px 12px 5px 0; vertical-align: top; }
td { overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
.number { font-variant-numeric: tabular-nums; overflow-wrap: normal; text-align: right; white-space: nowrap; }
.wide { width: 48%; }
.name { min-width: 9em; }
.time { white-space: nowrap; }
th { white-space: nowrap; }
.bar { white-space: nowrap; width: 102px; }
.better { color: var(--good); } .worse { color: var(--bad); }
.aside { font-size: 0; }
.severity { font-weight: 600; } .severity.critical, .severity.high { color: var(--bad); }
svg { display: block; margin-top: 4px; }
.bar0, .share { fill: var(--accent); } .bar1 { fill: var(--before); } .bar2 { fill: var(--week); } .rest { fill: var(--rest); }
ul { margin: 0; padding-left: 18px; } li { margin-bottom: 6px; }
@page { size: A4; margin: 14mm; }
@media print {
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  th, .quiet, footer { font-size: 9pt; }
  thead { display: table-header-group; }
  tr, li, header, .summary { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`;
