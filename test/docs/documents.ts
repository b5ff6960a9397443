import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** README.md and the guides in the order in which it leads to them; then those that it does not name. */
export function listDocuments(): readonly string[] {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const linked = [...readme.matchAll(/\((docs\/guides\/[a-z-]+\.md)/g)].map(([, path = ""]) => path);
  const guides = readdirSync(join(root, "docs", "guides")).map((name) => `docs/guides/${name}`);
  return ["README.md", ...new Set([...linked, ...guides.sort()]), "examples/energy-pipeline/README.md"];
}
