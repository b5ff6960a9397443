// The live table on a real terminal.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { type Cli, chain, createCli } from "./cli/harness.ts";
import { findTmux, openTerminal, type Terminal } from "./cli/terminal.ts";

const { skip } = findTmux();
const PATIENCE_MS = 20_000;

describe("a run on a terminal", { skip }, () => {
  let cli: Cli;
  let terminal: Terminal | undefined;
  let release = (): void => undefined;
  beforeEach(() => {
    cli = createCli();
  });
  afterEach(async () => {
    release();
    await terminal?.close();
    await cli.close();
  });

  /** Starts a run whose first node is at work until it is released, in a shell. */
  async function begin(nodes: number, columns: number, rows: number): Promise<Terminal> {
    const { promise, resolve } = Promise.withResolvers<string>();
    release = () => resolve("fine");
    const { address } = await cli.serve("slow", () => promise);
    const ids = Array.from({ length: nodes }, (_, index) => `node-${index}`);
    cli.write("p.json", chain(Object.fromEntries(ids.map((id) => [id, address]))));
    terminal = await openTerminal({ folder: cli.folder, columns, rows, env: { BUSBAR: cli.command.join(" ") } });
    await terminal.type("$BUSBAR run p.json --run-id r1", "Enter");
    return terminal;
  }
  const heads = (screen: string): number => screen.split("\n").filter((line) => /node +status/.test(line)).length;

  /** The size of the history while the table is drawn again and again, which is the same from one second to the next. */
  async function settledHistory(terminal: Terminal): Promise<number> {
    const sizes = [await terminal.historySize()];
    while (sizes.length < 2 || sizes.at(-1) !== sizes.at(-2)) {
      if (sizes.length > PATIENCE_MS / 1000) assert.fail(`the history grows: ${sizes}`);
      await setTimeout(1000);
      sizes.push(await terminal.historySize());
    }
    return sizes.at(-1) ?? 0;
  }

  /** What is being drawn stands there a little later. */
  async function becomes(look: () => Promise<number>, wanted: number, what: string): Promise<void> {
    const last = performance.now() + PATIENCE_MS;
    let seen = await look();
    while (seen !== wanted && performance.now() < last) {
      await setTimeout(50);
      seen = await look();
    }
    assert.equal(seen, wanted, what);
  }

  it("has one table, which leaves nothing in the history, whatever the size of the terminal becomes", async () => {
    const terminal = await begin(152, 80, 24);
    const first = await terminal.shows(/… 13\d more nodes\n/);
    assert.equal(heads(first), 1);
    const before = await settledHistory(terminal);
    assert.equal(await terminal.cursorShown(), false);
    for (const [columns, rows] of [
      [60, 24],
      [100, 24],
      [44, 24],
      [80, 24],
    ] as const) {
      await terminal.resize(columns, rows);
      await setTimeout(300);
      await becomes(async () => heads(await terminal.shows(/more nodes/)), 1, `tables at ${columns}x${rows}`);
    }
    await becomes(terminal.historySize, before, "lines of the history");
    release();
    await terminal.shows(/run r1 succeeded[\s\S]*ready>/);
    assert.equal(await terminal.cursorShown(), true);
  });

  it("gives the cursor back on Ctrl-Z, draws anew when it goes on, and again on Ctrl-\\", async () => {
    const terminal = await begin(3, 80, 30);
    await terminal.shows(/node-0 +running/);
    await terminal.type("C-z");
    await terminal.shows(/Stopped[\s\S]*ready>/);
    assert.equal(await terminal.cursorShown(), true);
    await terminal.type("echo in between; fg", "Enter");
    const after = await terminal.shows(/in between\n[\s\S]*node-0 +running/);
    assert.equal(heads(after), 2, after);
    await setTimeout(500);
    assert.equal(heads(await terminal.shows(/in between\n[\s\S]*node-0 +running/)), 2);
    assert.equal(await terminal.cursorShown(), false);
    await terminal.type("C-\\");
    await terminal.shows(/Quit[\s\S]*ready>/);
    assert.equal(await terminal.cursorShown(), true);
    const [run] = JSON.parse((await cli.run(["runs", "--interrupted", "--json"])).stdout);
    assert.equal(run.run_id, "r1");
  });

  it("is a line an event where the terminal is narrow", async () => {
    const terminal = await begin(2, 36, 20);
    assert.equal(heads(await terminal.shows(/node-0 {2}started/)), 0);
    release();
    await terminal.shows(/node-1 {2}succeeded[\s\S]*ready>/);
  });
});
