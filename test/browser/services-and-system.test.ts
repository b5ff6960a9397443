// The pages of the services and of the server itself, on a real server whose services are stopped and started.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { createApiClient } from "../../dashboard/api/client.ts";
import { findBarriers } from "./axe.ts";
import { useDashboard } from "./use-dashboard.ts";

describe("services and system", () => {
  const { world, browser } = useDashboard({ runs: false });
  let admin: string;

  before(async () => {
    ({ token: admin } = await world.api.call("post", "/api/v1/tokens", { body: { role: "admin", name: "ada" } }));
  });
  async function open(path: string, options: { width?: number; height?: number; theme?: "light" | "dark" } = {}) {
    const opened = await browser.newPage(options);
    const { page } = opened;
    await page.goto(`${world.url}${path}`);
    await page.getByLabel("Token").fill(admin);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sign in" }).waitFor({ state: "detached" });
    return opened;
  }

  /** Whom the server takes somebody with that token for; nobody where it takes it no more. */
  async function nameOf(token: string): Promise<string | undefined> {
    const client = createApiClient(world.url, { authorization: `Bearer ${token}` });
    return client.call("get", "/api/v1/session", {}).then(
      ({ name }) => name,
      () => undefined,
    );
  }

  /** The part of the table that tells of one service. */
  const serviceOf = (page: Page, name: string) =>
    page.locator("tbody").filter({ has: page.getByRole("rowheader", { name, exact: false }) });

  it("says how a service is when it is looked at, what to do where it is down, and that it is well again", async () => {
    const { page, problems } = await open("/services");
    const analyzer = serviceOf(page, "energy-analyzer");
    await analyzer.getByText("not looked at").waitFor();
    await page.getByRole("button", { name: "Probe all now" }).click();
    await analyzer.getByText("serving", { exact: true }).waitFor();
    await page.getByText("1 unreachable").waitFor();
    await serviceOf(page, "tariff-archive").getByText("Start the service, or mend its address").waitFor();
    assert.deepEqual(await findBarriers(page), []);

    const service = world.services.all.get("energy-analyzer") ?? assert.fail();
    await service.stop();
    await analyzer.getByRole("button", { name: "Probe now: energy-analyzer" }).click();
    await analyzer.getByText("unreachable", { exact: true }).waitFor();
    await analyzer.getByText("SERVICE_UNREACHABLE").waitFor();
    await service.start();
    await analyzer.getByRole("button", { name: "Probe now: energy-analyzer" }).click();
    await analyzer.getByText("serving", { exact: true }).waitFor();
    await analyzer.getByText("Last error").waitFor();
    await analyzer.getByRole("link", { name: "energy_data_pipeline" }).click();
    await page.waitForURL("**/workflows/energy_data_pipeline");
    await page.context().close();
    assert.deepEqual(unexpected(problems), []);
  });

  it("follows the calls of runs, and a service that goes down while one needs it", async () => {
    const { page, problems } = await open("/services");
    const meters = serviceOf(page, "meters");
    const calls = meters.getByRole("cell").nth(3);
    await calls.getByText("0", { exact: true }).waitFor();
    world.services.script({ collect: "hold" });
    await world.api.call("post", "/api/v1/runs", { body: { workflow: "weekly_report" } });
    await calls.getByText("1", { exact: true }).waitFor();
    await meters.getByText("1 run now").waitFor();
    await meters.getByText("watched").waitFor();
    const service = world.services.all.get("meters") ?? assert.fail();
    await service.stop();
    await meters.getByText("unreachable", { exact: true }).waitFor();
    world.services.script({ collect: undefined });
    await service.start();
    await meters.getByText("serving", { exact: true }).waitFor();
    await page.context().close();
    assert.deepEqual(unexpected(problems), []);
  });

  it("says what went wrong where a press does not help, and lets it be tried again", async () => {
    const { page, problems } = await open("/services");
    await page.route("**/services/probe", (route) => route.abort());
    await page.getByRole("button", { name: "Probe all now" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("the server does not answer").waitFor();
    await dialog.getByText("curl -f -X POST").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.unroute("**/services/probe");
    await dialog.getByRole("button", { name: "Try again" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.context().close();
    assert.deepEqual(
      unexpected(problems).filter((problem) => !problem.includes("ERR_FAILED")),
      [],
    );
  });

  it("makes a token that is shown once, and revokes it when it was asked whether it should", async () => {
    const { page, problems } = await open("/system");
    await page.getByText("Busbar 0").waitFor();
    await page.getByRole("button", { name: "New token" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio", { name: /^viewer/ }).check();
    await dialog.getByLabel("Whose it is").fill("the wall's screen");
    await dialog.getByLabel("Expires").selectOption("30d");
    await dialog.getByText("busbar token create --role viewer --name 'the wall'\\''s screen' --expires 30d").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await dialog.getByRole("button", { name: "Make it" }).click();
    await page.getByRole("heading", { name: "The new token" }).waitFor();
    const token = (await dialog.locator("code").textContent()) ?? "";
    assert.equal(await nameOf(token), "the wall's screen");
    await dialog.getByRole("button", { name: "I have it" }).click();

    const revoke = page.getByRole("button", { name: "Revoke: the wall's screen" });
    await revoke.click();
    await dialog.getByRole("button", { name: "No, leave it" }).click();
    await revoke.click();
    await dialog.getByText(/busbar token revoke \w+/).waitFor();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await revoke.waitFor({ state: "detached" });
    assert.equal(await nameOf(token), undefined);
    await page.context().close();
    assert.deepEqual(unexpected(problems), []);
  });

  it("shows who did what, page by page", async () => {
    // Each is refused, and stands there nevertheless.
    for (let n = 0; n < 30; n += 1) {
      await assert.rejects(world.api.call("post", "/api/v1/runs", { body: { workflow: `none-${n}` } }));
    }
    const { page, problems } = await open("/system");
    const audit = page.getByRole("region", { name: "Audit" });
    await audit.getByText("session.open").first().waitFor();
    await audit.getByText("none-29").waitFor();
    await audit.getByText("WORKFLOW_UNKNOWN").first().waitFor();
    assert.equal(await audit.getByText("none-0", { exact: true }).count(), 0);
    await audit.getByRole("button", { name: "Older" }).click();
    await audit.getByText("none-0", { exact: true }).waitFor();
    await audit.getByText("token.create").first().waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await audit.getByRole("button", { name: "Newer" }).click();
    await audit.getByText("none-29").waitFor();
    await page.context().close();
    assert.deepEqual(unexpected(problems), []);
  });

  it("keeps nobody out on a phone in the dark", async () => {
    for (const path of ["/services", "/system"]) {
      const { page, problems } = await open(path, { width: 390, height: 844, theme: "dark" });
      await page.getByRole("rowheader").first().waitFor();
      assert.deepEqual(await findBarriers(page), []);
      const wider =
        "document.documentElement.scrollWidth > innerWidth || document.querySelector('main').scrollWidth > innerWidth";
      assert.equal(await page.evaluate(wider), false);
      await page.context().close();
      assert.deepEqual(unexpected(problems), []);
    }
  });

  it("has its size before it is there, says what is wrong where it does not come, and what to do where there is none", async () => {
    const { page, problems } = await open("/runs");
    const ask = Promise.withResolvers<void>();
    await page.route("**/api/v1/services", async (route) => {
      await ask.promise;
      await route.fulfill({ json: { services: [] } });
    });
    await page.getByRole("link", { name: "Services" }).click();
    // The page's own skeleton, not that of its program.
    await page.getByRole("heading", { name: "Services", level: 1 }).waitFor();
    await page.getByRole("status", { name: "Loading" }).waitFor();
    assert.deepEqual(await findBarriers(page), []);
    ask.resolve();
    await page.getByText("No workflow of this server names a service yet.").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.unroute("**/api/v1/services");
    await page.route("**/api/v1/system", (route) => route.abort());
    await page.getByRole("link", { name: "System" }).click();
    await page.getByText("the server does not answer").waitFor();
    await page.unroute("**/api/v1/system");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Busbar 0").waitFor();
    await page.context().close();
    assert.deepEqual(
      unexpected(problems).filter((problem) => !problem.includes("ERR_FAILED")),
      [],
    );
  });
});

/** A browser says of every refusal that it was one. */
function unexpected(problems: readonly string[]): readonly string[] {
  return problems.filter((problem) => !problem.includes("401 (Unauthorized)"));
}
