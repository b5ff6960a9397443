// The pages of workflows in a real browser: the list, the form, the source with what is wrong in it, versions, outcomes.
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Locator, Page } from "playwright-core";
import type { WorkflowListing } from "../../dashboard/api/shapes.ts";
import { readOwnToken } from "../../src/app/server/own-token.ts";
import { findBarriers } from "./axe.ts";
import type { PageOptions } from "./browser.ts";
import { useDashboard } from "./use-dashboard.ts";

/** How far the page goes beyond its edge, sideways. */
const BEYOND = `Math.max(...[document.documentElement, document.querySelector("main")]
  .map((element) => element.scrollWidth - element.clientWidth))`;

/** Playwright waits 30 s, which is most of what there is for all. */
const PATIENCE_MS = 10_000;

const METERS = (address: string, batch = 500) => `workflow_name: read_meters
params:
  day: { description: "The day to read, as YYYY-MM-DD", type: string }
  batch: { description: Meters of one call, type: integer, default: ${batch} }
  threshold: { type: number, default: 0.75 }
  dry_run: { type: boolean, default: false }
  force: { type: boolean }
start_node: read
service_registry: { meters: "${address}" }
containers:
  read: { service: meters, input_file: "/data/\${params.day}", output_file: /data/read, next_node: check }
  check: { service: meters, input_file: /data/read, output_file: /data/checked }
`;

