// What a workflow may do on a host that has a policy (semantics.md, "Host policy").
import assert from "node:assert/strict";
import { posix } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseTarget } from "../../kernel/target.ts";
import { bindWorkflow } from "../bind.ts";
import { requestOf } from "../node.ts";
import { parseWorkflow } from "../parse.ts";
import type { Workflow } from "../workflow.ts";
import { checkPolicy, enforcePolicy } from "./check-policy.ts";
import { type PolicyInput, readPolicy } from "./read-policy.ts";

async function parse(tree: object): Promise<Workflow> {
  const parsed = await parseWorkflow({ fileName: "w.json", file: "/flows/w.json", text: JSON.stringify(tree) });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

const node = (service: string) => ({ service, input_file: "/i", output_file: "/o" });
const serviceFile = (service: unknown, params = {}) => ({
  ...{ workflow_name: "w", params, service_registry: { s: service }, containers: { a: node("s") } },
});
const dockerFile = (docker: object, top: object = {}) => ({
  workflow_name: "w",
  ...top,
  containers: { a: { executor: "docker", docker: { image: "team/app:1", volumes: [], ...docker } } },
});
const commandFile = (command: string, top: object = {}) => ({
  ...{ workflow_name: "w", ...top, containers: { a: { executor: "docker", command } } },
});

/** What is refused: path and message. Nothing, if the file does not even bind. */
async function refusals(tree: object, input: PolicyInput, params = {}): Promise<readonly string[]> {
  const workflow = await parse(tree);
  const bound = bindWorkflow(workflow, { params, runId: "run-1", startedAt: "2025-01-01T00:00:00.000Z" });
  assert.ok(bound.ok, JSON.stringify(bound));
  const found = checkPolicy(readPolicy(input, "p.json"), workflow, bound.value);
  for (const { code, remedy } of found) assert.ok(code === "POLICY_REFUSED" && remedy !== undefined);
  return found.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const docker = (more: NonNullable<PolicyInput["docker"]> = {}): PolicyInput => ({
  docker: { enabled: true, images: ["team/*"], ...more },
});

async function isAllowed(tree: object, input: PolicyInput): Promise<void> {
  assert.deepEqual(await refusals(tree, input), []);
}

async function isRefused(tree: object, input: PolicyInput, message: RegExp): Promise<void> {
  const found = await refusals(tree, input);
  assert.ok(found.length > 0 && found.every((one) => message.test(one)), JSON.stringify([tree, found]));
}

describe("a policy that says nothing", () => {
  it("allows services at ordinary addresses, and neither variables, files nor containers", async () => {
    await isAllowed(serviceFile("localhost:1"), {});
    await isAllowed(serviceFile({ address: "example.org:443", tls: {}, metadata: { a: "literal" } }), {});
    await isRefused(serviceFile("unix:/run/x.sock"), {}, /^service_registry\.s\.address: .*sockets of the machine/);
    await isRefused(serviceFile("169.254.169.254:80"), {}, /link-local/);
    const secret = { address: "localhost:1", metadata: { Authorization: "Bearer ${env.TOKEN}" } };
    await isRefused(
      serviceFile(secret),
      {},
      /^service_registry\.s\.metadata\.Authorization: .*TOKEN.*env of p\.json lists none/,
    );
    const tls = { address: "example.org:443", tls: { ca_file: "ca.pem" } };
    await isRefused(serviceFile(tls), {}, /^service_registry\.s\.tls\.ca_file: .*"\/flows\/ca\.pem".*files of p\.json/);
    await isRefused(dockerFile({}), {}, /^containers\.a: containers are not allowed.*docker\.enabled of p\.json/);
    const [param] = await refusals(
      serviceFile("${params.x}:1", { x: { default: "localhost" } }),
      {},
      { x: "localhost" },
    );
    assert.match(param ?? "", /references in an address/);
  });

  it("says all of it in one error, and what to change where", async () => {
    const workflow = await parse(serviceFile({ address: "unix:/x", metadata: { a: "${env.A}", b: "${env.B}" } }));
    assert.throws(() => enforcePolicy(readPolicy({}, "p.json"), workflow, workflow), {
      code: "POLICY_REFUSED",
      exitCode: 16,
      message: /^service_registry\.s\.address: .*; and 2 more\. Change the file, or have whoever runs this host/,
    });
    enforcePolicy(undefined, workflow, workflow);
  });
});

describe("containers under a policy", () => {
  it("run the images that it lists, by the engine's client of the host", async () => {
    await isAllowed(dockerFile({}), docker());
    await isAllowed(
      dockerFile({ image: `registry.example:5000/team/app@sha256:${"a".repeat(64)}` }),
      docker({ images: ["registry.example:5000/**"] }),
    );
    for (const image of ["team/sub/app", "team2/app", "evil.example/team/app", "app"]) {
      await isRefused(dockerFile({ image }), docker(), /image .*docker\.images of p\.json lists "team\/\*"/);
    }
    await isAllowed(commandFile("docker run -v cache:/c team/app"), docker({ mounts: [{ path: "cache" }] }));
    await isRefused(
      commandFile("/srv/in/docker run -v cache:/c team/app"),
      docker({ mounts: [{ path: "cache" }] }),
      /program/,
    );
  });

  it("have harmless options, and others where the policy lists them; what the file allows itself does not count", async () => {
    const mounts = [{ path: "cache" }];
    const run = (options: string, allow: readonly string[] = []): object =>
      commandFile(`docker run -v cache:/c ${options} team/app`, { docker: { allow } });
    await isAllowed(run("--network=none --user 1:1 -w /c -e A=b --read-only --label a=b --init"), docker({ mounts }));
    await isRefused(
      run("--privileged", ["--privileged"]),
      docker({ mounts }),
      /--privileged.*docker\.allow of p\.json/,
    );
    await isAllowed(run("--privileged", ["--privileged"]), docker({ mounts, allow: ["--privileged"] }));
    await isRefused(
      run("--cap-add net_admin", ["--cap-add"]),
      docker({ mounts, allow: ["--cap-add=SYS_TIME"] }),
      /--cap-add/,
    );
    await isAllowed(run("--cap-add CAP_net_admin", ["--cap-add"]), docker({ mounts, allow: ["--cap-add=NET_ADMIN"] }));
    for (const [option, entry] of [
      ["-p 80:80", "--publish"],
      ["--network=internal", "--network=internal"],
      ["--env-file=/srv/x", "--env-file=/srv/x"],
      ["--gpus all", "--gpus"],
      ["--group-add 7", "--group-add"],
      ["--ulimit nofile=9", "--ulimit"],
      ["--cpu-quota=9", "--cpu-quota"],
    ] as const) {
      await isRefused(run(option), docker({ mounts }), /the option .* is not allowed/);
      await isAllowed(run(option), docker({ mounts, allow: [entry] }));
    }
  });

  it("read the variables that it lists, however they ask", async () => {
    await isRefused(dockerFile({ env: { A: "x${env.TOKEN}" } }), docker(), /^containers\.a\.docker\.env: .*TOKEN/);
    await isRefused(commandFile("docker run -v c:/c -e TOKEN team/app"), docker({ mounts: [{ path: "c" }] }), /TOKEN/);
    await isAllowed(dockerFile({ env: { A: "x${env.TOKEN}" } }), { ...docker(), env: ["TOKEN"] });
    await isAllowed(commandFile("docker run -v c:/c -e TOKEN team/app"), {
      ...docker({ mounts: [{ path: "c" }] }),
      env: ["TOKEN"],
    });
  });

  it("use no more than it says", async () => {
    const most = docker({ max_memory: "512m", max_cpus: 2, mounts: [{ path: "c" }] });
    await isAllowed(dockerFile({ memory: "512m", cpus: 2 }), most);
    await isAllowed(dockerFile({}), most);
    await isRefused(dockerFile({ memory: "513m" }), most, /memory "513m"/);
    await isRefused(dockerFile({ cpus: 2.5 }), most, /cpus "2.5"/);
    for (const option of [
      "--memory 1m --memory 9g",
      "--memory 0",
      "--cpus 0",
      "--cpus 9/2",
      "--cpus 1e1",
      "--memory 1x",
    ]) {
      await isRefused(commandFile(`docker run -v c:/c ${option} team/app`), most, /is not allowed/);
    }
  });

  it("mount the folders that it lists, those below only where nobody writes", async () => {
    const mounts = [{ path: "/srv/in", read_only: true }, { path: "/srv/out" }, { path: "cache" }];
    const [policy, volumes] = [docker({ mounts }), (...texts: unknown[]) => dockerFile({ volumes: texts })];
    for (const volume of ["/srv/in:/d:ro", "/srv/in/a/b:/d:ro", "/srv/out:/d", "/srv/out/:/d:ro", "cache:/d"]) {
      await isAllowed(volumes(volume), policy);
    }
    await isAllowed(volumes({ source: "/srv/in/x:y", target: "/d", read_only: true }), policy);
    await isRefused(volumes("/srv/in:/d"), policy, /for reading/);
    await isRefused(volumes("/srv/in/a:/d"), policy, /for reading/);
    await isRefused(volumes("/srv/out/a:/d:ro"), policy, /which containers may write/);
    for (const volume of [
      "/srv:/d:ro",
      "/srv/input:/d:ro",
      "/srv/in/../out/x:/d:ro",
      "/srv/in/./a/..:/d:ro",
      "other:/d",
    ]) {
      await isRefused(volumes(volume), policy, /is not allowed/);
    }
    for (const option of [
      "-v /srv/out:/d:z",
      "-v /srv/out:/d:rshared",
      "--mount type=bind,src=/srv/in,dst=/d",
      "--mount type=bind,src=/srv/in,dst=/d,ro,bind-recursive=writable",
      "--mount type=bind,src=/srv/out,dst=/d,bind-propagation=rshared",
      "--mount type=volume,src=new,dst=/d,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/srv/out",
      "--mount type=image,src=evil,dst=/d",
      "--mount type=bind,src=/srv/in,dst=/d,readonly=false",
    ]) {
      await isRefused(commandFile(`docker run ${option} team/app`), policy, /is not allowed/);
    }
    await isAllowed(commandFile("docker run --mount type=bind,src=/srv/in/a,dst=/d,ro team/app"), policy);
  });
});

/** What an operator might give in the hope that it is read in two ways. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...["svc.example", "evil.org", "169.254.169.254", "127.0.0.1", "[::1]", "[fe80::1%25eth0]", "::ffff:1.2.3.4"],
        ...[":", "@", "/", "//", "///", "\\", "%2f", "%40", "%00", "#", "?", ",", ";", " ", "\t", "\n", "=", "..", "."],
        ...["dns:", "dns:///", "dns://8.8.8.8/", "ipv4:", "ipv6:", "unix:", "unix-abstract:", "http://", "xds:///"],
        ...[
          "user:pass@",
          "50051",
          ":50051",
          "ſvc.example",
          "svc。example",
          "ｓvc.example",
          "svc.example\u0000",
          "\u202e",
        ],
        ...["/srv/in", "/srv/out", "/srv/in/../out", "/etc/shadow", "/proc/self/root", "../../etc", "${env.TOKEN}"],
        ...[
          "team/app",
          "team",
          "--privileged",
          ":ro",
          ":rw",
          ":/d",
          "readonly",
          "type=bind",
          "cache",
          "/run/docker.sock",
        ],
      ),
      fc.string({ maxLength: 3, unit: "binary" }),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(""));

const HOST: PolicyInput = {
  env: ["TOKEN"],
  addresses: ["svc.example:50051", "10.0.0.0/8"],
  files: ["/etc/busbar/tls"],
  docker: {
    ...{ enabled: true, images: ["team/app:*", "team/app"] },
    mounts: [{ path: "/srv/in", read_only: true }, { path: "/srv/out" }],
  },
};

/** What an option mounts, read more simply than by those who judge it: these mounts have one way to be written. */
function sourceOf(option: string): string | undefined {
  if (option.startsWith("--volume=")) {
    const parts = option.slice("--volume=".length).split(":");
    return parts.length > 1 ? parts[0] : undefined;
  }
  return /source=([^",]*)/.exec(option)?.[1];
}

describe("params of somebody hostile", () => {
  const P = { p: { default: "x" } };
  const workflows = {
    address: parse(serviceFile({ address: "${params.p}" }, P)),
    host: parse(serviceFile({ address: "${params.p}:50051" }, P)),
    below: parse(serviceFile({ address: "${params.p}.svc.example:50051" }, P)),
    port: parse(serviceFile({ address: "svc.example:${params.p}" }, P)),
    secret: parse(
      serviceFile({ address: "svc.example:${params.p}", allow_plaintext: true, metadata: { a: "${env.TOKEN}" } }, P),
    ),
    tls: parse(serviceFile({ address: "svc.example:50051", tls: { ca_file: "/etc/busbar/tls/${params.p}" } }, P)),
    image: parse(dockerFile({ image: "${params.p}" }, { params: P })),
    tag: parse(dockerFile({ image: "team/app:${params.p}" }, { params: P })),
    volume: parse(dockerFile({ volumes: ["${params.p}"] }, { params: P })),
    below_volume: parse(dockerFile({ volumes: ["/srv/in/${params.p}:/d:ro"] }, { params: P })),
    parts: parse(dockerFile({ volumes: [{ source: "${params.p}", target: "/d" }] }, { params: P })),
    target: parse(
      dockerFile({ volumes: [{ source: "/srv/in", target: "${params.p}", read_only: true }] }, { params: P }),
    ),
  };
  const policy = readPolicy(HOST);

  /** The bound workflow, where the host lets it through. */
  function letThrough(workflow: Workflow, p: string): Workflow | undefined {
    const bound = bindWorkflow(workflow, { params: { p }, runId: "run-1", startedAt: "2025-01-01T00:00:00.000Z" });
    return bound.ok && checkPolicy(policy, workflow, bound.value).length === 0 ? bound.value : undefined;
  }

  it("reach no other address", async () => {
    const files = [await workflows.address, await workflows.host, await workflows.below, await workflows.port];
    fc.assert(
      fc.property(fc.constantFrom(...files), hostile, (workflow, p) => {
        const address = letThrough(workflow, p)?.services.get("s")?.address;
        if (address === undefined) return;
        const target = parseTarget(String(address));
        assert.ok(target.ok);
        // A name that is not listed is asked for again with each address that it has, before that is connected to.
        if (target.value.kind === "ip") {
          for (const { host } of target.value.endpoints) assert.match(host, /^10\.\d+\.\d+\.\d+$/);
        } else assert.equal(target.value.kind, "dns");
      }),
      { numRuns: 3000 },
    );
  });

  it("move no secret at all", async () => {
    const workflow = await workflows.secret;
    fc.assert(fc.property(hostile, (p) => assert.equal(letThrough(workflow, p), undefined)));
    assert.equal(letThrough(workflow, "50051"), undefined);
  });

  it("reach no other tls file", async () => {
    const workflow = await workflows.tls;
    fc.assert(
      fc.property(hostile, (p) => {
        const file = letThrough(workflow, p)?.services.get("s")?.tls?.caFile;
        if (file !== undefined) assert.match(`${posix.resolve(String(file))}/`, /^\/etc\/busbar\/tls\//);
      }),
    );
    assert.ok(letThrough(workflow, "ca.pem") !== undefined);
    assert.equal(letThrough(workflow, "../../shadow"), undefined);
  });

  it("run no other image, and mount nothing else", async () => {
    const files = [
      ...[await workflows.image, await workflows.tag, await workflows.volume, await workflows.below_volume],
      ...[await workflows.parts, await workflows.target],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...files), hostile, (workflow, p) => {
        const bound = letThrough(workflow, p)?.nodes[0];
        if (bound === undefined) return;
        const { image, options } = requestOf(bound) as unknown as { image: string; options: readonly string[] };
        assert.match(image, /^team\/app(?::[\w.-]+(?:@[\w.+-]+:[0-9a-fA-F]+)?)?$/);
        for (const option of options) {
          const source = sourceOf(option);
          if (source === undefined) continue;
          assert.doesNotMatch(source, /(?:^|\/)\.\.(?:\/|$)/);
          assert.match(source, /^\/+srv\/+(?:out\/*|in(?:\/.*)?)$/s, option);
        }
      }),
      { numRuns: 3000 },
    );
    for (const [workflow, p] of [
      [await workflows.image, "team/app"],
      [await workflows.tag, "2"],
      [await workflows.volume, "/srv/out:/d"],
      [await workflows.below_volume, "a/b"],
    ] as const) {
      assert.ok(letThrough(workflow, p) !== undefined, p);
    }
  });
});
