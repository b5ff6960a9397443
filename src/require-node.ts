// The first import of every file of the built library (scripts/build.ts): on a Node.js that is too old, `import "busbar"`
// ends here, in one sentence, before anything that such a Node could not read or does not have.
const NEEDED = 24; // equals `engines` of the packed package.json: test/old-node.test.ts
const FOUND = process.versions.node;

if (Number(FOUND.split(".")[0]) < NEEDED) {
  const message = `NODE_TOO_OLD: busbar needs Node.js ${NEEDED} or newer, this is ${FOUND}. Install Node.js ${NEEDED}.`;
  // Where nobody catches it, Node prints the stack: of where this stands nobody needs to know.
  throw Object.assign(new Error(message), { code: "NODE_TOO_OLD", stack: message });
}
