// `busbar events --all`, end to end.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { FeedItem } from "../src/ports/feed.ts";
import { type Cli, chain, createCli } from "./cli/harness.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

async function run(...runIds: readonly string[]): Promise<void> {
  const { address } = await cli.serve("a", () => "fine");
  cli.write("p.json", chain({ a: address }));
  for (const runId of runIds) assert.equal((await cli.run(["run", "p.json", "--run-id", runId])).code, 0);
}

const itemsOf = (stdout: string): FeedItem[] =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line): FeedItem => JSON.parse(line));
const placesOf = (items: readonly FeedItem[]): string[] =>
  items.map((item) => (item.kind === "event" ? `${item.event.run_id} ${item.event.seq}` : item.kind));
const seqs = (runId: string) => [1, 2, 3, 4, 5].map((seq) => `${runId} ${seq}`);
const feed = async (...args: readonly string[]) =>
  itemsOf((await cli.run(["events", "--all", "--json", ...args])).stdout);

describe("busbar events --all", () => {
  it("prints the events of all runs, one a line, and goes on from a cursor", async () => {
    assert.deepEqual(await cli.run(["events", "--all"]), { code: 0, stdout: "", stderr: "" });
    await run("r1", "r2");
    const { code, stdout, stderr } = await cli.run(["events", "--all"]);
    assert.deepEqual([code, stderr], [0, ""]);
    const said = stdout.replaceAll(/^\S+Z {2}/gm, "").replaceAll(/ in .*$/gm, "");
    const lines = (id: string) =>
      `run ${id}  created\nrun ${id}  started\n${id}/a  started\n${id}/a  succeeded\nrun ${id}  succeeded\n`;
    assert.equal(said, lines("r1") + lines("r2"));

    const items = await feed();
    assert.deepEqual(placesOf(items), [...seqs("r1"), ...seqs("r2")]);
    assert.deepEqual(placesOf(await feed("--after", items[6]?.cursor ?? "")), seqs("r2").slice(2));
    assert.deepEqual(placesOf(await feed("--after", "now")), ["now"]);
  });

  it("follows what other processes record, from now on", async () => {
    await run("r1");
    const following = cli.start(["events", "--all", "--json", "--follow", "--after", "now"]);
    await following.shows('"kind":"now"');
    await run("r2", "r3");
    await following.shows('"run_id":"r3","epoch":1,"type":"run.succeeded"');
    following.child.kill("SIGTERM");
    assert.deepEqual(placesOf(itemsOf((await following.ended).stdout)), ["now", ...seqs("r2"), ...seqs("r3")]);
  });

  it("tells of an event that is damaged, in its place, and prints the others", async () => {
    await run("r1");
    const db = new DatabaseSync(join(cli.folder, ".busbar", "journal.db"));
    db.exec("UPDATE events SET body = replace(body, 'started', 'starter') WHERE seq = 2");
    db.close();
    const json = await cli.run(["events", "--all", "--json"]);
    assert.deepEqual(placesOf(itemsOf(json.stdout)), ["r1 1", "damaged", "r1 3", "r1 4", "r1 5"]);
    const { code, stdout, stderr } = await cli.run(["events", "--all"]);
    assert.deepEqual([json.code, code, stdout.split("\n").length], [31, 31, 5]);
    for (const said of [stderr, json.stderr]) assert.match(said, /^JOURNAL_DAMAGED: .*r1 is damaged at event 2/);
  });

  it("says where a cursor leads nowhere, and what is wrong on the command line", async () => {
    await run("r1");
    const { stdout, stderr } = await cli.run(["events", "--all", "--after", "ezz.0.0"]);
    assert.match(stderr, /^the events after that cursor are not in this journal; .* Next: busbar runs\n$/);
    assert.equal(stdout.split("\n").length, 6);
    for (const args of [[], ["r1", "--all"], ["--all", "--after", "7"], ["r1", "--after", "ezz.0.0"]]) {
      const { code, stderr: said } = await cli.run(["events", ...args]);
      assert.equal(code, 2, said);
      assert.match(said, /^USAGE: /);
    }
  });
});
