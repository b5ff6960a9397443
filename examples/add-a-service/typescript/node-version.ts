// Imported before anything else: what follows needs this Node, and would end in a stack trace on an older one.
const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  console.error(`fingerprint needs Node.js ${NEEDED} or newer, this is ${process.versions.node}`);
  process.exit(1);
}
