// A thread of the test entry that kills the process while its main thread is inside SQLite: nothing on
// the main thread can run then.
import { openSync, readSync } from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { noteDeath } from "./note-death.ts";

export interface Assassin {
  /** Kills `delayUs` microseconds from now. */
  strikeAfter(delayUs: number): void;
  /** From now until `rest`: kills `delayUs` after a checkpoint of the WAL has begun, if it is still going then. */
  watchCheckpoint(delayUs: number): void;
  rest(): void;
}

interface Orders {
  readonly flag: SharedArrayBuffer;
  readonly shmPath: string;
}

const IDLE = 0;
const STRIKE = 1;
const WATCH = 2;

/** @param shmPath the journal's WAL index, `journal.db-shm` */
export async function hireAssassin(shmPath: string): Promise<Assassin> {
  const flag = new SharedArrayBuffer(8);
  const orders = new Int32Array(flag);
  const worker = new Worker(new URL(import.meta.url), { workerData: { flag, shmPath } satisfies Orders });
  await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  worker.unref();
  const order = (what: number, delayUs: number): void => {
    Atomics.store(orders, 1, Math.round(delayUs));
    Atomics.store(orders, 0, what);
    Atomics.notify(orders, 0);
  };
  return {
    strikeAfter: (delayUs) => order(STRIKE, delayUs),
    watchCheckpoint: (delayUs) => order(WATCH, delayUs),
    rest: () => order(IDLE, 0),
  };
}

/**
 * How far a checkpoint has come, in frames of the WAL: what it set out to move and
 * what is known to be moved (https://www.sqlite.org/walformat.html, "nBackfill"
 * at byte 96, "nBackfillAttempted" at byte 128 of the WAL index).
 *
 * @param fd of the -shm file. In a process that has the journal open it must never be closed: that would drop
 *   the process's locks on it.
 */
export function readCheckpoint(fd: number): { readonly attempted: number; readonly done: number } {
  const bytes = Buffer.alloc(36);
  readSync(fd, bytes, 0, bytes.length, 96);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  return { done: view.getUint32(0, isLittle), attempted: view.getUint32(32, isLittle) };
}

function lieInWait({ flag, shmPath }: Orders): void {
  const orders = new Int32Array(flag);
  let fd: number | undefined;
  const isCheckpointing = (): boolean => {
    fd ??= openSync(shmPath, "r");
    const { attempted, done } = readCheckpoint(fd);
    return attempted !== done;
  };
  const spin = (us: number): void => {
    const end = process.hrtime.bigint() + BigInt(us) * 1000n;
    while (process.hrtime.bigint() < end);
  };
  parentPort?.postMessage("ready");
  for (;;) {
    Atomics.wait(orders, 0, IDLE);
    const delayUs = Atomics.load(orders, 1);
    if (Atomics.load(orders, 0) === STRIKE) {
      spin(delayUs);
      noteDeath();
      process.kill(process.pid, "SIGKILL");
    }
    while (Atomics.load(orders, 0) === WATCH) {
      if (!isCheckpointing()) continue;
      spin(delayUs);
      if (isCheckpointing()) {
        noteDeath();
        process.kill(process.pid, "SIGKILL");
      }
      while (isCheckpointing());
    }
  }
}

if (!isMainThread && parentPort !== null) lieInWait(workerData as Orders);
