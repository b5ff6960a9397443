// The manifests of deploy/kubernetes: consistent in themselves, valid to the API's schemas, and what kustomize makes of them.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { afterEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { KINDS } from "../examples/energy-pipeline/services/start.ts";
import { createJsonLog, startDummyServer } from "../src/service/index.ts";
import { parseWorkflow } from "../src/workflow/parse.ts";
import {
  type Container,
  FOLDER,
  listFiles,
  ofKind,
  type PodTemplate,
  parseManifests,
  readKustomization,
  readManifests,
  selects,
} from "./kubernetes/manifests.ts";
import { build, requireKubernetesValidate, requireKustomize, validate } from "./kubernetes/peers.ts";
import { assertRestricted } from "./kubernetes/restricted.ts";

/** gRPC probes and the label of a Job's uid came with the first; the other is the newest that the validator knows. */
const VERSIONS = ["1.27", "1.37"];

const KUSTOMIZATIONS = [".", "run", "command", "cluster", "cluster/token"];

const validator = requireKubernetesValidate();
const kustomize = requireKustomize();
const manifests = readManifests("pipeline");
const deployments = ofKind("Deployment", manifests);
const services = ofKind("Service", manifests);
const jobs = ofKind("Job", manifests);
const templates: readonly PodTemplate[] = [...deployments, ...jobs].map(({ spec }) => spec.template);
const containers: readonly Container[] = templates.flatMap(({ spec }) => spec.containers);
const workflowText = readFileSync(join(FOLDER, "run/energy-pipeline.json"), "utf8");

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "busbar-kubernetes-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("deploy/kubernetes", () => {
  it("has three services, and a Job that runs the workflow", () => {
    const names = ["energy-analyzer", "energy-generator", "report-generator"];
    assert.deepEqual(deployments.map(({ metadata }) => metadata.name).sort(), names);
    assert.deepEqual(services.map(({ metadata }) => metadata.name).sort(), names);
    assert.deepEqual(
      jobs.map(({ metadata }) => metadata.name),
      ["energy-pipeline"],
    );
  });

  it("uses every file, and names none that is not there", () => {
    const folders = listFiles()
      .filter((path) => path.endsWith("kustomization.yaml"))
      .map((path) => dirname(path));
    const named = folders.flatMap((folder) => {
      const { resources = [], components = [], configMapGenerator = [] } = readKustomization(folder);
      return [...resources, ...components, ...configMapGenerator.flatMap(({ files }) => files)].map((path) =>
        normalize(join(folder, path)).replaceAll("\\", "/"),
      );
    });
    for (const path of named) assert.ok(existsSync(join(FOLDER, path)), path);
    const files = listFiles().filter((path) => !path.endsWith("kustomization.yaml"));
    assert.deepEqual(
      files.filter((path) => !named.includes(path)),
      [],
    );
  });

  it("lets every selector find its pods, and no other", () => {
    for (const { metadata, spec } of deployments) {
      assert.ok(selects(spec.selector.matchLabels, spec.template.metadata.labels), metadata.name);
    }
    for (const { metadata, spec } of services) {
      const found = templates.filter((template) => selects(spec.selector, template.metadata.labels));
      assert.deepEqual(
        found.map((template) => template.spec.containers[0]?.name),
        [metadata.name],
      );
    }
    const count = (labels: { readonly [name: string]: string }): number =>
      templates.filter((template) => selects(labels, template.metadata.labels)).length;
    const policies = ofKind("NetworkPolicy", manifests);
    assert.deepEqual(
      policies.map(({ metadata, spec }) => [metadata.name, count(spec.podSelector.matchLabels)]),
      [
        ["services", 3],
        ["orchestrator", 1],
      ],
    );
    const peers = policies.flatMap(({ spec }) => [
      ...(spec.ingress ?? []).flatMap(({ from = [] }) => from),
      ...(spec.egress ?? []).flatMap(({ to = [] }) => to),
    ]);
    const ownNamespace = peers.filter(({ namespaceSelector }) => namespaceSelector === undefined);
    assert.deepEqual(
      ownNamespace.map(({ podSelector }) => count(podSelector.matchLabels)),
      [1, 3],
    );
  });

  it("lets nothing out but calls of the services, and questions to the cluster's own DNS", () => {
    const egress = ofKind("NetworkPolicy", manifests).flatMap(({ spec }) => spec.egress ?? []);
    assert.deepEqual(egress, [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          },
        ],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
      {
        to: [{ podSelector: { matchLabels: { "app.kubernetes.io/component": "service" } } }],
        ports: [{ port: "grpc" }],
      },
    ]);
  });

  it("keeps on one node all pods that share a volume which only one node can mount", () => {
    const claims = ofKind("PersistentVolumeClaim", manifests);
    for (const { metadata, spec } of claims) {
      assert.deepEqual(spec.accessModes, ["ReadWriteOnce"]);
      const sharing = templates.filter((template) =>
        template.spec.volumes.some(({ persistentVolumeClaim: claim }) => claim?.claimName === metadata.name),
      );
      assert.ok(sharing.length > 0, metadata.name);
      for (const template of sharing) {
        const terms = template.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
        assert.equal(terms.length, 1, metadata.name);
        for (const { topologyKey, labelSelector } of terms) {
          assert.equal(topologyKey, "kubernetes.io/hostname");
          // The first of them may go anywhere: a pod that its own term selects needs no other.
          for (const other of sharing) assert.ok(selects(labelSelector.matchLabels, other.metadata.labels));
        }
      }
    }
  });

  it("probes by gRPC the port that the container has and the Service leads to", () => {
    for (const { metadata, spec } of deployments) {
      const [container] = spec.template.spec.containers;
      const [port] = container?.ports ?? [];
      for (const probe of [container?.startupProbe, container?.readinessProbe, container?.livenessProbe]) {
        assert.equal(probe?.grpc.port, port?.containerPort, metadata.name);
      }
      const service = services.find((each) => each.metadata.name === metadata.name);
      assert.deepEqual(
        service?.spec.ports.map((each) => [each.port, each.targetPort]),
        [[port?.containerPort, port?.name]],
      );
    }
  });

  it("gives a pod no right that it does not need", () => {
    for (const template of templates) assertRestricted(template);
  });

  it("mounts only volumes that there are", () => {
    const claims = ofKind("PersistentVolumeClaim", manifests).map(({ metadata }) => metadata.name);
    const maps = readKustomization("run").configMapGenerator?.map(({ name }) => name) ?? [];
    for (const { spec } of templates) {
      const mounted = spec.containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name));
      assert.deepEqual(mounted.sort(), spec.volumes.map(({ name }) => name).sort());
      for (const { persistentVolumeClaim, configMap } of spec.volumes) {
        if (persistentVolumeClaim !== undefined) assert.ok(claims.includes(persistentVolumeClaim.claimName));
        if (configMap !== undefined) assert.ok(maps.includes(configMap.name));
      }
    }
  });

  it("names the images that `npm run images` builds, and their version in one place", () => {
    const used = [...new Set(containers.map(({ image }) => image))].sort();
    assert.deepEqual(used, ["busbar", ...KINDS.map(({ name }) => `busbar-${name}`).sort()]);
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const images = readKustomization("images").images ?? [];
    assert.deepEqual(
      images.map(({ name, newName, newTag }) => [name, newName, newTag]).sort(),
      used.map((name) => [name, name, version]),
    );
  });

  it("runs the workflow of the original, at the addresses of the Services", async () => {
    const parsed = await parseWorkflow({ fileName: "energy-pipeline.json", text: workflowText });
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const original = readFileSync(new URL("fixtures/seed/phase2/energy-pipeline.json", import.meta.url), "utf8");
    const { service_registry: registry, ...rest } = JSON.parse(workflowText);
    const { service_registry: _, ...expected } = JSON.parse(original);
    assert.deepEqual(rest, expected);
    const addresses = services.map(({ metadata, spec }) => [metadata.name, `${metadata.name}:${spec.ports[0]?.port}`]);
    assert.deepEqual(registry, Object.fromEntries(addresses));
    const compose = new URL("../deploy/compose/config/energy-pipeline.json", import.meta.url);
    assert.equal(workflowText.trimEnd(), readFileSync(compose, "utf8").trimEnd());
  });
});

