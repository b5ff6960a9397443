import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { encodeHeaders, FrameType, REPLY_HEADERS, startFramePeer } from "../../testing/peers/frames.ts";

/** Breaks off amid the header block of each answer, a moment after it has begun. */
function startBreakingPeer() {
  const block = encodeHeaders(Array.from({ length: 20 }, (_, nth) => [`key-${nth}`, `value ${nth}`] as const));
  return startFramePeer((frame, connection) => {
    if (frame.type !== FrameType.HEADERS) return;
    connection.send(FrameType.HEADERS, 0, frame.stream, Buffer.concat([REPLY_HEADERS, block]));
    setTimeout(() => connection.send(FrameType.DATA, 0, frame.stream, Buffer.from("x")), 5);
  });
}

/** A process with bare sessions of Node, hundreds of them, and collections between. */
async function runSessions(address: string, isGuarded: boolean): Promise<string> {
  const guard = fileURLToPath(new URL("session-guard.ts", import.meta.url));
  const script = `
    import { connect } from "node:http2";
    import { collectAfter, nativePartOf } from ${JSON.stringify(guard)};
    const call = () => new Promise((resolve) => {
      const session = connect("http://${address}");
      session.on("error", () => undefined);
      session.once("remoteSettings", () => {
        const stream = session.request({ ":path": "/" });
        stream.on("error", () => undefined);
        // The session is still closing then.
        stream.on("close", resolve);
        if (${isGuarded}) collectAfter(nativePartOf(session), stream);
      });
    });
    for (let nth = 0; nth < 300; nth += 1) {
      await Promise.all([call(), call(), call()]);
      if (nth % 10 === 9) globalThis.gc();
    }
  `;
  const args = ["--expose-gc", "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return code === 0 ? "lived" : String(signal ?? code);
}

describe("the guard of sessions", () => {
  it("keeps the process alive when peers break off amid header blocks", async (context) => {
    await using peer = await startBreakingPeer();
    context.diagnostic(`without it: ${await runSessions(peer.address, false)}`);
    assert.equal(await runSessions(peer.address, true), "lived");
  });
});
