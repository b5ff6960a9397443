import { spawn } from "node:child_process";
import { win32 } from "node:path";
import { describeFailure } from "../kernel/describe-failure.ts";

/** A program and its arguments; no shell reads them. */
type Program = readonly [file: string, ...args: string[]];

/**
 * Opens an address in the system's browser, which outlives this process.
 * @param onNone told why, where there is none
 */
export function openInBrowser(url: string, onNone: (why: string) => void): void {
  const [file, ...args] = browserOf(process.platform, url, process.env.SystemRoot);
  const child = spawn(file, args, { stdio: "ignore", detached: true });
  child.on("error", (error) => onNone(`${file}: ${describeFailure(error)}`));
  child.on("exit", (code) => {
    if (code !== 0) onNone(`${file} ended with exit code ${code}`);
  });
  child.unref();
}

/** What opens an address on a platform. */
export function browserOf(platform: NodeJS.Platform, url: string, systemRoot = "C:\\Windows"): Program {
  if (platform === "darwin") return ["open", url];
  // By its path: Windows looks into the working directory first. `start` would need a shell.
  if (platform === "win32") {
    return [win32.join(systemRoot, "System32", "rundll32.exe"), "url.dll,FileProtocolHandler", url];
  }
  return ["xdg-open", url];
}