describe("the Job's container", () => {
  it("runs the workflow, and when it is started again under the same Job, does not run it twice", async () => {
    const folder = scratch();
    const dummy = await startDummyServer({ port: 0, signals: [], log: createJsonLog("dummy", () => undefined) });
    cleanups.push(() => dummy.close(0));
    const file = join(folder, "energy-pipeline.json");
    writeFileSync(file, workflowText.replaceAll(/"[a-z-]+:5005\d"/g, JSON.stringify(dummy.address)));
    const args = (jobs[0]?.spec.template.spec.containers[0]?.args ?? []).map((arg) =>
      arg.replace("/config/energy-pipeline.json", file).replace("$(JOB_UID)", "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"),
    );
    const bin = fileURLToPath(new URL("../src/cli/bin.ts", import.meta.url));
    const env = { ...process.env, BUSBAR_STATE_DIR: join(folder, "state") };
    const start = () => promisify(execFile)(process.execPath, [bin, ...args], { env });

    assert.match((await start()).stderr, /run energy-pipeline-1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed succeeded/);
    await assert.rejects(start(), { code: 2, stderr: /RUN_EXISTS/ });
  });
});

describe("kubernetes-validate", () => {
  const files = listFiles().filter((path) => path.endsWith(".yaml") && !path.endsWith("kustomization.yaml"));
  for (const version of VERSIONS) {
    it(`finds nothing wrong in the manifests, for Kubernetes ${version}`, { skip: validator.skip }, () => {
      if (!validator.found) return;
      const all = join(scratch(), "all.yaml");
      writeFileSync(all, files.map((path) => readFileSync(join(FOLDER, path), "utf8")).join("---\n"));
      assert.deepEqual(validate(validator.peer, all, version), []);
    });
  }

  it("would find a field that does not exist, one that is missing, and one of a wrong type", {
    skip: validator.skip,
  }, () => {
    if (!validator.found) return;
    const job = readFileSync(join(FOLDER, "run/job.yaml"), "utf8");
    const file = join(scratch(), "job.yaml");
    const wrong: readonly (readonly [string, string, RegExp])[] = [
      ["readOnlyRootFilesystem:", "readonlyRootFilesystem:", /readonlyRootFilesystem/],
      ["- name: busbar\n", "- stdin: false\n", /'name' is a required property/],
      ["backoffLimit: 0", "backoffLimit: none", /none/],
    ];
    for (const [right, planted, complaint] of wrong) {
      assert.ok(job.includes(right), right);
      writeFileSync(file, job.replace(right, planted));
      for (const version of VERSIONS) assert.match(validate(validator.peer, file, version).join("\n"), complaint);
    }
  });

  for (const folder of KUSTOMIZATIONS) {
    it(`finds nothing wrong in what kustomize makes of ${folder}`, { skip: validator.skip || kustomize.skip }, () => {
      if (!validator.found || !kustomize.found) return;
      const file = join(scratch(), "built.yaml");
      writeFileSync(file, build(kustomize.peer, join(FOLDER, folder)));
      for (const version of VERSIONS) assert.deepEqual(validate(validator.peer, file, version), []);
    });
  }
});

