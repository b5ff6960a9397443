/** `/api/docs.css` */
export const DOCS_STYLE = `:root {
  color-scheme: light dark;
  --ground: light-dark(#fff, #14171a);
  --words: light-dark(#1b1f24, #e4e7eb);
  --quiet: light-dark(#57606a, #9aa4af);
  --line: light-dark(#d0d7de, #343b43);
  --link: light-dark(#0550ae, #79b8ff);
}
* { box-sizing: border-box; }
body {
  margin: 0;
  display: grid;
  grid-template-columns: 20rem minmax(0, 1fr);
  background: var(--ground);
  color: var(--words);
  font: 15px/1.5 system-ui, sans-serif;
}
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); }
nav ul { list-style: none; margin: 0; padding: 0; font-size: 13px; overflow-wrap: anywhere; }
nav h2 { font-size: 13px; margin: 1rem 0 0.25rem; color: var(--quiet); }
main { padding: 1rem 2rem 4rem; max-width: 75rem; }
section { border-top: 1px solid var(--line); padding: 0.5rem 0 1rem; scroll-margin-top: 1rem; }
section:target { border-top: 3px solid var(--link); }
h3 { font-size: 1rem; margin: 0.5rem 0; overflow-wrap: anywhere; }
h4 { margin: 0.75rem 0 0.25rem; font-size: 13px; color: var(--quiet); }
small, .role { color: var(--quiet); }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid var(--line); padding: 0.25rem 0.75rem 0.25rem 0; vertical-align: top; }
td:first-child { width: 15rem; }
@media (max-width: 50rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; }
  main { padding: 1rem; }
  td { display: block; border: 0; width: auto; }
  tr { display: block; border-top: 1px solid var(--line); }
}
`;
