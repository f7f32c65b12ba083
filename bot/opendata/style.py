"""How the pages look, on a phone first; the pages permit this very style and nothing else."""

import base64
import hashlib

STYLE = """
:root { color-scheme: light dark; --page: #fbfaf7; --text: #1b2328; --soft: #4d5a63; --line: #d5d9dc;
  --link: #0b5394; --card: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --page: #11161a; --text: #e6ebee; --soft: #a9b6bf; --line: #313b43;
  --link: #8ec3f5; --card: #192127; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 0 1rem 2rem; max-width: 44rem; background: var(--page); color: var(--text);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1.5rem; padding: .75rem 0;
  border-bottom: 1px solid var(--line); }
nav { display: flex; flex-wrap: wrap; gap: 0 1rem; }
nav a, nav strong, footer li a { display: inline-block; padding: .35rem 0; }
h1 { margin: 1.25rem 0 1rem; font-size: 1.5rem; line-height: 1.25; overflow-wrap: break-word; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1.15rem; }
h3 { margin: 0; font-size: 1.0625rem; font-weight: normal; }
p { margin: .35rem 0; }
section p, li p, footer p { overflow-wrap: anywhere; }
section { margin: 0 0 1rem; padding: .6rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; }
ol, ul { margin: 0; padding: 0; list-style: none; }
ol li { padding: .6rem 0; border-top: 1px solid var(--line); }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
footer { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft);
  font-size: .95rem; }
@media print { header, footer ul, footer h2 { display: none; } }
"""
DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{DIGEST}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
