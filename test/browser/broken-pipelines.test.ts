// Six pipelines that break, met by somebody who has never seen the dashboard: the page of the run answers what failed,
// why, what that affected, and what to do, without the terminal. docs/guides/dashboard.md says what came of it.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { describeFile } from "../../src/testing/peers/describe-file.ts";
import { startGrpcPeer } from "../../src/testing/peers/grpc.ts";
import { until } from "../../src/testing/until.ts";
import { findBarriers } from "./axe.ts";
import { useDashboard } from "./use-dashboard.ts";
import { nodeIs, runEnded, startRun } from "./world.ts";

/** What a reader has to find in the line, in this order. */
interface Answers {
  readonly what: RegExp;
  readonly why: RegExp;
  readonly affected: RegExp;
  readonly todo: RegExp;
}

describe("a pipeline that broke", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });

  async function read(runId: string, answers: Answers): Promise<void> {
    const { page, problems } = await browser.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(`${world.url}/runs/${runId}`);
    const line = page.getByRole("main").locator(".explain-line");
    await line.waitFor();
    const told = ((await line.textContent()) ?? "").replaceAll(/\s+/g, " ");
    const [, remedy = ""] = /\. ([A-Z][^.]+)\. (?:Next|Then):/.exec(told) ?? [];
    if (remedy !== "") assert.equal(told.split(remedy).length, 2, `it is said once: ${told}`);
    for (const [question, answer] of Object.entries(answers)) assert.match(told, answer, `${question}: ${told}`);
    assert.deepEqual(problems, []);
    await page.context().close();
  }

  /** Writes a workflow's file, and waits until the server has seen it. */
  async function rewrite(file: string, name: string, text: string): Promise<void> {
    const seen = async () => (await world.api.call("get", "/api/v1/workflows/{name}", { path: { name } })).updated_at;
    const before = await seen();
    writeFileSync(join(world.workflows, file), text);
    await until(async () => (await seen()) !== before);
  }

  it("by a service that went down: which, what was skipped, and that it has to run and the run to be resumed", async () => {
    const letGo = world.services.all.get("energy-generator")?.hold();
    await startRun(world, "energy_data_pipeline", "down");
    await nodeIs(world, "down", "energy-generator", "running");
    await world.services.all.get("energy-analyzer")?.stop();
    letGo?.();
    await runEnded(world, "down");
    await world.services.all.get("energy-analyzer")?.start();
    await read("down", {
      what: /energy-analyzer failed after 4 attempts/,
      why: /connection refused .*nothing listens there/,
      affected: /report-generator was skipped/,
      todo: /Check that the service runs and stays up.*busbar resume down/,
    });
  });

  it("by a service with another contract: which, what it lacks, that nothing was called, and to rebuild it", async () => {
    const peer = await startGrpcPeer({ executes: false, describes: [describeFile({})] });
    world.cli.write(
      join("workflows", "foreign.json"),
      JSON.stringify({
        workflow_name: "foreign",
        start_node: "a",
        service_registry: { stranger: peer.address, meters: world.services.all.get("meters")?.address },
        containers: {
          a: { service: "meters", input_file: "i", output_file: "o", next_node: "b" },
          b: { service: "stranger", input_file: "o", output_file: "p" },
        },
      }),
    );
    try {
      await world.cli.run(["run", join("workflows", "foreign.json"), "--run-id", "foreign", "--server", world.url]);
      await read("foreign", {
        what: /stranger/,
        why: /ContainerExecutor|contract/,
        affected: /before any node|nothing was called|no node/i,
        todo: /busbar resume foreign|rebuild/i,
      });
    } finally {
      await peer.close();
    }
  });

  it("by bad data: which file, what is wrong in it, and to mend it", async () => {
    writeFileSync(join(world.dataRoot, "bad.csv"), "a,b\n1,2\n");
    await startRun(world, "energy_data_pipeline", "data", { input_file: "bad.csv" });
    await runEnded(world, "data");
    await read("data", {
      what: /energy-generator failed/,
      why: /Missing columns: timestamp/,
      affected: /2 nodes.*skipped|energy-analyzer.*skipped/,
      todo: /mend the file that the node reads.*It reads \/data\/bad\.csv.*busbar resume data/,
    });
  });

  it("by a service that takes too long under load: how long it had, and what to change", async () => {
    world.services.script({ quote: "hold" });
    await startRun(world, "price_lookup", "slow");
    await runEnded(world, "slow");
    world.services.script({ quote: undefined });
    await read("slow", {
      what: /quote failed after 2 attempts/,
      why: /did not answer within 400 ms/,
      affected: /apply was skipped/,
      todo: /timeout_seconds.*busbar resume slow/,
    });
  });

  it("by a server that was killed: that the stream is lost, and that the run goes on when it is back", async () => {
    world.services.script({ parse: "hold" });
    await startRun(world, "tariff_import", "killed", { day: "x" });
    await nodeIs(world, "killed", "parse", "running");
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs/killed`);
    await page.getByRole("main").getByText("running").first().waitFor();
    await world.stopServer("SIGKILL");
    await page
      .getByText(/not live since/i)
      .first()
      .waitFor();
    await world.startServer();
    await page
      .getByText(/not live since/i)
      .first()
      .waitFor({ state: "detached" });
    world.services.script({ parse: undefined });
    await page.getByRole("main").getByText("succeeded", { exact: true }).first().waitFor();
    assert.deepEqual(
      problems.filter((problem) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/.test(problem)),
      [],
    );
  });

  // The last: from its token on, the server asks who somebody is.
  it("by an address that is wrong: the file is mended, and the run goes on with that, by an operator", async () => {
    const { token } = await world.api.call("post", "/api/v1/tokens", { body: { role: "operator", name: "otto" } });
    await startRun(world, "archive_year", "address");
    await runEnded(world, "address");
    const { page, problems } = await browser.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(`${world.url}/runs/address`);
    await page.getByLabel(/token/i).first().fill(token);
    await page.keyboard.press("Enter");
    const main = page.getByRole("main");
    const line = main.locator(".explain-line");
    await line.getByText(/Preflight failed: .*tariff-archive/).waitFor();
    assert.equal(await line.getByText(/its file/i).count(), 0);
    const resume = main.getByRole("button", { name: "Resume" });
    const wrong = readFileSync(join(world.workflows, "archive.json"), "utf8");
    const mended = wrong.replaceAll(world.services.nowhere, world.services.all.get("meters")?.address ?? "");

    // A slip while mending it: said, and not to be chosen.
    await rewrite("archive.json", "archive_year", mended.replace('"input_file"', '"input"'));
    await page.reload();
    await line.getByText("Its file is broken as it stands now.").waitFor();
    await resume.click();
    const broken = page.getByRole("dialog", { name: "Resume: its file is broken" });
    await broken.getByRole("link", { name: /^archive\.json:\d+:\d+$/ }).waitFor();
    assert.equal(await broken.getByLabel("As its file is now").isDisabled(), true);
    assert.equal(await broken.getByLabel("As it was").isChecked(), true);
    assert.deepEqual(await findBarriers(page), []);
    await page.keyboard.press("Escape");

    await rewrite("archive.json", "archive_year", mended);
    await page.reload();
    await line.getByText("Its file has changed since: resume with it.").waitFor();
    await line.getByText("busbar resume address --file archive_year").waitFor();
    await resume.click();
    const dialog = page.getByRole("dialog", { name: "Resume: its file has changed" });
    await dialog.getByText(`busbar resume address --file archive_year --server ${world.url}`).waitFor();
    assert.equal(await dialog.getByLabel("As its file is now").isChecked(), true);
    await dialog.locator(".line-diff-gone", { hasText: world.services.nowhere }).waitFor();
    await dialog.getByLabel("As it was").check();
    await dialog.getByText(`busbar resume address --server ${world.url}`).waitFor();
    await dialog.getByLabel("As its file is now").check();
    assert.deepEqual(await findBarriers(page), []);
    await dialog.getByRole("button", { name: "Resume", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await main.getByText("2 succeeded").waitFor();

    // Of the run that has succeeded, with the file as it was before, a new one is as it was unless somebody says so.
    await rewrite("archive.json", "archive_year", wrong);
    await main.getByRole("button", { name: "Rerun" }).click();
    const again = page.getByRole("dialog", { name: "Rerun as a new run" });
    assert.equal(await again.getByLabel("As it was").isChecked(), true);
    await again.getByLabel("As its file is now").check();
    await again.getByText(/busbar rerun address --from pack --file archive_year/).waitFor();
    assert.deepEqual(problems.filter(isOfPage), []);
    await page.context().close();
  });
});

/** Before somebody has signed in, the server says that it does not know them. */
function isOfPage(problem: string): boolean {
  return !/status of 401/.test(problem);
}
