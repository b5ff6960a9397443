// `busbar serve` as a process: where it listens, and what it asks for beyond loopback.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { CERT_FILES, readCerts } from "../src/testing/peers/certs.ts";
import { type Cli, createCli } from "./cli/harness.ts";
import { startServer } from "./serve/server-process.ts";

const certs = readCerts();

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

const serve = (...args: readonly string[]) => cli.run(["serve", "--port", "0", ...args]);
const TLS = ["--tls-cert", CERT_FILES.serverCert, "--tls-key", CERT_FILES.serverKey];

/** From a server whose certificate one of these has signed, called localhost. */
function get(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request(`https://localhost:${new URL(url).port}${path}`, {
      ca: [certs.ca, certs.selfSignedCert],
      servername: "localhost",
      agent: false,
      headers,
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode }));
    });
    sent.end();
  });
}

describe("busbar serve beyond loopback", () => {
  it("does not listen without a token, a public URL, and TLS or a proxy, and makes nothing for it", async () => {
    for (const host of ["0.0.0.0", "::", "10.1.2.3"]) {
      const { code, stderr } = await serve("--host", host);
      assert.equal(code, 2);
      assert.match(stderr, /^SERVE_UNSAFE: .* can be reached from other machines; for that it needs a token/);
      assert.match(stderr, /--public-url URL.*--tls-cert and --tls-key, or --behind-proxy/);
    }
    assert.equal(existsSync(join(cli.folder, ".busbar")), false);
    const made = await cli.run(["token", "create", "--role", "viewer"]);
    assert.equal(made.code, 0);
    const more = await serve("--host", "0.0.0.0", "--public-url", "https://localhost:1");
    assert.match(more.stderr, /for that it needs --tls-cert and --tls-key, or --behind-proxy where a proxy has them\n/);
    const [{ id }] = JSON.parse((await cli.run(["token", "list", "--json"])).stdout);
    await cli.run(["token", "revoke", id]);
    const less = await serve("--host", "0.0.0.0", "--public-url", "https://localhost:1", ...TLS);
    assert.match(less.stderr, /for that it needs a token \(`busbar token create --role admin`\)\n/);
  });

  it("listens with all of them, and lets in who shows the token", async () => {
    const { stdout } = await cli.run(["token", "create", "--role", "viewer"]);
    const server = await startServer(cli, {
      args: ["--host", "0.0.0.0", "--public-url", "https://busbar.example", ...TLS],
    });
    assert.match(server.url, /^https:\/\/0\.0\.0\.0:/);
    assert.equal((await get(server.url, "/healthz")).status, 200);
    assert.equal((await get(server.url, "/api/v1/runs")).status, 401);
    assert.equal((await get(server.url, "/api/v1/runs", { authorization: `Bearer ${stdout.trim()}` })).status, 200);
    assert.equal((await get(server.url, "/healthz", { host: "busbar.example" })).status, 200);
    assert.equal((await get(server.url, "/healthz", { host: "other.example" })).status, 421);
    assert.equal((await server.stop("SIGTERM")).code, 0);
  });

  it("says what is wrong with what was typed", async () => {
    writeFileSync(join(cli.folder, "none.pem"), "nothing");
    const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [["--public-url", "busbar.example"], /--public-url is an address like https:\/\/busbar\.example, without a path/],
      [["--public-url", "https://b/x"], /--public-url is an address like/],
      [["--trusted-proxy", "10.0.0.0/8"], /--trusted-proxy says whom --behind-proxy is to believe: give both/],
      [
        ["--behind-proxy", "--trusted-proxy", "10.0.0.0/99"],
        /--trusted-proxy is a range of addresses like 10\.0\.0\.0\/8/,
      ],
      [["--tls-cert", "none.pem"], /--tls-cert and --tls-key go together/],
      [["--tls-cert", "gone.pem", "--tls-key", "none.pem"], /--tls-cert gone\.pem cannot be read/],
      [["--tls-cert", "none.pem", "--tls-key", "none.pem"], /are no certificate and its key/],
      [["--tls-cert", CERT_FILES.serverCert, "--tls-key", CERT_FILES.clientKey], /are no certificate and its key/],
    ];
    for (const [args, says] of cases) {
      const { code, stderr } = await serve(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
    }
  });
});

describe("busbar serve over TLS", { skip: process.platform === "win32" && "Windows has no SIGHUP" }, () => {
  it("reads certificate and key again on SIGHUP, and goes on with what it has where they do not fit", async () => {
    const [cert, key] = [join(cli.folder, "cert.pem"), join(cli.folder, "key.pem")];
    copyFileSync(CERT_FILES.serverCert, cert);
    copyFileSync(CERT_FILES.serverKey, key);
    const server = await startServer(cli, { args: ["--tls-cert", cert, "--tls-key", key] });
    const before = await get(server.url, "/healthz");
    assert.equal(before.status, 200);
    copyFileSync(CERT_FILES.selfSignedCert, cert);
    server.running.child.kill("SIGHUP");
    await server.running.shows("are no certificate and its key");
    await server.running.shows("going on with what was read before");
    assert.equal((await get(server.url, "/healthz")).status, 200);
    copyFileSync(CERT_FILES.selfSignedKey, key);
    server.running.child.kill("SIGHUP");
    await server.running.shows("the certificate and its key were read again");
    // Signed by the other one now: who trusts only the first does not get in.
    await assert.rejects(
      new Promise((resolve, reject) => {
        const sent = request(`https://localhost:${new URL(server.url).port}/healthz`, { ca: certs.ca, agent: false });
        sent.on("error", reject);
        sent.on("response", resolve);
        sent.end();
      }),
      /self-signed certificate/,
    );
    assert.equal((await get(server.url, "/healthz")).status, 200);
    assert.equal((await server.stop("SIGTERM")).code, 0);
  });
});
