// An executor that is closed in the midst of everything leaves nothing open, a hundred times.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  encodeCode,
  encodeMessage,
  FrameType,
  REPLY_HEADERS,
  startFramePeer,
} from "../src/testing/peers/frames.ts";
import { startFullPeer, startStoppablePeer } from "../src/testing/peers/half-open.ts";
import { startNeverAnsweringPeer } from "../src/testing/peers/http2.ts";
import { findRefusedAddress } from "../src/testing/peers/peer.ts";
import { startBannerPeer, startHangUpPeer, startSilentPeer } from "../src/testing/peers/tcp.ts";
import type { Peers, RoundLine } from "./closing/closer.ts";

const SEED = Number(process.env.BUSBAR_SEED ?? 1);
const ROUNDS = 100;
/** So many rounds are compared with as many before them. */
const STRETCH = 20;
/** Of a stretch: a third of what it would leave behind if each round left one session of HTTP/2. */
const MAX_GROWTH = 150_000;

describe("an executor that is closed while it calls and checks peers of every kind", () => {
  const skip = process.platform === "linux" ? false : "needs SIGSTOP, and queues of connections as on Linux";
  it(`leaves nothing open, ${ROUNDS} times, without growth (seed ${SEED})`, {
    skip,
    timeout: 120_000,
  }, async (test) => {
    await using good = await startStoppablePeer();
    await using stopped = await startStoppablePeer();
    await using full = await startFullPeer();
    await using silent = await startSilentPeer();
    await using hangUp = await startHangUpPeer();
    await using banner = await startBannerPeer();
    await using never = await startNeverAnsweringPeer();
    await using amid = await startFramePeer(({ type, stream, payload }, connection) => {
      if (type !== FrameType.DATA || payload.length === 0) return;
      connection.send(FrameType.HEADERS, END_HEADERS, stream, REPLY_HEADERS);
      connection.send(FrameType.DATA, 0, stream, encodeMessage(Buffer.alloc(20)).subarray(0, 9));
    });
    const window: readonly (readonly [number, number])[] = [[4, 0x7fff_ffff]];
    await using unread = await startFramePeer(
      ({ type, flags }, connection) => {
        if (type === FrameType.SETTINGS && (flags & ACK) === 0) {
          connection.send(FrameType.WINDOW_UPDATE, 0, 0, encodeCode(0x7fff_0000));
        }
        if (type === FrameType.HEADERS && (flags & END_STREAM) === 0) connection.socket.pause();
      },
      { settings: window },
    );
    stopped.stop();
    const plain = [good, stopped, full, silent, hangUp, banner, never, amid].map(({ address }) => address);
    const peers: Peers = {
      plain: [...plain, await findRefusedAddress()],
      tls: [silent.address, hangUp.address],
      unread: unread.address,
    };
    const closer = fileURLToPath(new URL("closing/closer.ts", import.meta.url));
    const flags = ["--disable-warning=ExperimentalWarning", "--expose-gc", "--no-flush-bytecode"];
    const args = [...flags, closer, JSON.stringify(peers), String(ROUNDS), String(SEED)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], signal: test.signal });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    const [code] = await once(child, "close");
    const lines = Buffer.concat(chunks).toString().trimEnd().split("\n");
    const rounds = lines.map((line) => JSON.parse(line) as RoundLine);
    assert.deepEqual([code, rounds.length], [0, ROUNDS]);
    for (const [nth, { left }] of rounds.entries()) assert.deepEqual(left, [], `round ${nth}`);
    const stretches = Array.from({ length: ROUNDS / STRETCH }, (_, at) => {
      const held = rounds.slice(at * STRETCH, (at + 1) * STRETCH).map((round) => round.held);
      return held.toSorted((a, b) => a - b)[STRETCH >> 1] ?? 0;
    });
    // What is left behind is left in each round. Code that is compiled and caches that are filled become less, on a
    // busy machine after 200 rounds.
    const added = stretches.slice(1).map((held, at) => held - (stretches[at] ?? 0));
    const growth = Math.min(...added.slice(1));
    test.diagnostic(
      `grew by ${added.map((bytes) => Math.round(bytes / 1000)).join(", ")} kB; outcomes of the last round ${JSON.stringify(rounds.at(-1)?.outcomes)}`,
    );
    assert.ok(growth < MAX_GROWTH, `${growth} bytes`);
  });
});
