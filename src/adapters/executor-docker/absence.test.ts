import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import { explainAbsence } from "./absence.ts";

/** What clients of docker (20.10 to 28) and podman (5) write, and with which settings. */
const TABLE: readonly (readonly [code: string, env: object, stderr: string, text: RegExp])[] = [
  [
    "ENGINE_MISCONFIGURED",
    { DOCKER_CONTEXT: "nope" },
    'Failed to initialize: unable to resolve docker endpoint: context "nope": context not found: open /home/eva/.docker/contexts/meta/ca37/meta.json: no such file or directory\n',
    /^cannot reach its engine where DOCKER_CONTEXT=nope says: .*context "nope": context not found$/,
  ],
  [
    "ENGINE_MISCONFIGURED",
    {},
    'unable to resolve docker endpoint: context "old": context not found: open /x: no such file or directory\n',
    /^cannot reach its engine where its own configuration says: .*context "old": context not found$/,
  ],
  [
    "ENGINE_MISCONFIGURED",
    { DOCKER_HOST: "tcp://10.0.0.1:2376", DOCKER_CERT_PATH: "/none" },
    "Failed to initialize: unable to resolve docker endpoint: open /none/ca.pem: no such file or directory\n",
    /^cannot reach its engine where DOCKER_HOST=tcp:\/\/10\.0\.0\.1:2376, DOCKER_CERT_PATH=\/none say: .*\/none\/ca\.pem/,
  ],
  [
    "ENGINE_MISCONFIGURED",
    { DOCKER_HOST: "ftp://x" },
    "unable to resolve docker endpoint: invalid bind address format: ftp://x\n",
    /DOCKER_HOST=ftp:\/\/x says/,
  ],
  // A name may come up with the engine (--wait-for-services).
  [
    "ENGINE_UNREACHABLE",
    { DOCKER_HOST: "nope" },
    'error during connect: Get "http://nope:2375/v1.50/containers/json": dial tcp: lookup nope: no such host\n',
    /^does not answer: .*no such host$/,
  ],
  [
    "ENGINE_MISCONFIGURED",
    { DOCKER_API_VERSION: "9.99" },
    "Error response from daemon: client version 9.99 is too new. Maximum supported API version is 1.41\n",
    /DOCKER_API_VERSION=9\.99 says: .*Maximum supported API version is 1\.41$/,
  ],
  [
    "ENGINE_FORBIDDEN",
    {},
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied\n",
    /^may not be used by this user: permission denied while trying/,
  ],
  [
    "ENGINE_UNREACHABLE",
    { DOCKER_HOST: "tcp://127.0.0.1:1" },
    "Cannot connect to the Docker daemon at tcp://127.0.0.1:1. Is the docker daemon running?\n",
    /^does not answer: Cannot connect to the Docker daemon at tcp:\/\/127\.0\.0\.1:1/,
  ],
  [
    "ENGINE_MISCONFIGURED",
    { DOCKER_API_VERSION: "abc" },
    "Error response from daemon: page not found\n",
    /=abc says: /,
  ],
  [
    "ENGINE_MISCONFIGURED",
    { DOCKER_HOST: "tcp://h:2376" },
    "Error response from daemon: Client sent an HTTP request to an HTTPS server.\n",
    /DOCKER_HOST=tcp:\/\/h:2376 says: Client sent/,
  ],
  [
    "ENGINE_MISCONFIGURED",
    { DOCKER_HOST: "tcp://h:2376", DOCKER_TLS_VERIFY: "1" },
    'error during connect: Get "https://h:2376/v1.50/info": tls: failed to verify certificate: x509: certificate has expired\n',
    /, DOCKER_TLS_VERIFY=1 say: error during connect: tls: failed to verify certificate: x509: certificate has expired$/,
  ],
  [
    "ENGINE_MISCONFIGURED",
    { DOCKER_HOST: "ssh://me@h" },
    'error during connect: Get "http://docker.example.com/v1.50/info": command [ssh -l me -- h docker system dial-stdio] has exited with exit status 255: stderr=me@h: Permission denied (publickey).\n',
    /DOCKER_HOST=ssh:\/\/me@h says: /,
  ],
  [
    "ENGINE_MISCONFIGURED",
    { DOCKER_CERT_PATH: "/home/eva/c" },
    "Failed to initialize: unable to resolve docker endpoint: open /home/eva/c/ca.pem: permission denied\n",
    /DOCKER_CERT_PATH=\/home\/eva\/c says: /,
  ],
  // A configuration that may not be read is a warning: the client goes on without it.
  [
    "ENGINE_UNREACHABLE",
    {},
    "WARNING: Error loading config file: open /home/eva/.docker/config.json: permission denied\nCannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n",
    /^does not answer: Cannot connect/,
  ],
  [
    "ENGINE_FORBIDDEN",
    {},
    'permission denied while trying to connect to the Docker daemon socket at unix:///s: Get "http://%2Fs/v1.50/containers/json?all=1": dial unix /s: connect: permission denied\n',
    /socket at unix:\/\/\/s: dial unix \/s: connect: permission denied$/,
  ],
  ["ENGINE_UNREACHABLE", {}, "", /^does not answer: it gave no reason \(exit code 1\)$/],
];

describe("an engine that gives no answer", () => {
  for (const [code, env, stderr, text] of TABLE) {
    it(`is ${code} where its client says ${JSON.stringify(stderr.slice(0, 60))}`, () => {
      const answer = { end: { ended: "exited", code: 1 }, silent: false, stdout: "", stderr } as const;
      const absence = explainAbsence({ secrets: createSecrets(() => undefined), env: { ...env } }, answer);
      assert.equal(absence.code, code);
      assert.match(absence.text, text);
      assert.doesNotMatch(absence.text, /meta\.json/);
    });
  }

  it("is said to say nothing where its client was ended for that", () => {
    const end = { ended: "killed", signal: "SIGKILL" } as const;
    const absence = explainAbsence(
      { secrets: createSecrets(() => undefined), env: {} },
      { end, silent: true, stdout: "", stderr: "" },
    );
    assert.deepEqual(absence, { code: "ENGINE_UNREACHABLE", text: "does not answer: it said nothing in time" });
  });

  it("shows nothing of a secret, wherever it is cut", () => {
    const value = "QZ".repeat(40);
    for (let left = 1000; left < 2100; left += 1) {
      const secrets = createSecrets(() => value);
      secrets.read("TOKEN");
      const env = { DOCKER_HOST: `tcp://${"x".repeat(left)}${value}${"y".repeat(100)}` };
      const answer = {
        end: { ended: "by itself", code: 1 },
        silent: false,
        stdout: "",
        stderr: "context not found",
      } as unknown as Parameters<typeof explainAbsence>[1];
      assert.doesNotMatch(explainAbsence({ secrets, env }, answer).text, /[QZ]/);
    }
  });
});
