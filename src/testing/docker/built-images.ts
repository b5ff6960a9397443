// The images, built by `npm run images` with tags of this process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { docker } from "./engine.ts";
import { ensureBaseImage } from "./rootfs.ts";

const script = fileURLToPath(new URL("../../../scripts/images.ts", import.meta.url));

export interface BuiltImages {
  /** `busbar`, `busbar-energy-generator`, … */
  nameOf(image: string, once?: "once"): string;
  readonly tag: string;
  /** All of them, as the engine knows them. */
  readonly names: readonly string[];
  remove(): void;
}

export async function buildImages(): Promise<BuiltImages> {
  const base = await ensureBaseImage();
  const tag = `test-${process.pid}`;
  const names: string[] = [];
  const remove = (): void => {
    if (names.length > 0) docker(["image", "rm", "--force", ...names]);
    base.remove();
  };
  try {
    const build = spawn(process.execPath, [script, "--tag", tag, "--engine", "docker"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    build.stdout.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.trim().split("\n")) names.push(line.split(" ")[0] ?? "");
    });
    const [code] = await once(build, "close");
    if (code !== 0) throw new Error(`npm run images ended with ${code}`);
  } catch (error) {
    remove();
    throw error;
  }
  return { nameOf: (image, once) => `${image}:${tag}${once === undefined ? "" : "-once"}`, tag, names, remove };
}
