"""How the pages that mails link to look: one style sheet, light and dark, from a phone to a wide screen.

It stands in the page itself, so that a page is one answer; `HASH` lets browsers take this sheet and no other.
"""

import hashlib
from base64 import b64encode

from dashboards.charts.palette import INK, INK_ON_DARK, QUIET_ON_DARK

_FONTS = (
    "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
    "'PingFang SC','Hiragino Sans GB','Microsoft YaHei','Noto Sans SC','Noto Sans CJK SC',sans-serif"
)

SHEET = f"""
:root {{
  color-scheme: light dark;
  --ink: {INK}; --quiet: #52606d; --ground: #eef1f4; --card: #ffffff; --rule: #d9dfe5; --field: #ffffff;
  --edge: #7b8794; --accent: #12324f; --on-accent: #ffffff; --accent-strong: #0b2238; --link: #0b5cad;
  --fine: #0b6b43; --fine-ground: #e6f4ec; --watch: #7a4b00; --watch-ground: #fdf1dc;
  --alert: #9f2d00; --alert-ground: #fbe9e2; --chip: #e4e9ee; --banner: #12324f;
}}
@media (prefers-color-scheme: dark) {{
  :root {{
    --ink: {INK_ON_DARK}; --quiet: {QUIET_ON_DARK}; --ground: #12171d; --card: #1b222b; --rule: #323d49;
    --field: #12171d; --edge: #7b8794; --accent: #8fc4f5; --on-accent: #0c1a27; --accent-strong: #b4d8f9;
    --link: #8fc4f5; --fine: #7fd6ac; --fine-ground: #16312a; --watch: #f2c572; --watch-ground: #33290f;
    --alert: #f2a389; --alert-ground: #3a1f17; --chip: #2c3641; --banner: #16324a;
  }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 {_FONTS};
  -webkit-text-size-adjust: 100%; overflow-wrap: anywhere; }}
main, footer, header p {{ max-width: 44rem; margin: 0 auto; padding: 0 1rem; }}
header {{ background: var(--banner); color: #ffffff; padding: .875rem 0; margin-bottom: 1.5rem; }}
header p {{ font-size: .9375rem; font-weight: 600; }}
footer {{ padding-top: .25rem; padding-bottom: 2.5rem; color: var(--quiet); font-size: .8125rem; }}
.card {{ background: var(--card); border: 1px solid var(--rule); border-radius: 14px; padding: 1.5rem;
  margin-bottom: 1rem; }}
.card > :first-child {{ margin-top: 0; }} .card > :last-child {{ margin-bottom: 0; }}
h1 {{ font-size: 1.5rem; line-height: 1.25; font-weight: 650; margin: 0 0 .5rem; letter-spacing: -.01em; }}
h2 {{ font-size: 1.125rem; line-height: 1.35; font-weight: 620; margin: 0; }}
p {{ margin: .5rem 0; }} .quiet {{ color: var(--quiet); font-size: .875rem; }}
a {{ color: var(--link); text-underline-offset: .15em; }}
:focus-visible {{ outline: 3px solid var(--link); outline-offset: 2px; border-radius: 6px; }}
.title {{ display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; }}
.chip {{ font-size: .75rem; font-weight: 600; padding: .125rem .625rem; border-radius: 999px;
  background: var(--chip); color: var(--ink); white-space: nowrap; }}
.chip.fine {{ background: var(--fine-ground); color: var(--fine); }}
.chip.watch {{ background: var(--watch-ground); color: var(--watch); }}
.chip.alert {{ background: var(--alert-ground); color: var(--alert); }}
.note {{ border-left: 4px solid var(--edge); background: var(--chip); border-radius: 8px;
  padding: .75rem 1rem; margin: 0 0 1rem; }}
.note.fine {{ border-color: var(--fine); background: var(--fine-ground); }}
.note.alert {{ border-color: var(--alert); background: var(--alert-ground); }}
.note p {{ margin: 0; }} .note p + p {{ margin-top: .25rem; }}
form {{ margin: 1rem 0 0; }}
.grid {{ display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }}
.wide {{ grid-column: 1 / -1; }}
label, legend {{ display: block; font-size: .875rem; font-weight: 600; margin-bottom: .25rem; padding: 0; }}
fieldset {{ border: 0; margin: 0; padding: 0; min-width: 0; }}
input[type=text], select {{ width: 100%; min-height: 2.75rem; font: inherit; color: inherit;
  background: var(--field); border: 1px solid var(--edge); border-radius: 8px; padding: .5rem .75rem; }}
[aria-invalid=true] {{ border: 2px solid var(--alert); }}
.hint {{ color: var(--quiet); font-size: .8125rem; margin: .25rem 0 0; }}
.choices {{ display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }}
.choices label {{ display: flex; align-items: center; gap: .5rem; font-weight: 400; font-size: 1rem;
  min-height: 2.75rem; margin: 0; }}
input[type=checkbox] {{ width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--accent); }}
.actions {{ display: flex; flex-wrap: wrap; gap: .625rem; margin-top: 1.25rem; }}
.actions form {{ margin: 0; }}
.beside {{ border-top: 1px solid var(--rule); padding-top: 1.25rem; margin-top: 1.25rem; }}
.beside .actions {{ margin-top: 0; }}
button {{ min-height: 2.75rem; padding: .5rem 1.125rem; border-radius: 8px; font: inherit; font-weight: 600;
  cursor: pointer; border: 1px solid var(--edge); background: transparent; color: var(--ink); }}
button:hover {{ border-color: var(--ink); }}
button.main {{ background: var(--accent); border-color: var(--accent); color: var(--on-accent); }}
button.main:hover {{ background: var(--accent-strong); border-color: var(--accent-strong); }}
button.leave {{ color: var(--alert); }}
ul.issues {{ list-style: none; margin: 0; padding: 0; }}
ul.issues li {{ padding: .875rem 0; border-top: 1px solid var(--rule); }}
ul.issues li:first-child {{ border-top: 0; padding-top: 0; }}
ul.issues li:last-child {{ padding-bottom: 0; }}
.files {{ display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin-top: .25rem; font-size: .9375rem; }}
.files a {{ padding: .375rem 0; }}
dl {{ display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: .75rem 0 0; }}
dt {{ color: var(--quiet); }} dd {{ margin: 0; }}
@media (max-width: 34rem) {{
  header {{ margin-bottom: 1rem; }}
  .card {{ padding: 1.125rem; border-radius: 12px; }}
  .grid {{ grid-template-columns: 1fr; }}
  .actions, .actions form, .actions button {{ width: 100%; }}
}}
"""

HASH = "sha256-" + b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()
