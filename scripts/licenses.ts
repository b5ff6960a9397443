// The licences of packages whose code is in a bundle ask that their texts travel with it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** src/gen is made from their .proto files: `npm run generate`. */
const GENERATED_FROM = ["node_modules/@grpc/reflection/", "node_modules/grpc-health-check/"];

/**
 * @param inputs paths of the files that were bundled, relative to `root`
 * @throws Error where a package comes without a text, and scripts/licenses has none for it
 */
export function collectLicenses(root: string, inputs: readonly string[]): string {
  return [...new Set([...inputs, ...GENERATED_FROM].flatMap((path) => folderOf(path) ?? []))]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      const texts = [
        ...listTexts(join(root, folder)),
        join(root, "scripts", "licenses", `${name.replace("/", "+")}.txt`),
      ]
        .filter((path) => existsSync(path))
        .map((path) => readFileSync(path, "utf8").replaceAll("\r\n", "\n").trim());
      if (texts.length === 0) {
        throw new Error(
          `${name} ${version} comes without the text of its licence (${license}): add it to scripts/licenses`,
        );
      }
      return `${name} ${version} (${license})\n\n${texts.join("\n\n")}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** The package that a file belongs to: the innermost, where one lies within another. */
function folderOf(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

function listTexts(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^(licen[cs]es?|notice|copying)([.-].*)?$/i.test(name) && !name.endsWith(".js"))
    .sort()
    .map((name) => join(folder, name));
}
