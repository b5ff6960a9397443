// What a file may say of containers beside commands: the structured form, what it allows, policies of docker nodes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { diagnose, parseBoth } from "../../../testing/diagnose.ts";
import { workflowText } from "../../../testing/workflow-text.ts";
import { bindWorkflow } from "../../bind.ts";
import { diffNodes } from "../../diff.ts";
import { requestOf } from "../../node.ts";
import { readParams } from "../../params.ts";
import { parseWorkflow } from "../../parse.ts";
import type { Workflow } from "../../workflow.ts";
import type { DockerNode } from "./node.ts";

type Tree = { [key: string]: unknown };

const file = (node: Tree, more: Tree = {}): Tree => ({
  workflow_name: "t",
  execution_mode: "docker",
  containers: { a: node },
  ...more,
});
const structured = (docker: Tree = {}, more: Tree = {}): Tree =>
  file({ docker: { image: "image", volumes: ["/h:/d"], ...docker } }, more);

async function valid(tree: Tree): Promise<Workflow> {
  const parsed = await parseBoth(tree);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

const binding = (params = {}) => ({ params, runId: "run-1", startedAt: "2025-01-01T00:00:00.000Z" });

async function requestsOf(tree: Tree, params = {}): Promise<readonly unknown[]> {
  const bound = bindWorkflow(await valid(tree), binding(params));
  assert.ok(bound.ok, JSON.stringify(bound));
  return bound.value.nodes.map(requestOf);
}

async function messages(tree: Tree): Promise<readonly string[]> {
  const parsed = await parseBoth(tree);
  assert.ok(!parsed.ok);
  return parsed.error.map(({ message, suggestion }) =>
    suggestion === undefined ? message : `${message} (${suggestion}?)`,
  );
}

const full = structured(
  {
    image: "registry.example.org/${params.team}/image:1",
    args: ["--in", "/d/${run.id}.csv", "", "$${x}"],
    volumes: ["/data/${params.team}:/d", "cache:/cache:ro"],
    env: { TEAM: "${params.team}", EMPTY: "", TOKEN: "Bearer ${env.TOKEN}-${run.id}", PATH: "/bin" },
    network: "none",
    user: "1000:1000",
    memory: "512m",
    cpus: 1.5,
  },
  { params: { team: {} } },
);

describe("docker: { image, … }", () => {
  it("becomes the same kind of request as a command; a secret goes by its name", async () => {
    assert.deepEqual(await requestsOf(full, { team: "energy" }), [
      {
        program: "docker",
        options: [
          "--volume=/data/energy:/d",
          "--volume=cache:/cache:ro",
          "--env=TEAM=energy",
          "--env=EMPTY=",
          "--env=PATH=/bin",
          "--network=none",
          "--user=1000:1000",
          "--memory=512m",
          "--cpus=1.5",
        ],
        image: "registry.example.org/energy/image:1",
        args: ["--in", "/d/run-1.csv", "", "${x}"],
        env: { TOKEN: ["Bearer ", { env: "TOKEN" }, "-run-1"] },
      },
    ]);
    const [request] = await requestsOf(structured({ volumes: [] }, { docker: { engine: "podman" } }));
    assert.deepEqual(request, { program: "podman", options: [], image: "image", args: [] });
  });

  it("stands instead of a command: one of them, not both, not none", async () => {
    assert.deepEqual(await diagnose(file({})), ["WORKFLOW_MISSING_KEY key:containers.a"]);
    const both = { docker: { image: "image", volumes: [] }, command: "docker run -v /a:/b image" };
    assert.deepEqual(await diagnose(file(both)), ["WORKFLOW_INVALID_VALUE key:containers.a.docker"]);
  });

  it("is no sign of the first form of the original, and belongs to docker nodes", async () => {
    const tree = { ...structured(), execution_mode: undefined };
    assert.deepEqual(await messages(JSON.parse(JSON.stringify(tree))), [
      "docker belongs to docker nodes; this one is grpc (executor: docker makes it one)",
      'the container "a" has no input_file',
      'the container "a" has no output_file',
    ]);
    const list = { workflow_name: "t", containers: [{ id: "a", docker: { image: "image", volumes: [] } }] };
    assert.equal((await valid(list)).nodes[0]?.executor, "docker");
  });

  it("needs an image and says which volumes there are, if only that there are none", async () => {
    assert.deepEqual(await diagnose(file({ docker: {} })), [
      "WORKFLOW_MISSING_KEY key:containers.a.docker",
      "WORKFLOW_MISSING_VOLUME key:containers.a.docker",
    ]);
    assert.deepEqual(await diagnose(file({ docker: "image" })), ["WORKFLOW_WRONG_TYPE containers.a.docker"]);
  });

  it("has its problems told each at its place", async () => {
    const wrong = {
      image: 1,
      args: ["a", 2],
      volumes: "/a:/b",
      env: { A: 1, "B C": "x" },
      memory: "lots",
      cpus: 0,
      netwrok: "none",
    };
    assert.deepEqual([...(await diagnose(structured(wrong)))].sort(), [
      "WORKFLOW_INVALID_VALUE containers.a.docker.cpus",
      "WORKFLOW_INVALID_VALUE containers.a.docker.memory",
      "WORKFLOW_INVALID_VALUE key:containers.a.docker.env.B C",
      "WORKFLOW_UNKNOWN_KEY key:containers.a.docker.netwrok",
      "WORKFLOW_WRONG_TYPE containers.a.docker.args.1",
      "WORKFLOW_WRONG_TYPE containers.a.docker.env.A",
      "WORKFLOW_WRONG_TYPE containers.a.docker.image",
      "WORKFLOW_WRONG_TYPE containers.a.docker.volumes",
    ]);
    const unsafe = {
      image: "-v",
      volumes: ["/a:/b", "/etc:/c"],
      network: "host",
      env: { A: "x\0y" },
      args: ["\0"],
    };
    assert.deepEqual([...(await diagnose(structured(unsafe)))].sort(), [
      "WORKFLOW_INVALID_VALUE containers.a.docker.args.0",
      "WORKFLOW_INVALID_VALUE containers.a.docker.env.A",
      "WORKFLOW_INVALID_VALUE containers.a.docker.image",
      "WORKFLOW_NOT_ALLOWED containers.a.docker.network",
      "WORKFLOW_NOT_ALLOWED containers.a.docker.volumes.1",
    ]);
  });

  it("passes every text on as it is, line breaks and control characters too; only a NUL is refused", async () => {
    const character = fc.constantFrom(..."ab \n\t\r\u0007\u001b\u0085\u2028\u202e\ufeff$'\"\\\0é");
    const texts = fc.string({ unit: character, minLength: 1, maxLength: 8 }).map((text) => text.replaceAll("${", "$"));
    await fc.assert(
      fc.asyncProperty(texts, texts, texts, async (arg, value, given) => {
        const docker = {
          image: "image",
          volumes: [],
          args: [arg, "<${params.p}>"],
          env: { A: value, B: "${params.p}" },
        };
        const tree = file({ docker }, { params: { p: {} } });
        // As JSON alone: the writer of YAML that tests use loses a space before a line break.
        const parsed = await parseWorkflow({ fileName: "t.json", text: JSON.stringify(tree) });
        assert.equal(parsed.ok, !`${arg}${value}`.includes("\0"));
        if (!parsed.ok) {
          for (const { message } of parsed.error) assert.doesNotMatch(message, /\p{Cc}/u);
          return;
        }
        const read = readParams(parsed.value, [["p", given]]);
        assert.ok(read.ok);
        const bound = bindWorkflow(parsed.value, binding(read.value));
        assert.equal(bound.ok, !given.includes("\0"));
        if (!bound.ok) return;
        const [request] = bound.value.nodes.map(requestOf);
        assert.deepEqual(request?.args, [arg, `<${given}>`]);
        assert.deepEqual(request?.options, [`--env=A=${value}`, `--env=B=${given}`]);
      }),
    );
  });

  it("is checked again once params are filled in", async () => {
    const problems = async (team: string) => {
      const bound = bindWorkflow(await valid(full), binding({ team }));
      return bound.ok ? [] : bound.error.map(({ code, path }) => `${code} ${path.join(".")}`);
    };
    assert.deepEqual(await problems("energy"), []);
    assert.deepEqual(await problems("../etc"), [
      "WORKFLOW_NOT_ALLOWED containers.a.docker.volumes.0",
      "WORKFLOW_INVALID_VALUE containers.a.docker.image",
    ]);
    assert.deepEqual(await problems("a\n"), ["WORKFLOW_INVALID_VALUE containers.a.docker.image"]);
    assert.deepEqual(await problems("a\0"), [
      "WORKFLOW_INVALID_VALUE containers.a.docker.volumes.0",
      "WORKFLOW_INVALID_VALUE containers.a.docker.env.TEAM",
      "WORKFLOW_INVALID_VALUE containers.a.docker.image",
    ]);
  });

  it("fits an event", async () => {
    const args = Array.from({ length: 20 }, () => "x".repeat(4000));
    assert.deepEqual(await diagnose(structured({ args })), ["WORKFLOW_INVALID_VALUE containers.a.docker"]);
    assert.deepEqual(await diagnose(file({ command: `docker run -v /a:/b image '${"€".repeat(16_000)}'` })), [
      "WORKFLOW_INVALID_VALUE containers.a.command",
    ]);
  });

  it("can be written as a file again, and so can a command", async () => {
    for (const tree of [
      full,
      file({ command: "podman run -v /a:/b --init -e A='it''s $x' image sh -c 'a | b' '' \"it's\"" }),
      file({ command: "docker run -v /etc:/b --net host image" }, { docker: { allow: ["/etc", "--network=host"] } }),
    ]) {
      const workflow = await valid(tree);
      const again = await parseWorkflow({ fileName: "a.json", text: workflowText(workflow) });
      assert.ok(again.ok, JSON.stringify(again));
      assert.deepEqual(again.value.nodes, workflow.nodes);
    }
  });
});

describe("docker: { allow: […] }", () => {
  const allow = (...entries: unknown[]) => messages(structured({}, { docker: { allow: entries } }));

  it("takes options that need allowing, by their long names, and absolute paths", async () => {
    const entries = [
      "--cap-add",
      "--net=host",
      "--cap-add=cap_sys_admin",
      "--privileged=true",
      "/etc/localtime",
      "C:\\data",
    ];
    const workflow = await valid(structured({}, { docker: { allow: entries } }));
    assert.deepEqual((workflow.nodes[0] as DockerNode).container.allow, [
      "--cap-add",
      "--network=host",
      "--cap-add=SYS_ADMIN",
      "--privileged",
      "/etc/localtime",
      "C:\\data",
    ]);
    assert.deepEqual(await requestsOf(structured({}, { docker: { allow: entries } })), [
      {
        program: "docker",
        options: ["--volume=/h:/d"],
        image: "image",
        args: [],
        allow: ["/etc/localtime", "C:\\data"],
      },
    ]);
  });

  it("refuses anything else, and suggests what was meant", async () => {
    assert.deepEqual(await allow("--capadd", "privileged", "--network=none", "--volume", "etc", "-v", 1), [
      'allow: "--capadd" is neither an option that needs allowing, like --cap-add or --network=host, nor an absolute path (--cap-add?)',
      'allow: "privileged" is neither an option that needs allowing, like --cap-add or --network=host, nor an absolute path (--privileged?)',
      'allow: "--network=none" needs no allowing',
      'allow: "--volume" needs no allowing',
      'allow: "etc" is neither an option that needs allowing, like --cap-add or --network=host, nor an absolute path',
      'allow: "-v" needs no allowing',
      'allow holds texts, not 1; put it in quotes: "1"',
    ]);
    assert.deepEqual(await diagnose(structured({}, { docker: { allow: "--privileged", engine: "rkt" } })), [
      "WORKFLOW_INVALID_VALUE docker.engine",
      "WORKFLOW_WRONG_TYPE docker.allow",
    ]);
  });
});

describe("policies of docker nodes", () => {
  const command = "docker run -v /a:/b image";
  const grpc = { executor: "grpc", input_file: "/i", output_file: "/o" };
  const mixed = (defaults: Tree, dockerNode: Tree = {}, grpcNode: Tree = {}): Tree => ({
    workflow_name: "t",
    service_registry: { g: "localhost:1" },
    defaults,
    containers: { d: { executor: "docker", command, ...dockerNode }, g: { ...grpc, ...grpcNode } },
  });
  const retryOn = async (tree: Tree) => (await valid(tree)).nodes.map(({ retry }) => retry.retryOn);

  it("retry by exit codes, and an engine that does not answer", async () => {
    assert.deepEqual(await retryOn(mixed({})), [["UNAVAILABLE"], ["UNAVAILABLE"]]);
    assert.deepEqual(await retryOn(mixed({}, { retry: { retryable_exit_codes: [75, 1, 75] } })), [
      ["UNAVAILABLE", "EXIT_75", "EXIT_1"],
      ["UNAVAILABLE"],
    ]);
  });

  it("take from defaults what is their own", async () => {
    const retry = {
      retryable_exit_codes: [75],
      retryable_status_codes: ["ABORTED"],
      retry_failure_reply: true,
      max_attempts: 7,
    };
    const workflow = await valid(mixed({ retry }, {}, { retry: { max_attempts: 2 } }));
    assert.deepEqual(
      workflow.nodes.map((node) => [node.retry.maxAttempts, node.retry.retryOn]),
      [
        [7, ["UNAVAILABLE", "EXIT_75"]],
        [2, ["ABORTED", "FAILURE_REPLY"]],
      ],
    );
    assert.deepEqual(await retryOn(mixed({ retry }, { retry: { retryable_exit_codes: [] } })), [
      ["UNAVAILABLE"],
      ["ABORTED", "FAILURE_REPLY"],
    ]);
    assert.deepEqual(await diagnose(mixed({ retry: { initial_backoff_seconds: 31 } })), [
      "WORKFLOW_INVALID_VALUE defaults.retry.initial_backoff_seconds",
    ]);
  });

  it("say which keys of retry belong to the other executor", async () => {
    assert.deepEqual(
      await messages(
        mixed(
          {},
          { retry: { retryable_status_codes: ["ABORTED"], retry_failure_reply: true } },
          { retry: { retryable_exit_codes: [1] } },
        ),
      ),
      [
        "retryable_status_codes belongs to grpc nodes; a docker node has retryable_exit_codes",
        "retry_failure_reply belongs to grpc nodes; a docker node has retryable_exit_codes",
        "retryable_exit_codes belongs to docker nodes; a grpc node has retryable_status_codes",
      ],
    );
    assert.deepEqual(await diagnose(mixed({}, { retry: { retryable_exit_codes: [0, 256, 1.5, "1"] } })), [
      "WORKFLOW_INVALID_VALUE containers.d.retry.retryable_exit_codes.0",
      "WORKFLOW_INVALID_VALUE containers.d.retry.retryable_exit_codes.1",
      "WORKFLOW_WRONG_TYPE containers.d.retry.retryable_exit_codes.2",
      "WORKFLOW_WRONG_TYPE containers.d.retry.retryable_exit_codes.3",
    ]);
  });

  it("give a container an hour where a call has 30 seconds, unless the file says so", async () => {
    const timeouts = async (tree: Tree) => (await valid(tree)).nodes.map(({ timeoutMs }) => timeoutMs);
    assert.deepEqual(await timeouts(mixed({})), [3_600_000, 30_000]);
    assert.deepEqual(await timeouts(mixed({ timeout_seconds: 5 })), [5000, 5000]);
    assert.deepEqual(await timeouts(mixed({}, { timeout_seconds: 7 })), [7000, 30_000]);
  });
});

describe("a changed container", () => {
  const differences = async (before: Tree, after: Tree) => {
    const [old, now] = [bindWorkflow(await valid(before), binding()), bindWorkflow(await valid(after), binding())];
    assert.ok(old.ok && now.ok);
    return [...diffNodes(old.value, now.value, ["a"]).values()].flat();
  };

  it("is none where only the writing or the file's allowances differ", async () => {
    const command = file({ command: "docker run -v /h:/d image" });
    assert.deepEqual(await differences(command, file({ command: "docker  run --volume='/h:/d' 'image'" })), []);
    assert.deepEqual(await differences(command, structured()), []);
    assert.deepEqual(await differences(command, { ...command, docker: { allow: ["/etc"] } }), []);
  });

  it("is told in words", async () => {
    const before = structured({ args: ["a", "b"], env: { X: "${env.Y}" } });
    assert.deepEqual(await differences(before, structured({ image: "other", volumes: ["/h:/e"], args: ["b", "a"] })), [
      '"a": its options no longer have "--volume=/h:/d"',
      '"a": its options now have "--volume=/h:/e"',
      '"a": its image was "image" and is now "other"',
      '"a": its args stand in another order or number',
      '"a": its env was "{"X":[{"env":"Y"}]}" and is now not there',
    ]);
  });
});