describe("kustomize", () => {
  it("gives the Job the workflow file, byte for byte", { skip: kustomize.skip }, () => {
    if (!kustomize.found) return;
    const built = parseManifests(build(kustomize.peer, join(FOLDER, "run")));
    const [map] = ofKind("ConfigMap", built);
    assert.equal(map?.data["energy-pipeline.json"], workflowText);
    const [job] = ofKind("Job", built);
    const mounted = job?.spec.template.spec.volumes.find(({ name }) => name === "config");
    assert.equal(mounted?.configMap?.name, map?.metadata.name);
  });

  it("puts all of it into the namespace, and a tag to every image", { skip: kustomize.skip }, () => {
    if (!kustomize.found) return;
    const tags = new Map(readKustomization("images").images?.map(({ name, newTag }) => [name, newTag]));
    for (const folder of KUSTOMIZATIONS) {
      const built = parseManifests(build(kustomize.peer, join(FOLDER, folder)));
      for (const { kind, metadata } of built) {
        if (kind !== "Namespace") assert.equal(metadata.namespace, "busbar", `${kind} ${metadata.name}`);
      }
      for (const { spec } of [...ofKind("Deployment", built), ...ofKind("Job", built)]) {
        for (const { image } of spec.template.spec.containers) {
          const [name = "", tag] = image.split(":");
          assert.equal(tag, tags.get(name), image);
        }
      }
    }
  });

  it("makes of `command` the same Job without the workflow file", { skip: kustomize.skip }, () => {
    if (!kustomize.found) return;
    const built = parseManifests(build(kustomize.peer, join(FOLDER, "command")));
    assert.deepEqual(
      built.map(({ kind, metadata }) => [kind, metadata.name]),
      [["Job", "busbar-command"]],
    );
    const [container] = ofKind("Job", built)[0]?.spec.template.spec.containers ?? [];
    assert.deepEqual(container?.args, ["COMMAND", "RUN"]);
    assert.deepEqual(
      container?.volumeMounts.map(({ mountPath }) => mountPath),
      ["/state", "/tmp"],
    );
  });

  it("lets the services part with the component `read-write-many`", { skip: kustomize.skip }, () => {
    if (!kustomize.found) return;
    const folder = join(scratch(), "kubernetes");
    cpSync(FOLDER, folder, { recursive: true });
    const file = join(folder, "kustomization.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("  - images\n", "  - images\n  - read-write-many\n"));
    const built = parseManifests(build(kustomize.peer, folder));
    assert.deepEqual(
      ofKind("PersistentVolumeClaim", built).map(({ metadata, spec }) => [metadata.name, ...spec.accessModes]),
      [
        ["busbar-state", "ReadWriteOnce"],
        ["energy-data", "ReadWriteMany"],
      ],
    );
    const affinities = ofKind("Deployment", built).map(({ spec }) => spec.template.spec.affinity);
    assert.deepEqual(affinities, [undefined, undefined, undefined]);
  });
});

describe("docs/guides/kubernetes.md", () => {
  const guide = readFileSync(new URL("../docs/guides/kubernetes.md", import.meta.url), "utf8");

  it("names every folder, and none that is not there", () => {
    const named = [...guide.matchAll(/^\| `deploy\/kubernetes\/?([a-z/-]*)`/gm)].map((match) => match[1] || ".");
    const folders = listFiles().filter((path) => path.endsWith("kustomization.yaml"));
    assert.deepEqual(named.sort(), folders.map((path) => dirname(path)).sort());
    for (const [, folder = ""] of guide.matchAll(/-k (deploy\/[a-z/-]+)/g)) {
      assert.ok(existsSync(new URL(`../${folder}/kustomization.yaml`, import.meta.url)), folder);
    }
  });

  it("fills in a command with sed so that it becomes the arguments", { skip: kustomize.skip }, () => {
    if (!kustomize.found) return;
    const [, script = ""] = /\| sed '([^']+)'/.exec(guide) ?? [];
    const input = build(kustomize.peer, join(FOLDER, "command"));
    const filled = spawnSync("sed", [script], { input, encoding: "utf8" }).stdout;
    assert.deepEqual(ofKind("Job", parseManifests(filled))[0]?.spec.template.spec.containers[0]?.args, [
      "resume",
      "energy-pipeline-1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
    ]);
  });
});
