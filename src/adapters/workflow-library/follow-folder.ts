import { type FSWatcher, watch } from "node:fs";
import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import type { FoundFolder } from "./walk-folder.ts";

/** What one change makes of several notices is looked at once. */
const SETTLE_MS = 50;
/** Without a notice, as on a file system that gives none: so often, but so seldom that looking takes little time. */
const MAX_POLL_MS = 60_000;
const REST_PER_LOOK = 200;
/** More would use up what one user may watch. */
const MAX_WATCHED = 256;

/** Keeps looking at folders, until it is ended. */
export interface Following {
  /** Looks soon: something has changed. */
  nudge(): void;
  close(): Promise<void>;
}

/** What is to be followed. */
export interface FollowOptions {
  readonly clock: Clock;
  /** @returns the folders that should be watched, and whether it has to look again soon */
  look(): Promise<{ readonly folders: readonly FoundFolder[]; readonly again: boolean }>;
  /** Told of what `look` throws. */
  onTrouble(cause: unknown): void;
  /** Between two looks, at least. */
  readonly minPollMs?: number;
  /** For tests: what a system has that gives no notices. */
  readonly watch?: typeof watch;
}

/**
 * Looks at folders whenever the system says that something in them has changed, and now and then without being told:
 * no notice comes from other machines, from behind links, or once a limit of the system is reached.
 */
export function followFolder({
  clock,
  look,
  onTrouble,
  minPollMs = 2000,
  watch: watchOf = watch,
}: FollowOptions): Following {
  const watchers = new Map<string, { readonly id: string; readonly watcher: FSWatcher }>();
  /** Folders of which the system gives no notice; they are looked at all the same. */
  const unwatchable = new Map<string, string>();
  let isClosed = false;
  let hinted = false;
  let turn: Promise<void> | undefined;
  let cancel: CancelTimer = () => undefined;

  function schedule(ms: number): void {
    cancel();
    if (!isClosed) cancel = clock.after(ms, begin);
  }

  function hint(): void {
    if (hinted) return;
    hinted = true;
    if (turn === undefined) schedule(SETTLE_MS);
  }

  function begin(): void {
    turn = lookOnce().finally(() => {
      turn = undefined;
    });
  }

  async function lookOnce(): Promise<void> {
    hinted = false;
    const from = clock.monotonic();
    let again = true;
    try {
      const seen = await look();
      again = seen.again;
      if (!isClosed) rewatch(seen.folders);
    } catch (thrown) {
      onTrouble(thrown);
    }
    const restMs = Math.min(Math.max((clock.monotonic() - from) * REST_PER_LOOK, minPollMs), MAX_POLL_MS);
    schedule(hinted ? SETTLE_MS : again ? minPollMs : restMs);
  }

  function rewatch(folders: readonly FoundFolder[]): void {
    const wanted = new Map(folders.slice(0, MAX_WATCHED).map(({ path, id }) => [path, id]));
    for (const [path, { id, watcher }] of watchers) {
      if (wanted.get(path) === id) continue;
      watcher.close();
      watchers.delete(path);
    }
    for (const [path, id] of unwatchable) if (wanted.get(path) !== id) unwatchable.delete(path);
    for (const [path, id] of wanted) {
      if (watchers.has(path) || unwatchable.get(path) === id) continue;
      const watcher = startWatching(path, id);
      if (watcher === undefined) continue;
      watchers.set(path, { id, watcher });
      // What came after the look, and before the watcher.
      hinted = true;
    }
  }

  /** Undefined where too many are watched already, where the folder is gone, or where nothing can be watched. */
  function startWatching(path: string, id: string): FSWatcher | undefined {
    const giveUp = (): void => {
      unwatchable.set(path, id);
      watchers.get(path)?.watcher.close();
      watchers.delete(path);
    };
    try {
      const watcher = watchOf(path, { persistent: false }, hint);
      watcher.on("error", giveUp);
      return watcher;
    } catch {
      giveUp();
      return undefined;
    }
  }

  begin();
  return {
    nudge: hint,
    async close() {
      isClosed = true;
      cancel();
      for (const { watcher } of watchers.values()) watcher.close();
      watchers.clear();
      await turn;
    },
  };
}
