import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, it, type TestContext } from "node:test";
import { credentials, ServerCredentials } from "@grpc/grpc-js";
import { BusbarError } from "../kernel/errors.ts";
import { readCerts } from "../testing/peers/certs.ts";
import { createServiceClient } from "../testing/service-client.ts";
import { createJsonLog } from "./log.ts";
import type { ServeOptions } from "./options.ts";
import { serve } from "./serve.ts";

const log = createJsonLog("s", () => undefined);
const wanted = (options: Partial<ServeOptions>): ServeOptions => ({
  ...{ name: "sorter", port: 0, signals: [], log, execute: () => "ok" },
  ...options,
});
const withoutIPv6 =
  !Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1")) &&
  "this machine has no IPv6";

/** Something else that listens on a port. */
async function listenElse(test: TestContext, host: string) {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen({ host, port: 0 }, resolve));
  const close = () => new Promise<unknown>((resolve) => other.close(resolve));
  test.after(close);
  return { port: (other.address() as AddressInfo).port, close };
}

describe("the host of a service", () => {
  for (const [host, shown, calledAt] of [
    ["127.0.0.1", "127.0.0.1", "127.0.0.1"],
    ["localhost", "localhost", "localhost"],
    ["localhost", "localhost", "127.0.0.1"],
    ["0.0.0.0", "0.0.0.0", "127.0.0.1"],
    ["::1", "[::1]", "[::1]"],
    ["[::1]", "[::1]", "[::1]"],
    ["::", "[::]", "127.0.0.1"],
    ["[::]", "[::]", "[::1]"],
    ["::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "127.0.0.1"],
  ] as const) {
    const skip = isIPv6(host.replace(/[[\]]/g, "")) && withoutIPv6;
    it(`may be ${host}, and is called at ${calledAt}`, { skip }, async (test) => {
      const service = await serve(wanted({ host }));
      test.after(() => service.close(0));
      assert.equal(service.address, `${shown}:${service.port}`);
      const client = createServiceClient(`${calledAt}:${service.port}`);
      test.after(() => client.close());
      assert.equal((await client.execute("a", "b")).message, "ok");
    });
  }

  it("is called over TLS where that is wanted, whatever else connects", async (test) => {
    const { ca, serverCert, serverKey } = readCerts();
    const keys = [{ cert_chain: serverCert, private_key: serverKey }];
    const service = await serve(wanted({ host: "localhost", credentials: ServerCredentials.createSsl(null, keys) }));
    test.after(() => service.close(0));
    const stranger = connect({ port: service.port, host: "127.0.0.1", allowHalfOpen: true });
    test.after(() => stranger.destroy());
    await once(stranger, "connect");
    stranger.on("error", () => undefined).write("GET / HTTP/1.1\r\n\r\n");
    const client = createServiceClient(service.address, credentials.createSsl(ca));
    test.after(() => client.close());
    assert.equal((await client.execute("a", "b")).message, "ok");
    await service.close();
  });

  for (const host of [
    "localhost:50051",
    "http://localhost",
    "dns:localhost",
    "unix:/tmp/s",
    "[::1]:50051",
    "[localhost]",
    "a b",
    "",
    "  ",
    "::1::",
    "[]",
    "a\0b",
  ]) {
    it(`is refused before anything is bound: "${host}"`, () =>
      assert.rejects(serve(wanted({ host })), (error) => {
        assert.ok(error instanceof BusbarError);
        assert.equal(error.code, "USAGE");
        assert.match(error.message, /^options\.host must be a host name or an IP address, without a port, not /);
        return true;
      }));
  }

  for (const [host, reason] of [
    [
      "nowhere.invalid",
      /^sorter cannot listen on nowhere\.invalid:0: no address is known for nowhere\.invalid \((ENOTFOUND|EAI_AGAIN)\); 127\.0\.0\.1 is /,
    ],
    [
      "192.0.2.1",
      /^sorter cannot listen on 192\.0\.2\.1:0: this machine has no such address \(EADDRNOTAVAIL\); 127\.0\.0\.1 is /,
    ],
    [
      "2001:db8::1",
      /^sorter cannot listen on \[2001:db8::1\]:0: this machine has no such address \((EADDRNOTAVAIL|EAFNOSUPPORT)\); /,
    ],
  ] as const) {
    it(`is named where there is none: ${host}`, () =>
      assert.rejects(serve(wanted({ host })), (error) => {
        assert.ok(error instanceof BusbarError);
        assert.deepEqual([error.code, error.message.includes("\n")], ["ADDRESS_UNAVAILABLE", false]);
        assert.match(error.message, reason);
        return true;
      }));
  }
});

describe("the port of a service", () => {
  for (const [held, host] of [
    ["127.0.0.1", "127.0.0.1"],
    ["127.0.0.1", "localhost"],
    ["0.0.0.0", "0.0.0.0"],
  ] as const) {
    it(`is refused where it is taken, and nothing is left of it: ${host}, by ${held}`, async (test) => {
      const { port, close } = await listenElse(test, held);
      await assert.rejects(serve(wanted({ host, port })), {
        code: "ADDRESS_UNAVAILABLE",
        message: `sorter cannot listen on ${host}:${port}: something else listens there (EADDRINUSE); stop it, or choose another port (0 takes a free one)`,
      });
      await close();
      await (await serve(wanted({ host, port }))).close(0);
    });
  }

  const badPair = { private_key: Buffer.from("k"), cert_chain: Buffer.from("c") };
  for (const [says, wrong] of [
    ["a signal that no program hears", { signals: ["SIGKILL"] }],
    ["another one", { signals: ["SIGTERM", "SIGSTOP"] }],
    ["a signal that there is not", { signals: ["SIGTEMR"] }],
    ["no time", { drainMs: Number.NaN }],
    ["no execute", { execute: undefined }],
    ["no name", { name: "" }],
    ["no interceptor", { interceptor: 5 }],
    ["no room", { maxConcurrency: 0 }],
    ["credentials that are none", { credentials: ServerCredentials.createSsl(null, [badPair]) }],
  ] as const) {
    it(`is free after options that cannot be: ${says}`, async (test) => {
      const { port, close } = await listenElse(test, "127.0.0.1");
      await close();
      const listeners = process.listenerCount("SIGTERM");
      await assert.rejects(serve({ ...wanted({ port, signals: ["SIGTERM"] }), ...wrong } as unknown as ServeOptions), {
        code: "USAGE",
      });
      assert.equal(process.listenerCount("SIGTERM"), listeners);
      await (await serve(wanted({ port }))).close(0);
    });
  }

  it("can be taken at once by the next service", async () => {
    const first = await serve(wanted({}));
    await first.close(0);
    const second = await serve(wanted({ port: first.port }));
    await second.close(0);
    assert.equal(second.port, first.port);
  });
});
