/** The looks of HTML reports. */
import { readFile } from 'node:fs/promises'
import type { Palette } from '../look/palette.js'
import { darkPalette, lightPalette } from '../look/template-look.js'
import type { ReportTemplate } from '../template.js'

/** The style sheet of a report: its colours, its fonts, and the rest that is always the same. */
export async function styleOf(template: ReportTemplate | undefined): Promise<string> {
  const light = variablesOf(lightPalette(template))
  const dark = variablesOf(darkPalette(template))
  const fonts = template?.fonts === undefined ? '' : await fontFaces(template.fonts)
  const family = `${fonts === '' ? '' : '"Report",'}system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif`
  const title = (ink: string) => `--title:var(--${ink});`
  return (
    `${fonts}:root{color-scheme:light dark;${light}${title('slate')}}` +
    `@media screen and (prefers-color-scheme:dark){:root{${dark}${title('text')}}}` +
    `body{font-family:${family}}${inkRules()}${RULES}`
  )
}

function variablesOf(palette: Palette): string {
  return Object.entries(palette)
    .map(([ink, hex]) => `--${ink}:${hex};`)
    .join('')
}

async function fontFaces(fonts: NonNullable<ReportTemplate['fonts']>): Promise<string> {
  const face = async (file: string, weight: string) =>
    `@font-face{font-family:"Report";font-weight:${weight};src:url(data:font/ttf;base64,${(await readFile(file)).toString('base64')})}`
  return (await face(fonts.regular, '400')) + (await face(fonts.bold, '700'))
}

/** Shapes of charts name their colours by class: inline styles are forbidden. */
function inkRules(): string {
  return Object.keys(lightPalette(undefined))
    .map((ink) => `.f-${ink}{fill:var(--${ink})}.s-${ink}{stroke:var(--${ink});fill:none}`)
    .join('')
}

const RULES = `
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1.5rem 1.25rem 3rem;background:var(--paper);color:var(--text);font-size:.9375rem;line-height:1.45;overflow-wrap:anywhere}
h1,h2,h3{color:var(--title);line-height:1.2;margin:0}
h1{font-size:2rem}
h2{font-size:1.3rem;margin:2.2rem 0 .4rem}
p{margin:.35rem 0}
.lines{white-space:pre-line}
.muted{color:var(--muted);font-size:.875rem}
.logo{float:right;max-height:3.5rem;max-width:40%;margin:0 0 .5rem 1rem}
.brand{color:var(--muted);font-size:.8125rem;margin:0 0 1rem}
.banner{border-left:4px solid var(--bar);background:var(--tint);font-weight:700;padding:.6rem .9rem;margin:1rem 0}
.good{--bar:var(--good);--tint:var(--goodTint)}
.warning{--bar:var(--warning);--tint:var(--warningTint)}
.bad{--bar:var(--bad);--tint:var(--badTint)}
.neutral{--bar:var(--title);--tint:var(--zebra)}
nav{margin:1rem 0}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:0;padding:0}
a{color:var(--accent)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,max(11rem,100%/var(--across) - 1rem)),1fr));gap:.75rem;margin:.75rem 0}
.across-1{--across:1}.across-2{--across:2}.across-3{--across:3}.across-4{--across:4}
.tile{border-top:3px solid var(--bar);background:var(--tint);padding:.5rem .8rem .6rem}
.tile dt{color:var(--bar);font-weight:700}
.tile dd{margin:0}
.tile .value{color:var(--title);font-size:1.5rem;font-weight:700;line-height:1.25}
.tile .aside{color:var(--muted);font-size:.8125rem}
.scroll{overflow-x:auto;margin:.5rem 0}
.scroll:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{caption-side:top;text-align:left;font-weight:700;color:var(--title);padding:.6rem 0 .35rem}
.said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);min-width:4.5ch;max-width:34rem}
td{white-space:pre-line}
thead th{background:var(--slate);color:var(--onSlate);vertical-align:bottom;overflow-wrap:normal}
tbody th{font-weight:400}
tbody tr:nth-child(even){background:var(--zebra)}
.w5{min-width:7ch}.w8{min-width:11ch}.w12{min-width:15ch}.w18{min-width:20ch}
.n{text-align:right}
td.n,td.d{white-space:nowrap}
figure{margin:.5rem 0 1rem}
figcaption{font-weight:700;color:var(--title)}
svg{display:block;width:100%;min-width:44rem;height:auto}
.t-name,.t-label,.t-figure{font-size:9px}
.t-label{font-size:7.5px}
.t-figure{font-weight:700}
summary{cursor:pointer;color:var(--muted);font-size:.875rem}
footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.5rem;color:var(--muted);font-size:.8125rem}
@page{size:A4;margin:16mm 14mm}
@media print{
body{max-width:none;padding:0;font-size:9.5pt}
nav,details{display:none}
.scroll{overflow:visible}
svg{min-width:0}
thead{display:table-header-group}
tr,figure,.tile,.banner{break-inside:avoid}
h2,h3,caption,figcaption{break-after:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`.replaceAll('\n', '')
