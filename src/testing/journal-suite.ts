import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { ErrorCode } from "../kernel/error-table.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { Journal, NewRequest, NewRun, RunRecord } from "../ports/journal.ts";
import { MAX_EVENT_BYTES } from "../ports/journal-rules.ts";
import { appendOf, definitionWith, newRun, nodeStarted, SUCCEEDED, summaryWith, takeOverOf } from "./journal-runs.ts";

/** One store, and journals that share it as processes would. */
export interface JournalHarness {
  open(): Promise<Journal>;
  /** An owner of its own creates the runs and is then killed. */
  createAndDie(runs: readonly NewRun[]): Promise<void>;
  /** Changes what is stored of an event behind every journal's back; left out where nothing is stored. */
  damage?(runId: string, seq: number): Promise<void>;
  /** Closes all that was opened and removes the store. */
  dispose(): Promise<void>;
}

/**
 * The contract of the Journal port, J1-J9, for any adapter.
 * @param options.stored whether there is a stored form that can be damaged (J8)
 */
export function describeJournal(
  name: string,
  makeHarness: () => Promise<JournalHarness>,
  options: { readonly stored: boolean },
): void {
  describe(`${name} keeps the promises of a journal`, () => {
    let harness: JournalHarness;
    let journal: Journal;
    beforeEach(async () => {
      harness = await makeHarness();
      journal = await harness.open();
    });
    afterEach(() => harness.dispose());

    const readRun = async (runId: string, from: Journal = journal): Promise<RunRecord> => {
      const run = await from.readRun(runId);
      assert.ok(run !== undefined);
      return run;
    };
    const seqs = async (runId: string, from: Journal = journal): Promise<readonly number[]> =>
      (await from.readEvents(runId)).map((event) => event.seq);

    describe("append (J1, J2, J6)", () => {
      it("gives back exactly what was written, to every journal, as soon as it resolves (J1)", async () => {
        const other = await harness.open();
        const text = 'ein "Wort"\n\u0000\u001b[0m \ud83d\ude00 \u2028 \ud800 ends';
        const append = appendOf("r", 2, [nodeStarted("a", text), nodeStarted("b"), SUCCEEDED], {
          summary: summaryWith("succeeded", { ended_at: "2025-01-01T00:00:01.000Z", duration_ms: 12.5 }),
        });
        await journal.create(newRun("r"));
        await journal.append(append);
        for (const reader of [journal, other]) {
          assert.deepEqual(await reader.readEvents("r"), [...newRun("r").events, ...append.events]);
          assert.deepEqual((await readRun("r", reader)).summary, append.summary);
          assert.equal((await readRun("r", reader)).lastSeq, 4);
        }
      });

      it("stores what was said when it was called, whatever becomes of the objects (J1)", async () => {
        await journal.create(newRun("r"));
        const request = { file: "before" };
        const append = appendOf("r", 2, [{ ...nodeStarted("a"), request } as ReturnType<typeof nodeStarted>]);
        const done = journal.append(append);
        request.file = "after";
        await done;
        const [event] = await journal.readEvents("r", 1);
        assert.deepEqual(event, { ...append.events[0], request: { file: "before" } });
      });

      it("reads events after a given one", async () => {
        await journal.create(newRun("r"));
        await journal.append(appendOf("r", 2, [nodeStarted("a"), nodeStarted("b")]));
        const after = async (seq: number) => (await journal.readEvents("r", seq)).map((event) => event.seq);
        assert.deepEqual(await after(0), [1, 2, 3]);
        assert.deepEqual(await after(1), [2, 3]);
        assert.deepEqual(await after(3), []);
        assert.deepEqual(await after(9), []);
      });

      it("refuses an append of another epoch or another place, and leaves nothing of it (J2)", async () => {
        await journal.create(newRun("r"));
        const before = await readRun("r");
        const changed = { summary: summaryWith("failed") };
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 2, [SUCCEEDED], { ...changed, epoch: 2 })));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 2, [SUCCEEDED], { ...changed, epoch: 0 })));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 1, [SUCCEEDED], changed)));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 3, [SUCCEEDED], changed)));
        assert.deepEqual(await seqs("r"), [1]);
        assert.deepEqual(await readRun("r"), before);
      });

      it("refuses an append by a journal that does not own the run, even in its epoch (J2, E6)", async () => {
        const other = await harness.open();
        await journal.create(newRun("r"));
        await refused("JOURNAL_FENCED", other.append(appendOf("r", 2, [SUCCEEDED])));
        assert.deepEqual(await seqs("r"), [1]);
      });

      it("refuses each append on its own, whatever is flushed with it (J2)", async () => {
        await Promise.all([journal.create(newRun("good")), journal.create(newRun("bad"))]);
        const results = await Promise.allSettled([
          journal.append(appendOf("good", 2, [nodeStarted("a")])),
          journal.append(appendOf("bad", 7, [nodeStarted("a")])),
          journal.append(appendOf("nobody", 2, [nodeStarted("a")])),
          journal.create(newRun("good")),
          journal.append(appendOf("good", 3, [nodeStarted("b")])),
          journal.append(appendOf("bad", 2, [nodeStarted("b")])),
        ]);
        assert.deepEqual(results.map(codeOf), ["ok", "JOURNAL_FENCED", "RUN_NOT_FOUND", "RUN_EXISTS", "ok", "ok"]);
        assert.deepEqual(await seqs("good"), [1, 2, 3]);
        assert.deepEqual(await seqs("bad"), [1, 2]);
      });

      it("refuses an event over 64 KiB, and takes one of just that (J2)", async () => {
        await journal.create(newRun("r"));
        const bare = JSON.stringify(appendOf("r", 2, [nodeStarted("a", "")]).events[0]).length;
        const request = "é".repeat(Math.floor((MAX_EVENT_BYTES - bare) / 2)) + "x".repeat((MAX_EVENT_BYTES - bare) % 2);
        const tooLarge = appendOf("r", 2, [nodeStarted("b"), nodeStarted("a", `${request}x`)]);
        await refused("EVENT_TOO_LARGE", journal.append(tooLarge));
        assert.deepEqual(await seqs("r"), [1]);
        await journal.append(appendOf("r", 2, [nodeStarted("a", request)]));
        assert.deepEqual(await seqs("r"), [1, 2]);
      });

      it("takes a run.resumed of any size, since it names every node that it resets", async () => {
        await journal.create(newRun("r"));
        const takeOver = takeOverOf("r", 2, 2);
        const [event] = takeOver.events;
        assert.ok(event?.type === "run.resumed");
        const reset = Array.from({ length: 10_000 }, (_, i) => `node-${i}`);
        await journal.takeOver({ ...takeOver, events: [{ ...event, reset }] });
        assert.deepEqual(await seqs("r"), [1, 2]);
      });

      it("refuses events that do not belong together", async () => {
        await journal.create(newRun("r"));
        const [a, b] = appendOf("r", 2, [nodeStarted("a"), nodeStarted("b")]).events;
        assert.ok(a !== undefined && b !== undefined);
        const summary = summaryWith("running");
        const wrong = [[a, { ...b, seq: 4 }], [a, { ...b, run_id: "s" }], [a, { ...b, epoch: 2 }], [b, a], []];
        for (const events of wrong) {
          const [code] = await Promise.allSettled([journal.append({ runId: "r", epoch: 1, events, summary })]);
          assert.equal(codeOf(code), "INTERNAL");
        }
        assert.deepEqual(await seqs("r"), [1]);
      });

      it("applies appends in the order of the calls, without being waited for (J6)", async () => {
        const calls = [journal.create(newRun("r"))];
        for (let seq = 2; seq <= 200; seq++) {
          calls.push(
            journal.append(
              appendOf("r", seq, [nodeStarted(`n${seq}`)], { summary: summaryWith("running", { duration_ms: seq }) }),
            ),
          );
          if (seq % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        await Promise.all(calls);
        assert.deepEqual(
          await seqs("r"),
          Array.from({ length: 200 }, (_, i) => i + 1),
        );
        assert.equal((await readRun("r")).summary.duration_ms, 200);
      });
    });

    describe("create (J3)", () => {
      it("is refused where the run is there, and changes nothing of it (J3)", async () => {
        await journal.create(newRun("r"));
        const other = await harness.open();
        const again = newRun("r", { summary: summaryWith("failed") });
        await refused("RUN_EXISTS", journal.create(again));
        await refused("RUN_EXISTS", other.create(again));
        assert.equal((await readRun("r")).summary.status, "running");
        assert.deepEqual(await seqs("r"), [1]);
      });

      it("lets one of two win that come at once (J3)", async () => {
        const other = await harness.open();
        const results = await Promise.allSettled([
          journal.create(newRun("r")),
          journal.create(newRun("r")),
          other.create(newRun("r")),
        ]);
        assert.deepEqual(results.map(codeOf).toSorted(), ["RUN_EXISTS", "RUN_EXISTS", "ok"]);
      });

      it("stores the workflow's text under its hash, and the file with the run", async () => {
        const definition = definitionWith('{"x":1}', { file: "/a/w.json" });
        await journal.create(newRun("r", { definition }));
        await journal.create(newRun("s", { definition: { ...definition, file: "/b/w.json" } }));
        await journal.create(newRun("t", { definition: definitionWith("x: 1", { format: "yaml" }) }));
        const stored = await journal.readDefinition(definition.hash);
        assert.deepEqual([stored?.text, stored?.format], [definition.text, "json"]);
        assert.equal((await readRun("r")).file, "/a/w.json");
        assert.equal((await readRun("s")).file, "/b/w.json");
        assert.equal("file" in (await readRun("t")), false);
        assert.equal((await readRun("r")).definitionHash, definition.hash);
        assert.equal(await journal.readDefinition("sha256:unknown"), undefined);
      });

      it("takes a run only from its beginning", async () => {
        const run = newRun("r");
        const wrong = [[], appendOf("r", 1, [SUCCEEDED]).events, appendOf("r", 2, [nodeStarted("a")]).events];
        for (const events of wrong) await refused("INTERNAL", journal.create({ ...run, events }));
        assert.equal(await journal.readRun("r"), undefined);
      });
    });

    describe("takeOver (J4, J5)", () => {
      it("is refused while another owner of an unfinished run lives, and says who (J4)", async () => {
        await journal.create(newRun("r"));
        const other = await harness.open();
        const error = await refused("RUN_OWNED", other.takeOver(takeOverOf("r", 2, 2)));
        const { owner } = await readRun("r", other);
        assert.equal(owner.id, journal.ownerId);
        assert.equal(owner.alive, true);
        assert.ok(error.message.includes(String(owner.pid)) && error.message.includes(owner.host));
        assert.ok(error.message.includes(owner.startedAt));
        assert.deepEqual(await seqs("r"), [1]);
      });

      it("raises the epoch of a dead owner's run by one, in the same append (J4, J5)", async () => {
        await harness.createAndDie([newRun("r")]);
        const before = await readRun("r");
        assert.equal(before.owner.alive, false);
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 2, [SUCCEEDED])));
        await journal.takeOver(takeOverOf("r", 2, 2, { summary: summaryWith("running", { workflow: "other" }) }));
        const after = await readRun("r");
        assert.deepEqual([after.epoch, after.lastSeq, after.owner.id], [2, 2, journal.ownerId]);
        assert.deepEqual([after.owner.alive, after.summary.workflow], [true, "other"]);
        await journal.append(appendOf("r", 3, [SUCCEEDED], { epoch: 2 }));
        assert.deepEqual(await seqs("r"), [1, 2, 3]);
      });

      it("is refused where the run has moved on (J4)", async () => {
        await harness.createAndDie([newRun("r")]);
        await refused("JOURNAL_FENCED", journal.takeOver(takeOverOf("r", 2, 1)));
        await refused("JOURNAL_FENCED", journal.takeOver(takeOverOf("r", 2, 3)));
        await refused("JOURNAL_FENCED", journal.takeOver(takeOverOf("r", 3, 2)));
        await refused("RUN_NOT_FOUND", journal.takeOver(takeOverOf("nobody", 2, 2)));
        assert.equal((await readRun("r")).epoch, 1);
      });

      it("lets one of two win that come at once (J4)", async () => {
        await harness.createAndDie([newRun("r")]);
        const other = await harness.open();
        const results = await Promise.allSettled([
          journal.takeOver(takeOverOf("r", 2, 2)),
          other.takeOver(takeOverOf("r", 2, 2)),
        ]);
        const codes = results.map(codeOf);
        assert.equal(codes.filter((code) => code === "ok").length, 1);
        assert.ok(codes.includes("RUN_OWNED"));
        assert.deepEqual(await seqs("r"), [1, 2]);
      });

      it("takes a finished run, whoever lives, and fences its former owner (J4, E6)", async () => {
        await journal.create(newRun("r"));
        await journal.append(appendOf("r", 2, [SUCCEEDED], { summary: summaryWith("failed") }));
        const other = await harness.open();
        await other.takeOver(takeOverOf("r", 3, 2));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 4, [SUCCEEDED])));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 4, [SUCCEEDED], { epoch: 2 })));
        assert.deepEqual(await seqs("r"), [1, 2, 3]);
      });

      it("takes a run of this very journal", async () => {
        await journal.create(newRun("r"));
        await journal.takeOver(takeOverOf("r", 2, 2));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 3, [SUCCEEDED])));
        assert.equal((await readRun("r")).epoch, 2);
      });

      it("changes the workflow only where another is given", async () => {
        const changed = definitionWith('{"changed":true}', { file: "/elsewhere/w.json" });
        await journal.create(newRun("r"));
        await journal.takeOver(takeOverOf("r", 2, 2));
        const { definitionHash, file } = await readRun("r");
        assert.deepEqual([definitionHash, file], [newRun("r").definition.hash, newRun("r").definition.file]);
        await journal.takeOver(takeOverOf("r", 3, 3, { definition: changed }));
        const after = await readRun("r");
        assert.deepEqual([after.definitionHash, after.file], [changed.hash, changed.file]);
        assert.equal((await journal.readDefinition(changed.hash))?.text, changed.text);
      });
    });

    describe("requests (J7)", () => {
      const cancel = (key: string, more: Partial<NewRequest> = {}): NewRequest => ({
        ...{ runId: "r", kind: "cancel", key, by: "somebody", at: "2025-01-01T00:00:02.000Z" },
        ...more,
      });

      it("are one by run and key, and keep what came first (J7)", async () => {
        const other = await harness.open();
        await journal.create(newRun("r"));
        await journal.create(newRun("s"));
        const first = await other.addRequest(cancel("k", { reason: "enough" }));
        assert.deepEqual(await journal.addRequest(cancel("k", { by: "another" })), first);
        const second = await journal.addRequest(cancel("l"));
        const elsewhere = await journal.addRequest(cancel("k", { runId: "s" }));
        assert.ok(first.id < second.id && second.id < elsewhere.id);
        assert.deepEqual(await journal.readRequests("r"), [first, second]);
        assert.deepEqual(await other.readRequests("s"), [elsewhere]);
        assert.deepEqual(first, { ...cancel("k", { reason: "enough" }), id: first.id });
      });

      it("are refused for a run that is not there", async () => {
        await refused("RUN_NOT_FOUND", journal.addRequest(cancel("k", { runId: "nobody" })));
        assert.deepEqual(await journal.readRequests("nobody"), []);
      });

      it("are answered with the events that answer them, or not at all (J7)", async () => {
        await journal.create(newRun("r"));
        const { id } = await journal.addRequest(cancel("k"));
        const answers = [{ requestId: id, answer: { kind: "applied", seq: 2 } }] as const;
        const requested = { type: "run.cancel_requested", by: "somebody" } as const;
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 3, [requested], { answers })));
        assert.equal((await journal.readRequests("r", { unanswered: true })).length, 1);
        await journal.append(appendOf("r", 2, [requested], { answers }));
        assert.deepEqual(await journal.readRequests("r", { unanswered: true }), []);
        assert.deepEqual((await journal.readRequests("r"))[0]?.answer, { kind: "applied", seq: 2 });
        assert.deepEqual(await seqs("r"), [1, 2]);
      });

      it("are answered once, and only in their own run (J7)", async () => {
        await journal.create(newRun("r"));
        await journal.create(newRun("s"));
        const { id } = await journal.addRequest(cancel("k"));
        const answers = [{ requestId: id, answer: { kind: "applied", seq: 2 } }] as const;
        await refused("INTERNAL", journal.append(appendOf("s", 2, [nodeStarted("a")], { answers })));
        await refused(
          "INTERNAL",
          journal.append(appendOf("r", 2, [nodeStarted("a")], { answers: [{ ...answers[0], requestId: id + 7 }] })),
        );
        await journal.append(appendOf("r", 2, [nodeStarted("a")], { answers }));
        await refused("INTERNAL", journal.append(appendOf("r", 3, [nodeStarted("b")], { answers })));
        assert.deepEqual(await seqs("r"), [1, 2]);
        assert.deepEqual(await seqs("s"), [1]);
      });

      it("can be refused without an event, and in a takeover (J7)", async () => {
        await harness.createAndDie([newRun("r")]);
        const [first, second] = [await journal.addRequest(cancel("k")), await journal.addRequest(cancel("l"))];
        const answer = { kind: "refused", error: { code: "RUN_ALREADY_ENDED", message: "too late" } } as const;
        await journal.takeOver(takeOverOf("r", 2, 2, { answers: [{ requestId: first.id, answer }] }));
        await journal.append(appendOf("r", 3, [], { epoch: 2, answers: [{ requestId: second.id, answer }] }));
        const requests = await journal.readRequests("r");
        assert.deepEqual(
          requests.map((request) => request.answer),
          [answer, answer],
        );
        assert.deepEqual(await seqs("r"), [1, 2]);
      });
    });

    describe("lists", () => {
      it("newest first, by status, workflow and whether they are interrupted, up to a limit", async () => {
        await harness.createAndDie([newRun("left"), newRun("done", { summary: summaryWith("succeeded") })]);
        await journal.create(newRun("live", { summary: summaryWith("running", { workflow: "other" }) }));
        await journal.create(newRun("aaa", { summary: summaryWith("failed") }));
        const ids = async (filter?: Parameters<Journal["listRuns"]>[0]) =>
          (await journal.listRuns(filter)).map((run) => run.runId);
        assert.deepEqual(await ids(), ["aaa", "live", "done", "left"]);
        assert.deepEqual(await ids({ status: "running" }), ["live", "left"]);
        assert.deepEqual(await ids({ workflow: "other" }), ["live"]);
        assert.deepEqual(await ids({ interrupted: true }), ["left"]);
        assert.deepEqual(await ids({ interrupted: false }), ["aaa", "live", "done"]);
        assert.deepEqual(await ids({ limit: 1, status: "running" }), ["live"]);
        assert.deepEqual(await ids({ limit: 2 }), ["aaa", "live"]);
        for (const run of await journal.listRuns()) assert.deepEqual(run, await journal.readRun(run.runId));
      });

      it("know nothing of runs that are not there", async () => {
        assert.deepEqual(await journal.listRuns(), []);
        assert.equal(await journal.readRun("r"), undefined);
        assert.deepEqual(await journal.readEvents("r"), []);
      });
    });

    it("version differs after what others write and after any request, and not after own appends", async () => {
      const other = await harness.open();
      await journal.create(newRun("r"));
      let [mine, theirs] = [journal.version(), other.version()];
      const changes = () => {
        const now = [journal.version(), other.version()] as const;
        const differs = [now[0] !== mine, now[1] !== theirs];
        [mine, theirs] = now;
        return differs;
      };
      assert.deepEqual(changes(), [false, false]);
      await journal.append(appendOf("r", 2, [nodeStarted("a")]));
      assert.deepEqual(changes(), [false, true]);
      const request = { runId: "r", kind: "cancel", by: "somebody", at: "2025-01-01T00:00:02.000Z" } as const;
      await journal.addRequest({ ...request, key: "k" });
      assert.deepEqual(changes(), [true, true]);
      await other.addRequest({ ...request, key: "l" });
      assert.deepEqual(changes(), [true, true]);
      assert.deepEqual(changes(), [false, false]);
    });

    const itIfStored = options.stored ? it : () => {};
    itIfStored("refuses a run whose stored history has changed, and reads the others (J8)", async () => {
      assert.ok(harness.damage !== undefined);
      await journal.create(newRun("r"));
      await journal.append(appendOf("r", 2, [nodeStarted("a"), nodeStarted("b")]));
      await journal.create(newRun("s"));
      await harness.damage("r", 2);
      const other = await harness.open();
      for (const reader of [journal, other]) {
        const error = await refused("JOURNAL_DAMAGED", reader.readEvents("r"));
        assert.deepEqual(error.details, { run_id: "r", seq: 2 });
        assert.deepEqual(await seqs("s", reader), [1]);
      }
    });

    describe("close (J9)", () => {
      it("lets pending appends finish, ends the owner, and refuses what comes later (J9)", async () => {
        const other = await harness.open();
        await journal.create(newRun("r"));
        const pending = [2, 3, 4].map((seq) => journal.append(appendOf("r", seq, [nodeStarted(`n${seq}`)])));
        const closing = journal.close();
        await refused("JOURNAL_FAILED", journal.append(appendOf("r", 5, [SUCCEEDED])));
        await Promise.all([...pending, closing]);
        assert.deepEqual(await seqs("r", other), [1, 2, 3, 4]);
        assert.equal((await readRun("r", other)).owner.alive, false);
        await other.takeOver(takeOverOf("r", 5, 2));
        await refused("JOURNAL_FAILED", journal.readRun("r"));
        await refused("JOURNAL_FAILED", journal.create(newRun("s")));
        await journal.close();
      });

      it("leaves the owner's name with the run", async () => {
        await journal.create(newRun("r"));
        const { id, pid, host, startedAt } = (await readRun("r")).owner;
        await journal.close();
        const other = await harness.open();
        assert.deepEqual((await readRun("r", other)).owner, { id, pid, host, startedAt, alive: false });
      });
    });
  });
}

async function refused(code: ErrorCode, promise: Promise<unknown>): Promise<BusbarError> {
  const [result] = await Promise.allSettled([promise]);
  assert.equal(codeOf(result), code);
  assert.ok(result.status === "rejected" && result.reason instanceof BusbarError);
  return result.reason;
}

function codeOf(result: PromiseSettledResult<unknown> | undefined): string {
  if (result?.status !== "rejected") return "ok";
  if (result.reason instanceof BusbarError) return result.reason.code;
  throw result.reason;
}
