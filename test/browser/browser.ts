// A real Chromium, which an npm package carries.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import chromium from "@sparticuz/chromium";
import { type Browser, chromium as driver, type Page } from "playwright-core";

export interface OpenBrowser {
  readonly browser: Browser;
  /** A page in a profile of its own, in English; `problems` collects what its console and its policy complain of. */
  newPage(options?: PageOptions): Promise<OpenPage>;
  close(): Promise<void>;
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "light" | "dark";
}

export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts, violations of the content security policy, messages of the kind "error". */
  readonly problems: readonly string[];
}

export async function openBrowser(): Promise<OpenBrowser> {
  // The package unpacks itself into the temporary folder, and takes what lies there already for its own.
  const folder = mkdtempSync(join(tmpdir(), "busbar-chromium-"));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const executablePath = await chromium.executablePath();
    const browser = await driver.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", "--headless=shell"],
      headless: true,
    });
    return {
      browser,
      async newPage({ width = 1440, height = 900, theme = "light" } = {}) {
        const context = await browser.newContext({
          viewport: { width, height },
          colorScheme: theme,
          locale: "en-GB",
          timezoneId: "UTC",
        });
        const page = await context.newPage();
        const problems: string[] = [];
        page.on("pageerror", (error) => problems.push(String(error)));
        page.on("console", (message) => {
          if (message.type() === "error") problems.push(message.text());
        });
        return { page, problems };
      },
      async close() {
        await browser.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}