describe("the pages of workflows", { timeout: 400_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });
  const address = (): string => world.services.all.get("meters")?.address ?? "";
  const store = (batch?: number): void => {
    world.cli.write(join("workflows", "meters.yaml"), METERS(address(), batch));
  };
  const newPage = async (options?: PageOptions) => {
    const opened = await browser.newPage(options);
    opened.page.setDefaultTimeout(PATIENCE_MS);
    return opened;
  };
  const open = async (path: string, options?: PageOptions) => {
    const opened = await newPage(options);
    await opened.page.goto(`${world.url}${path}`);
    return opened;
  };
  /** Looks again at once, as the page does now and then. */
  const lookAgain = (page: Page): Promise<void> =>
    page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
  /** The server follows the files. */
  const waitFor = async (name: string, holds: (workflow: WorkflowListing) => boolean): Promise<void> => {
    for (;;) {
      const { workflows } = await world.api.call("get", "/api/v1/workflows", {});
      if (workflows.some((workflow) => workflow.name === name && holds(workflow))) return;
      await setTimeout(50);
    }
  };

  before(async () => {
    store();
    await waitFor("read_meters", ({ valid }) => valid);
  });
  for (const options of [{}, { width: 320, height: 700 }, { width: 390, height: 844, theme: "dark" }] as const) {
    it(`keeps nobody out, and nothing beyond the edge: ${JSON.stringify(options)}`, async () => {
      const { page, problems } = await open("/workflows", options);
      for (const [path, text] of [
        ["/workflows", "start_node is missing"],
        ["/workflows/read_meters", "Start run"],
        ["/workflows/energy_slip", "mistakes in energy-slip.yaml"],
      ] as const) {
        await page.goto(`${world.url}${path}`);
        await page.getByText(text).first().waitFor();
        await page
          .getByText(/no run yet|No run of it/)
          .first()
          .waitFor();
        assert.deepEqual(await findBarriers(page), [], path);
        assert.equal(await page.evaluate(BEYOND), 0, `${path} goes beyond its edge`);
      }
      assert.deepEqual(problems, []);
    });
  }

  it("finds a workflow by its name or file, from the keyboard, and says where none has that", async () => {
    const { page, problems } = await open("/workflows");
    const rows = page.getByRole("table").locator("tbody tr");
    await page.getByRole("link", { name: "read_meters", exact: true }).waitFor();
    assert.ok((await rows.count()) > 5);
    await page.keyboard.press("/");
    await page.keyboard.type("METERS.y");
    assert.equal(await rows.count(), 1);
    await page.keyboard.type("x");
    await page.getByText("No workflow has that").waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    assert.ok((await rows.count()) > 5);
    assert.deepEqual(problems, []);
  });

  it("says at each field what is wrong with it, shows the start as a command, and goes to the run", async () => {
    const { page, problems } = await open("/workflows");
    await page.getByRole("link", { name: "Start read_meters" }).click();
    const day = page.getByLabel("day text, required");
    await day.waitFor();
    assert.equal(await isFocused(day), true);

    await page.getByLabel("batch").fill("1.5");
    await page.getByRole("button", { name: "Start run" }).click();
    for (const wrong of ["day is required", "force is required", "batch must be a whole number"]) {
      await page.getByText(wrong).waitFor();
    }
    assert.equal(await isFocused(day), true);
    assert.equal(await day.getAttribute("aria-invalid"), "true");
    assert.deepEqual(await findBarriers(page), []);

    await day.fill("26 Nov");
    await page.getByLabel("batch").fill("20");
    await page.getByLabel("force").selectOption("true");
    await page.getByText("Run id and priority").click();
    await page.getByLabel("Run id").fill("meters-1");
    await page.getByLabel("Priority").fill("7");
    const words = "busbar run read_meters --param 'day=26 Nov' --param batch=20 --param force=true";
    await page.getByText(`${words} --run-id meters-1 --priority 7 --server ${world.url}`).waitFor();
    await page.getByRole("button", { name: "Start run" }).click();
    await page.waitForURL("**/runs/meters-1");
    const run = await world.api.call("get", "/api/v1/runs/{run_id}", { path: { run_id: "meters-1" } });
    assert.deepEqual(run.params, { day: "26 Nov", batch: 20, force: true });
    assert.equal(run.priority, 7);

    // What only the server knows stands at its field, too.
    await page.goto(`${world.url}/workflows/read_meters`);
    await page.getByRole("textbox", { name: "day" }).fill("another");
    await page.getByLabel("force").selectOption("false");
    await page.getByText("Run id and priority").click();
    await page.getByLabel("Run id").fill("meters-1");
    await page.getByRole("button", { name: "Start run" }).click();
    await page.getByText("RUN_EXISTS").waitFor();
    assert.equal(await page.getByLabel("Run id").getAttribute("aria-invalid"), "true");
    // The browser itself tells of an answer that is no success.
    assert.deepEqual(
      problems.filter((problem) => !problem.includes("status of 409")),
      [],
    );
  });

  it("makes one run of a start whose answer was lost and which is asked for again", async () => {
    const { page, problems } = await open("/workflows/weekly_report#start");
    let isLost = false;
    await page.route("**/api/v1/runs", async (route) => {
      if (isLost || route.request().method() !== "POST") return route.continue();
      isLost = true;
      await route.fetch();
      await route.abort();
    });
    await page.getByRole("button", { name: "Start run" }).click();
    await page.getByText("the server does not answer").waitFor();
    await page.getByRole("button", { name: "Start run" }).click();
    await page.waitForURL("**/runs/*");
    const { runs } = await world.api.call("get", "/api/v1/runs", { query: { workflow: "weekly_report" } });
    assert.equal(runs.length, 1);
    assert.deepEqual(
      problems.filter((problem) => !problem.includes("ERR_FAILED")),
      [],
    );
  });

  it("shows what is wrong where it is wrong, and follows the file", async () => {
    const { page, problems } = await open("/workflows/energy_slip");
    await page.getByRole("link", { name: "8:16" }).click();
    const wrong = page.locator("#line-8");
    assert.equal((await wrong.and(page.locator(":target")).count()) === 1, true);
    assert.equal(await wrong.locator(".source-marked").textContent(), '"energy-analyser"'.replaceAll('"', ""));
    await wrong.getByText('next_node "energy-analyser" does not exist').waitFor();
    await page.getByText("It has no version that was valid").waitFor();
    assert.equal(await page.getByRole("button", { name: "Start run" }).count(), 0);

    world.cli.write(join("workflows", "energy-slip.yaml"), METERS(address()).replace("read_meters", "energy_slip"));
    await waitFor("energy_slip", ({ valid }) => valid);
    await lookAgain(page);
    await page.getByRole("button", { name: "Start run" }).waitFor();
    await page.getByRole("heading", { name: "Graph" }).waitFor();
    assert.deepEqual(problems, []);
  });

  it("says what each version changed, and starts an older one, also while the file is broken", async () => {
    store(400);
    await waitFor("read_meters", ({ versions }) => versions === 2);
    const { page, problems } = await open("/workflows/read_meters");
    await seeVersions(page);
    await page.getByText("+1 lines new").waitFor();
    await page.getByRole("button", { name: "What changed" }).click();
    const changes = page.getByRole("region", { name: /^What .* changed$/ });
    await changes.getByText("default: 400").waitFor();
    await changes.getByText("default: 500").waitFor();
    assert.deepEqual(await findBarriers(page), []);

    world.cli.write(
      join("workflows", "meters.yaml"),
      METERS(address(), 400).replace("next_node: check", "next_node: chek"),
    );
    await waitFor("read_meters", ({ valid }) => !valid);
    await lookAgain(page);
    await page.getByText("1 mistake in meters.yaml").or(page.getByText("2 mistakes in meters.yaml")).waitFor();
    await page.getByRole("link", { name: "Its last valid version can be started." }).click();
    await page.getByText("This is how it was in the version").waitFor();
    assert.equal(await page.getByLabel("batch").inputValue(), "400");
    await page.getByRole("listitem").filter({ hasText: "the first" }).getByRole("link").click();
    await page.locator('[name="batch"][value="500"]').waitFor();
    await page.getByText(/^curl .*"definition_hash":"sha256:.*\/api\/v1\/runs$/).waitFor();
    await page.getByRole("textbox", { name: "day" }).fill("old");
    await page.getByLabel("force").selectOption("true");
    await page.getByRole("button", { name: "Start run" }).click();
    await page.waitForURL("**/runs/*");
    const runId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    const run = await world.api.call("get", "/api/v1/runs/{run_id}", { path: { run_id: runId } });
    const { history } = await world.api.call("get", "/api/v1/workflows/{name}", { path: { name: "read_meters" } });
    assert.equal(run.definition_hash, history.at(-1)?.definition_hash);
    store(400);
    assert.deepEqual(problems, []);
  });

  it("has a year of outcomes, gone through by keyboard, and leads to the runs of a day", async () => {
    const { page, problems } = await newPage();
    const days = [
      { day: dayBefore(40), succeeded: 3, failed: 0, cancelled: 0 },
      { day: dayBefore(3), succeeded: 8, failed: 2, cancelled: 0 },
      { day: dayBefore(0), succeeded: 0, failed: 0, cancelled: 1 },
    ];
    const recent = [{ run_id: "meters-1", status: "succeeded", created_at: "2026-01-01T00:00:00Z", duration_ms: 134 }];
    await page.route("**/stats", (route) => route.fulfill({ json: { days, recent } }));
    await page.goto(`${world.url}/workflows/read_meters`);
    await page.getByText("11 succeeded, 2 failed, 1 cancelled in a year").waitFor();
    const calendar = page.getByRole("group", { name: "Outcomes by day" });
    assert.equal(await calendar.getByRole("link").count(), 3);
    await calendar.getByRole("link", { name: ": 1 cancelled" }).focus();
    await page.keyboard.press("ArrowLeft");
    assert.match((await calendar.locator(":focus").getAttribute("aria-label")) ?? "", /: 8 succeeded, 2 failed$/);
    await page.keyboard.press("Home");
    assert.match((await calendar.locator(":focus").getAttribute("aria-label")) ?? "", /: 3 succeeded$/);
    assert.deepEqual(await findBarriers(page), []);
    await page.getByRole("link", { name: "meters-1: succeeded after 134 ms" }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/runs?workflow=read_meters&day=${dayBefore(40)}`);
    assert.deepEqual(problems, []);
  });

  it("counts a run that has ended without being loaded anew", async () => {
    const { page, problems } = await open("/workflows/nightly_backup");
    await page.getByText("No run of it has ended yet.").waitFor();
    world.services.script({ freeze: "hold" });
    await world.api.call("post", "/api/v1/runs", { body: { workflow: "nightly_backup", run_id: "backup-1" } });
    await page.getByRole("listitem").filter({ hasText: "running" }).getByRole("link", { name: "backup-1" }).waitFor();
    world.services.script({ freeze: undefined });
    await page.getByText("1 succeeded in a year").waitFor();
    await page.getByRole("link", { name: /^backup-1: succeeded/ }).waitFor();
    await page.getByText("Not ended yet").waitFor({ state: "detached" });
    assert.deepEqual(problems, []);
  });

  it("shows a file of 20,000 lines at once", async () => {
    const { page, problems } = await newPage();
    const text = Array.from({ length: 20_000 }, (_, line) => `key_${line}: "value ${line}"`).join("\n");
    await page.route("**/api/v1/workflows/read_meters", async (route) => {
      const answer = await (await route.fetch()).json();
      await route.fulfill({ json: { ...answer, definition_text: text } });
    });
    await page.goto(`${world.url}/workflows/read_meters`);
    await page.getByText("YAML, 20,000 lines").waitFor();
    assert.ok((await page.locator(".source-line").count()) < 1_000);
    await page.locator(".source").evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.locator("#line-20000").waitFor();
    assert.equal((await page.locator(".source").textContent())?.includes("value 9999"), true);
    assert.deepEqual(problems, []);
  });

  it("has its states: being loaded, not there, no answer", async () => {
    const { page, problems } = await newPage();
    await page.route("**/api/v1/workflows/read_meters", () => new Promise(() => undefined));
    await page.goto(`${world.url}/workflows/read_meters`);
    await page.getByRole("heading", { name: "read_meters" }).waitFor();
    await page.getByRole("status", { name: "Loading" }).waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.goto(`${world.url}/workflows/nothing`);
    await page.getByRole("heading", { name: "Not found" }).waitFor();
    await page.route("**/api/v1/workflows", (route) => route.abort());
    await page.goto(`${world.url}/workflows`);
    await page.getByText("the server does not answer").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.unroute("**/api/v1/workflows");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: "read_meters", exact: true }).waitFor();
    await page.route("**/api/v1/workflows", (route) => route.fulfill({ json: { workflows: [] } }));
    await page.reload();
    await page.getByText("No workflows yet").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(
      problems.filter((problem) => !/status of 404|ERR_FAILED/.test(problem)),
      [],
    );
  });

  it("stores what an admin uploads, tells what is wrong with it, and lets nobody else", async () => {
    const { page, problems } = await open("/workflows");
    const upload = page.getByRole("button", { name: "Upload a workflow" });
    await page.getByText("operator").first().waitFor();
    assert.equal(await upload.getAttribute("aria-disabled"), "true");
    await upload.click({ force: true });
    assert.equal(await page.getByRole("dialog").count(), 0);

    await signIn(page, readOwnToken(world.stateDir) ?? "");
    await page.goto(`${world.url}/workflows`);
    await page.getByText("admin").first().waitFor();
    await upload.click();
    const dialog = page.getByRole("dialog");
    const text = METERS(address()).replace("read_meters", "uploaded");
    const file = (content: string) => ({ name: "uploaded.yaml", mimeType: "text/yaml", buffer: Buffer.from(content) });
    await dialog.getByLabel("A file").setInputFiles(file(text.replace("next_node: check", "next_node: chek")));
    await dialog.getByRole("button", { name: "Store" }).click();
    await dialog.getByText("Did you mean “check”?").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await dialog.getByLabel("A file").setInputFiles(file(text));
    await dialog.getByRole("button", { name: "Store" }).click();
    await page.waitForURL("**/workflows/uploaded");

    await page.getByRole("button", { name: "Replace its file" }).click();
    await dialog.getByLabel("or its text").fill(text.replace("default: 500", "default: 600"));
    await dialog.getByRole("button", { name: "Replace" }).click();
    await dialog.waitFor({ state: "detached" });
    await seeVersions(page);
    await page.getByText("+1 lines new").waitFor();
    assert.equal(await page.getByLabel("batch").inputValue(), "600");

    const viewer = await world.api.call("post", "/api/v1/tokens", { body: { role: "viewer" } });
    await signIn(page, viewer.token);
    await page.reload();
    await page.getByText("Starting needs the role operator; yours is viewer.").waitFor();
    await page.getByRole("textbox", { name: "day" }).fill("x");
    assert.deepEqual(await findBarriers(page), []);
    assert.equal(await page.getByRole("button", { name: "Start run" }).getAttribute("aria-disabled"), "true");
    assert.deepEqual(
      problems.filter((problem) => !problem.includes("status of 422")),
      [],
    );
  });
});

/** @returns so many days ago, as the server counts them */
function dayBefore(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

/** What versions changed is asked for when they come into view. */
function seeVersions(page: Page): Promise<void> {
  return page.getByRole("heading", { name: "Versions" }).scrollIntoViewIfNeeded();
}

function isFocused(field: Locator): Promise<boolean> {
  return field.evaluate((element) => element.matches(":focus"));
}

async function signIn(page: Page, token: string): Promise<void> {
  const status = await page.evaluate(async (secret) => {
    const headers = { "content-type": "application/json" };
    return (await fetch("/api/v1/session", { method: "POST", headers, body: JSON.stringify({ token: secret }) }))
      .status;
  }, token);
  assert.equal(status, 200);
}
