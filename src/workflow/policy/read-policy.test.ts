import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { type PolicyInput, parsePolicy, readPolicy } from "./read-policy.ts";
import { policySchema } from "./schema.ts";

const schema = await policySchema();
const WHOLE = {
  env: ["TOKEN"],
  addresses: ["db.example:50051", "10.0.0.0/8", "unix:/run/app.sock"],
  files: ["/etc/busbar/tls"],
  docker: {
    enabled: true,
    images: ["team/*"],
    allow: ["--cap-add=NET_ADMIN", "--publish", "--network=internal"],
    mounts: [{ path: "/srv/in/", read_only: true }, { path: "/srv/out" }, { path: "cache" }],
    max_memory: "512m",
    max_cpus: 1.5,
  },
};

const told = (raw: unknown): readonly string[] => {
  const parsed = parsePolicy(raw, "policy.json");
  assert.ok(!parsed.ok, JSON.stringify(raw));
  for (const { code } of parsed.error) assert.equal(code, "POLICY_INVALID");
  return parsed.error.map(({ path, message, suggestion }) =>
    `${path.join(".")}: ${message} ${suggestion ?? ""}`.trim(),
  );
};

describe("a host's policy", () => {
  it("is read, and allows nothing where it says nothing", () => {
    const { kinds, addresses, ...rest } = readPolicy(WHOLE, "p");
    assert.deepEqual(rest, { name: "p", env: ["TOKEN"], files: ["/etc/busbar/tls"] });
    assert.equal(addresses?.length, 3);
    assert.deepEqual(kinds, {
      docker: {
        ...{ enabled: true, images: ["team/*"], allow: ["--cap-add=NET_ADMIN", "--publish", "--network=internal"] },
        mounts: [
          { path: "/srv/in", readOnly: true },
          { path: "/srv/out", readOnly: false },
          { path: "cache", readOnly: false },
        ],
        ...{ maxMemory: 512 * 2 ** 20, maxCpus: 1.5 },
      },
    });
    assert.deepEqual(readPolicy({}), {
      ...{ name: "the host's policy", env: [], addresses: undefined, files: [] },
      kinds: { docker: { enabled: false, images: [], allow: [], mounts: [] } },
    });
  });

  it("has no other keys, and says what was probably meant", () => {
    const raw = { envs: [], docker: { image: [], mounts: [{ path: "/a", readonly: true }] } };
    assert.deepEqual(told(raw).toSorted(), [
      'docker.image: "image" is not a key of docker of a policy images',
      'docker.mounts.0.readonly: "readonly" is not a key of a mount of a policy read_only',
      'envs: "envs" is not a key of a policy env',
    ]);
  });

  it("is refused where a value could mean something else", () => {
    for (const raw of [
      ...[null, [], "x", { env: "A" }, { env: ["A B"] }, { env: [1] }, { addresses: ["http://x"] }, { files: ["tls"] }],
      ...[{ files: ["/a/../b"] }, { docker: [] }, { docker: { enabled: "yes" } }, { docker: { images: [" "] } }],
      ...[{ docker: { allow: ["cap-add"] } }, { docker: { allow: ["/etc"] } }, { docker: { allow: ["--nonsense"] } }],
      ...[{ docker: { mounts: ["/a"] } }, { docker: { mounts: [{}] } }, { docker: { mounts: [{ path: "a/b" }] } }],
      ...[{ docker: { max_memory: "lots" } }, { docker: { max_memory: "0" } }, { docker: { max_cpus: 0 } }],
      ...[{ docker: { mounts: [{ path: "/a/./b" }] } }, { docker: { mounts: [{ path: "/a" }, { path: "/a/b" }] } }],
    ]) {
      assert.ok(told(raw).length > 0);
    }
    assert.throws(() => readPolicy({ envs: [] } as PolicyInput), {
      code: "POLICY_INVALID",
      message: /^the host's policy: envs: .*did you mean "env"/,
    });
  });

  it("may list a folder below one that containers only read", () => {
    readPolicy({ docker: { mounts: [{ path: "/a", read_only: true }, { path: "/a/b" }] } });
  });
});

describe("policySchema", () => {
  it("is what schema/policy.schema.json says (npm run generate writes it)", () => {
    const file = new URL("../../../schema/policy.schema.json", import.meta.url);
    assert.equal(readFileSync(file, "utf8"), `${JSON.stringify(schema, undefined, 2)}\n`);
  });

  it("takes what the reader takes", () => {
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
    for (const policy of [{}, WHOLE]) assert.ok(validate(policy), JSON.stringify(validate.errors));
    for (const policy of [{ envs: [] }, { docker: { mounts: ["/a"] } }, { docker: { mounts: [{}] } }, { env: "A" }]) {
      assert.equal(validate(policy), false);
    }
    assert.doesNotMatch(JSON.stringify(schema), /"description":""/);
  });
});
