// What stands around every page: whom the server knows, keys, themes, titles, where the focus goes.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { readOwnToken } from "../../src/app/server/own-token.ts";
import { findBarriers } from "./axe.ts";
import { useDashboard } from "./use-dashboard.ts";

describe("the frame", () => {
  const { world, browser } = useDashboard({ runs: false });

  it("is gone through by keyboard, says each page in the title, and puts the focus where the page begins", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/`);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to content");
    for (const name of ["Busbar, all runs", "Runs", "Workflows", "Services"]) {
      await page.keyboard.press("Tab");
      assert.equal(await focused(page), name);
    }
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Services", level: 1 }).waitFor();
    assert.equal(await page.title(), "Services - Busbar");
    assert.equal(await page.evaluate("document.activeElement?.id"), "main");
    assert.equal(await page.getByRole("link", { name: "Services" }).getAttribute("aria-current"), "page");
    await page.goBack();
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await page.evaluate("history.pushState(null, '', '/nowhere'); dispatchEvent(new Event('popstate'))");
    await page.getByRole("heading", { name: "Not found" }).waitFor();
    assert.equal(await page.title(), "Not found - Busbar");
    await page.context().close();
    assert.deepEqual(problems, []);
  });

  it("lists the keys of the page at ?, gives the focus back, and types nothing into fields", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/system`);
    const help = page.getByRole("dialog", { name: "Keys of this page" });
    await page.getByRole("heading", { name: "System" }).waitFor();
    await page.keyboard.press("?");
    await help.getByText("show the keys of this page").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
    const button = page.getByRole("button", { name: "Keys of this page" });
    await button.press("Enter");
    await help.getByRole("button", { name: "Close" }).click();
    await help.waitFor({ state: "detached" });
    assert.equal(await focused(page), "Keys of this page");
    await page.goto(`${world.url}/runs`);
    await page.getByRole("searchbox").first().fill("a");
    await page.keyboard.type("?");
    assert.equal(await page.getByRole("searchbox").first().inputValue(), "a?");
    assert.equal(await help.count(), 0);
    await page.context().close();
    assert.deepEqual(problems, []);
  });

  it("lets letters be typed that mean no key, by whoever dictates", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs`);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    const field = page.getByRole("searchbox").first();
    const reach = async (): Promise<boolean> => {
      await page.getByRole("main").focus();
      await page.keyboard.press("/");
      return field.evaluate((element) => element === element.ownerDocument.activeElement);
    };
    assert.equal(await reach(), true);
    await page.getByRole("main").focus();
    await page.keyboard.press("?");
    await page.getByRole("checkbox", { name: "Single letters and signs work as keys" }).uncheck();
    await page.keyboard.press("Escape");
    assert.equal(await reach(), false);
    await page.context().close();
    assert.deepEqual(problems, []);
  });

  it("lets somebody on the server's machine become admin by its own token", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/system`);
    await page.getByRole("button", { name: "operator: who am I" }).click();
    await page.getByText("This server has no tokens yet").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await signIn(page, readOwnToken(world.stateDir) ?? assert.fail());
    await page.getByRole("button", { name: "admin: who am I" }).waitFor();
    await page.getByRole("button", { name: "New token" }).waitFor();
    await page.context().close();
    assert.deepEqual(problems, []);
  });

  it("keeps the theme that was chosen, in other tabs too", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/system`);
    const other = await page.context().newPage();
    await other.goto(`${world.url}/system`);
    const background = (tab: Page): Promise<string> => tab.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background(page);
    await page.getByRole("button", { name: "Theme: as the system has it" }).click();
    await page.getByRole("button", { name: "Theme: light" }).click();
    await page.getByRole("button", { name: "Theme: dark" }).waitFor();
    await other.getByRole("button", { name: "Theme: dark" }).waitFor();
    const dark = await background(page);
    assert.notEqual(dark, light);
    assert.equal(await background(other), dark);
    await page.reload();
    await page.getByRole("button", { name: "Theme: dark" }).waitFor();
    // Before the program of the page has come.
    await page.route("**/assets/main-*", (route) => route.abort());
    await page.reload();
    assert.equal(await background(page), dark);
    await page.unroute("**/assets/main-*");
    await page.reload();
    await page.getByRole("button", { name: "Theme: dark" }).click();
    assert.equal(await background(page), light);
    await page.context().close();
    assert.deepEqual(
      problems.filter((problem) => !problem.includes("ERR_FAILED")),
      [],
    );
  });

  it("stays where the program of a page does not come, and the page does once it is loaded anew", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs`);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await page.route("**/assets/system-page-*", (route) => route.abort());
    await page.getByRole("link", { name: "System" }).click();
    await page.getByRole("heading", { name: "This page cannot be shown" }).waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.getByRole("link", { name: "Services" }).click();
    await page.getByRole("heading", { name: "Services", level: 1 }).waitFor();
    await page.goBack();
    await page.unroute("**/assets/system-page-*");
    await page.getByRole("button", { name: "Load it anew" }).click();
    await page.getByText("Busbar 0").waitFor();
    await page.context().close();
    // The browser tells of what did not come, and React of what was thrown.
    assert.deepEqual(
      problems.filter((problem) => !/ERR_FAILED|dynamically imported/.test(problem)),
      [],
    );
  });

  it("has its place at 320 pixels, and where everything is magnified", async () => {
    for (const [width, height] of [
      [320, 640],
      [320, 256],
    ] as const) {
      const { page, problems } = await browser.newPage({ width, height });
      for (const path of ["runs", "workflows", "services", "system"]) {
        await page.goto(`${world.url}/${path}`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        const wider =
          "document.documentElement.scrollWidth > innerWidth || document.querySelector('main').scrollWidth > innerWidth";
        assert.equal(await page.evaluate(wider), false, path);
      }
      await page.getByRole("link", { name: "Services" }).click();
      await page.getByRole("heading", { name: "Services", level: 1 }).waitFor();
      await page.context().close();
      assert.deepEqual(problems, []);
    }
  });

  describe("where the server has tokens", () => {
    const made: { [role: string]: { token: string; id: string } } = {};
    before(async () => {
      for (const role of ["viewer", "operator", "admin"] as const) {
        made[role] = await world.api.call("post", "/api/v1/tokens", { body: { role, name: `the ${role}` } });
      }
    });
    const tokenOf = (role: string): string => made[role]?.token ?? assert.fail(role);

    it("asks for one, says what is wrong with it, and shows the page that was asked for", async () => {
      const { page, problems } = await browser.newPage();
      await page.goto(`${world.url}/system`);
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      assert.equal(await page.title(), "Sign in - Busbar");
      assert.equal(await page.evaluate("document.activeElement?.name"), "token");
      await signIn(page, "bsb_not-one");
      await page.getByText("TOKEN_INVALID").waitFor();
      assert.deepEqual(await findBarriers(page), []);
      await signIn(page, tokenOf("operator"));
      await page.getByRole("heading", { name: "System" }).waitFor();
      await page.getByText("Tokens are shown to the role").waitFor();

      await page.getByRole("button", { name: "operator: who am I" }).click();
      await page.getByRole("heading", { name: "the operator" }).waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await page.context().close();
      assert.deepEqual(unexpected(problems), []);
    });

    it("says who may not, and why, and lets nothing be pressed that would be refused", async () => {
      const { page, problems } = await browser.newPage();
      await page.goto(`${world.url}/services`);
      await signIn(page, tokenOf("viewer"));
      const probe = page.getByRole("button", { name: "Probe all now" });
      // Who the reader is may be known later than what there is.
      await page.getByTitle("This needs the role operator, and yours is viewer.").and(probe).waitFor();
      assert.equal(await probe.getAttribute("aria-disabled"), "true");
      await probe.press("Enter");
      const dialog = page.getByRole("dialog");
      await dialog.getByText("This needs the role operator").waitFor();
      assert.deepEqual(await findBarriers(page), []);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      await page.context().close();
      assert.deepEqual(unexpected(problems), []);
    });

    it("says why not also while the page has yet to learn what there is", async () => {
      const { page, problems } = await browser.newPage();
      await page.goto(`${world.url}/services`);
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      const held = await hold(page, "**/api/v1/services");
      await signIn(page, tokenOf("viewer"));
      await held.asked;
      const probe = page.getByRole("button", { name: "Probe all now" });
      await page.getByTitle("This needs the role operator, and yours is viewer.").and(probe).waitFor();
      await probe.press("Enter");
      await page.getByRole("dialog").getByText("This needs the role operator").waitFor();
      held.release();
      await page.getByRole("table").waitFor();
      assert.equal(await page.getByRole("dialog").count(), 1);
      await page.context().close();
      assert.deepEqual(unexpected(problems), []);
    });

    it("shows nothing to press between signing in and the page that comes then", async () => {
      const { page, problems } = await browser.newPage();
      await page.goto(`${world.url}/services`);
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      // What is written into the session's store is there after the load, too.
      await page.evaluate(`new MutationObserver(() => {
        if (document.querySelector("h1")?.textContent !== "Sign in") sessionStorage.setItem("left", "early");
      }).observe(document.body, { childList: true, subtree: true })`);
      await signIn(page, tokenOf("viewer"));
      await page.getByRole("button", { name: "Probe all now" }).waitFor();
      assert.equal(await page.evaluate("sessionStorage.getItem('left')"), null);
      await page.context().close();
      assert.deepEqual(unexpected(problems), []);
    });

    it("asks anew as soon as the token is revoked, in all tabs", async () => {
      const { token, id } = await world.api.call("post", "/api/v1/tokens", { body: { role: "viewer" } });
      const { page, problems } = await browser.newPage();
      await page.goto(`${world.url}/runs`);
      await signIn(page, token);
      await page.getByRole("heading", { name: "Runs" }).waitFor();
      const other = await page.context().newPage();
      await other.goto(`${world.url}/system`);
      await other.getByText("Busbar 0").waitFor();
      await world.api.call("delete", "/api/v1/tokens/{token_id}", { path: { token_id: id } });
      for (const tab of [page, other]) await tab.getByRole("heading", { name: "Sign in" }).waitFor();
      await page.context().close();
      assert.deepEqual(unexpected(problems), []);
    });
  });
});

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.keyboard.press("Enter");
}

/** Answers what is asked for only once it is told to. @returns with what resolves when it is asked for */
async function hold(page: Page, url: string) {
  const { promise, resolve: release } = Promise.withResolvers<void>();
  await page.route(url, async (route) => {
    await promise;
    await route.continue();
  });
  return { asked: page.waitForRequest(url), release };
}

/** What a reader would call the thing that has the focus. */
async function focused(page: Page): Promise<string> {
  return page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent");
}

/** A browser says of every refusal that it was one. */
function unexpected(problems: readonly string[]): readonly string[] {
  return problems.filter((problem) => !problem.includes("401 (Unauthorized)"));
}
