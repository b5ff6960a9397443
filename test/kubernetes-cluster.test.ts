// deploy/kubernetes/cluster and deploy/compose/cluster.yaml: consistent in themselves and with each other, and the settings
// of Restate are such that its server takes. test/kubernetes.test.ts holds them against the API's schemas.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { requireCompose } from "../src/testing/docker/engine.ts";
import { requireRestate } from "../src/testing/restate/binary.ts";
import { readBlocks } from "./docs/blocks.ts";
import {
  type Container,
  FOLDER,
  type Labels,
  ofKind,
  type PodTemplate,
  parseManifests,
  readManifests,
  selects,
} from "./kubernetes/manifests.ts";
import { build, requireKustomize } from "./kubernetes/peers.ts";
import { assertRestricted } from "./kubernetes/restricted.ts";

const kustomize = requireKustomize();
const restateServer = requireRestate();
const compose = requireCompose();

const manifests = readManifests("cluster");
const sets = ofKind("StatefulSet", manifests);
const deployments = ofKind("Deployment", manifests);
const jobs = ofKind("Job", manifests);
const services = ofKind("Service", manifests);
const policies = ofKind("NetworkPolicy", manifests);
const templates: readonly PodTemplate[] = [...sets, ...deployments, ...jobs].map(({ spec }) => spec.template);
/** What policies of the cluster may name: its own pods and those of the pipeline. */
const pipeline = ofKind("Deployment", readManifests("pipeline")).map(({ spec }) => spec.template);

const composeFile = fileURLToPath(new URL("../deploy/compose/cluster.yaml", import.meta.url));
const composed: ComposeFile = parse(readFileSync(composeFile, "utf8"), { merge: true });

const guide = readFileSync(new URL("../docs/guides/cluster.md", import.meta.url), "utf8");
const guideCommands = readBlocks("cluster.md", guide)
  .flatMap(({ steps }) => steps.map(({ command }) => command.replaceAll("\\\n", " ")))
  .map((command) => command.replace(/ +#.*$/, ""));

interface ComposeFile {
  readonly services: { readonly [name: string]: ComposeService };
}
interface ComposeService {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Labels;
  readonly stop_grace_period?: string;
}

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "busbar-cluster-manifests-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function only<T>(all: readonly T[], what: string): T {
  const [first] = all;
  assert.ok(first !== undefined && all.length === 1, `${all.length} of ${what}`);
  return first;
}

const restate = only(sets, "StatefulSets");
const restateContainer = only(restate.spec.template.spec.containers, "containers of Restate");

function containerOf(name: string): Container {
  const deployment = only(
    deployments.filter(({ metadata }) => metadata.name === name),
    name,
  );
  return only(deployment.spec.template.spec.containers, `containers of ${name}`);
}

function option(container: { readonly args?: readonly string[] }, name: string): string | undefined {
  return container.args?.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function variables(container: Container): Labels {
  return Object.fromEntries((container.env ?? []).map(({ name, value = "" }) => [name, value]));
}

describe("deploy/kubernetes/cluster", () => {
  it("has three nodes of Restate, two workers and one API", () => {
    assert.deepEqual([...sets, ...deployments].map(({ metadata, spec }) => [metadata.name, spec.replicas]).sort(), [
      ["busbar-api", 1],
      ["busbar-worker", 2],
      ["restate", 3],
    ]);
    const api = deployments.find(({ metadata }) => metadata.name === "busbar-api");
    // A second one, even for a moment, would be refused: the first has the state directory.
    assert.equal(api?.spec.strategy?.type, "Recreate");
  });

  it("tells the nodes of Restate each other's names, and lets none found a cluster by itself", () => {
    const { metadata, spec } = restate;
    const env = variables(restateContainer);
    const nodes = Array.from({ length: spec.replicas }, (_, index) => `${metadata.name}-${index}.${spec.serviceName}`);
    const addresses = nodes.map((name) => `http://${name}:5122`);
    assert.deepEqual(JSON.parse(env.RESTATE_METADATA_CLIENT__ADDRESSES ?? ""), addresses);
    assert.equal(env.RESTATE_ADVERTISED_ADDRESS, `http://$(RESTATE_NODE_NAME).${spec.serviceName}:5122`);
    assert.equal(env.RESTATE_AUTO_PROVISION, "false");
    const headless = services.find((service) => service.metadata.name === spec.serviceName);
    assert.equal(headless?.spec.clusterIP, "None");
    assert.deepEqual(
      headless?.spec.ports.map(({ port }) => port),
      [5122],
    );
  });

  it("keeps Restate's data on volumes, and its nodes on different machines", () => {
    const { spec } = restate.spec.template;
    const claims = restate.spec.volumeClaimTemplates.map(({ metadata }) => metadata.name);
    const data = restateContainer.volumeMounts.filter(({ name }) => claims.includes(name));
    assert.deepEqual(
      data.map(({ mountPath }) => mountPath),
      [variables(restateContainer).RESTATE_BASE_DIR],
    );
    const terms = spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const term = only(terms, "anti-affinities");
    assert.equal(term.topologyKey, "kubernetes.io/hostname");
    assert.ok(selects(term.labelSelector.matchLabels, restate.spec.template.metadata.labels));
  });

  it("lets every selector find its pods, and no other", () => {
    const found = (labels: Labels): readonly (string | undefined)[] =>
      templates
        .filter((template) => selects(labels, template.metadata.labels))
        .map((template) => template.metadata.labels["app.kubernetes.io/name"]);
    for (const { metadata, spec } of [...sets, ...deployments]) {
      assert.deepEqual(found(spec.selector.matchLabels), [metadata.name]);
    }
    for (const { metadata, spec } of services) {
      assert.deepEqual(found(spec.selector), [metadata.name.replace("-nodes", "")]);
    }
    const budgets = ofKind("PodDisruptionBudget", manifests);
    assert.deepEqual(
      budgets.map(({ metadata, spec }) => [metadata.name, spec.maxUnavailable, ...found(spec.selector.matchLabels)]),
      [
        ["restate", 1, "restate"],
        ["busbar-worker", 1, "busbar-worker"],
      ],
    );
  });

  it("leads every Service and probe to a port that the container has", () => {
    for (const { metadata, spec } of services) {
      const template = templates.find((each) => selects(spec.selector, each.metadata.labels));
      for (const { port, targetPort } of spec.ports) {
        const named = template?.spec.containers[0]?.ports?.find(({ name }) => name === targetPort);
        assert.equal(named?.containerPort, port, metadata.name);
      }
      assert.ok(spec.type === undefined || spec.type === "ClusterIP", `${metadata.name} is reached from outside`);
    }
    for (const { metadata, spec } of [...sets, ...deployments]) {
      for (const container of spec.template.spec.containers) {
        for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
          if (probe === undefined) continue;
          const port = probe.httpGet?.port ?? probe.tcpSocket?.port;
          assert.ok(
            container.ports?.some(({ name }) => name === port),
            `${metadata.name}: ${port}`,
          );
        }
      }
    }
  });

  it("lets reach each port who needs it, and nobody else", () => {
    const component = (labels: Labels): string | undefined => labels["app.kubernetes.io/component"];
    const known = [...templates, ...pipeline].map((template) => component(template.metadata.labels));
    const rows = policies.flatMap(({ spec }) =>
      (spec.ingress ?? []).map(({ from = [], ports }) => [
        component(spec.podSelector.matchLabels),
        from.map(({ podSelector }) => component(podSelector.matchLabels)).join(),
        ports.map(({ port }) => port).join(),
      ]),
    );
    assert.deepEqual(rows, [
      ["restate", "restate", "node"],
      ["restate", "api", "ingress,admin"],
      ["restate", "worker", "admin"],
      ["worker", "restate", "worker"],
      ["api", "", "http"],
      ["service", "worker,api", "grpc"],
    ]);
    for (const [owner, from = ""] of rows) {
      for (const name of [owner, ...from.split(",")]) assert.ok(name === "" || known.includes(name), name);
    }
  });

  it("lets out what one calls and the other admits, and questions to the cluster's own DNS", () => {
    const pairs = (direction: "ingress" | "egress"): readonly string[] =>
      policies
        .flatMap(({ spec }) => {
          const own = spec.podSelector.matchLabels["app.kubernetes.io/component"];
          const rules = direction === "ingress" ? (spec.ingress ?? []) : (spec.egress ?? []);
          return rules.flatMap((rule) => {
            const peers = ("from" in rule ? rule.from : "to" in rule ? rule.to : undefined) ?? [];
            return peers
              .filter(({ namespaceSelector }) => namespaceSelector === undefined)
              .map(({ podSelector }) => podSelector.matchLabels["app.kubernetes.io/component"])
              .map((other) => (direction === "ingress" ? `${other} → ${own}` : `${own} → ${other}`))
              .map((way) => `${way}: ${rule.ports.map(({ port }) => port).join()}`);
          });
        })
        .sort();
    assert.deepEqual(pairs("egress"), pairs("ingress"));
    const dns = policies.flatMap(({ spec }) => spec.egress ?? []).filter(({ to }) => to?.[0]?.namespaceSelector);
    assert.equal(dns.length, 3);
    for (const { to, ports } of dns) {
      assert.deepEqual(to?.[0]?.podSelector.matchLabels, { "k8s-app": "kube-dns" });
      assert.deepEqual(
        ports.map(({ port }) => port),
        [53, 53],
      );
    }
  });

  it("gives a pod no right that it does not need", () => {
    for (const template of templates) assertRestricted(template);
  });

  it("mounts only what there is, and the files of the services read-only", () => {
    const claims = ofKind("PersistentVolumeClaim", [...manifests, ...readManifests("pipeline")]).map(
      ({ metadata }) => metadata.name,
    );
    for (const { spec } of templates) {
      const own = spec === restate.spec.template.spec ? restate.spec.volumeClaimTemplates : [];
      const there = [...spec.volumes.map(({ name }) => name), ...own.map(({ metadata }) => metadata.name)];
      const mounted = spec.containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name));
      assert.deepEqual(mounted.sort(), there.sort());
      for (const { name, persistentVolumeClaim: claim } of spec.volumes) {
        if (claim === undefined) continue;
        assert.ok(claims.includes(claim.claimName), claim.claimName);
        const mount = spec.containers[0]?.volumeMounts.find((each) => each.name === name);
        assert.equal(mount?.readOnly === true, claim.claimName === "energy-data");
      }
    }
    const [identity] = restate.spec.template.spec.volumes.filter(({ secret }) => secret !== undefined);
    assert.equal(identity?.secret?.secretName, "restate-identity");
  });

  it("gives every process longer to stop than it takes", () => {
    const seconds = (text: string | undefined): number => Number(/^(\d+)s?$/.exec(text ?? "")?.[1]);
    const grace = new Map(
      [...sets, ...deployments].map((each) => [
        each.metadata.name,
        each.spec.template.spec.terminationGracePeriodSeconds ?? 0,
      ]),
    );
    const worker = seconds(option(containerOf("busbar-worker"), "grace"));
    assert.ok(worker < (grace.get("busbar-worker") ?? 0), `${worker} s of a worker`);
    const node = seconds(variables(restateContainer).RESTATE_SHUTDOWN_TIMEOUT);
    assert.ok(node < (grace.get("restate") ?? 0), `${node} s of Restate`);
    const { "worker-v1": worker1, "restate-1": restate1 } = composed.services;
    assert.ok(seconds(option({ args: worker1?.command ?? [] }, "grace")) < seconds(worker1?.stop_grace_period));
    assert.ok(seconds(restate1?.environment?.RESTATE_SHUTDOWN_TIMEOUT) < seconds(restate1?.stop_grace_period));
  });

  it("calls the API's probes by a name that it has", () => {
    const text = readFileSync(join(FOLDER, "cluster/api.yaml"), "utf8");
    const hosts = [...text.matchAll(/name: Host, value: "([^"]+)"/g)].map(([, host]) => `http://${host}`);
    const url = option(containerOf("busbar-api"), "public-url");
    assert.deepEqual(hosts, [url, url]);
  });
});

describe("kustomize", () => {
  it("gives workers of one version one name, one address and pods of their own", { skip: kustomize.skip }, () => {
    if (!kustomize.found) return;
    const folder = join(scratch(), "kubernetes");
    cpSync(FOLDER, folder, { recursive: true });
    const file = join(folder, "cluster/worker/kustomization.yaml");
    const text = readFileSync(file, "utf8");
    for (const version of ["v1", "v2"]) {
      writeFileSync(file, text.replaceAll(/\bv1\b/g, version));
      const built = parseManifests(build(kustomize.peer, join(folder, "cluster")));
      const worker = ofKind("Deployment", built).find(({ metadata }) => metadata.name === `busbar-worker-${version}`);
      assert.ok(worker, version);
      const labels = worker.spec.template.metadata.labels;
      assert.equal(labels["app.kubernetes.io/version"], version);
      assert.equal(worker.spec.selector.matchLabels["app.kubernetes.io/version"], version);
      const service = ofKind("Service", built).find(({ metadata }) => metadata.name === worker.metadata.name);
      assert.ok(service && selects(service.spec.selector, labels));
      assert.equal(service.spec.selector["app.kubernetes.io/version"], version);
      const container = only(worker.spec.template.spec.containers, "containers");
      const advertised = option(container, "advertise")?.replace("$(WORKER_VERSION)", version);
      assert.equal(advertised, `http://${service.metadata.name}:${service.spec.ports[0]?.port}`);
      assert.match(option(container, "listen") ?? "", new RegExp(`:${service.spec.ports[0]?.port}$`));
    }
  });

  it("lets Restate reach an object store with the component `snapshots`", { skip: kustomize.skip }, () => {
    if (!kustomize.found) return;
    const folder = join(scratch(), "kubernetes");
    cpSync(FOLDER, folder, { recursive: true });
    const file = join(folder, "cluster/kustomization.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("  - ../images\n", "  - ../images\n  - snapshots\n"));
    const text = build(kustomize.peer, join(folder, "cluster"));
    assert.match(text, /envFrom:\n\s+- secretRef:\n\s+name: restate-snapshots\n/);
    const policy = ofKind("NetworkPolicy", parseManifests(text)).find(({ metadata }) => metadata.name === "restate");
    assert.deepEqual(policy?.spec.egress?.at(-1), { ports: [{ protocol: "TCP", port: 443 }] });
  });
});

describe("deploy/compose/cluster.yaml", () => {
  const nodes = Object.entries(composed.services).filter(([name]) => name.startsWith("restate-"));

  it("has Restate as the other has it, and as the tests of the cluster start it", () => {
    const { optionalDependencies } = JSON.parse(
      readFileSync(new URL("cluster/package.json", import.meta.url), "utf8"),
    ) as { readonly optionalDependencies: Labels };
    const versions = new Set(Object.values(optionalDependencies));
    const images = new Set([restateContainer.image, ...nodes.map(([, { image }]) => image)]);
    assert.deepEqual(
      [...images],
      [...versions].map((version) => `docker.restate.dev/restatedev/restate:${version}`),
    );
    const { env: _, ...ofPod } = { env: "", ...variables(restateContainer) };
    const differing = /NODE_NAME|ADVERTISED|ADDRESSES|PROVISION|MEMORY|SIZE|PEM_FILE|LOG_/;
    const common = (env: Labels): readonly string[] =>
      Object.entries(env)
        .filter(([name]) => !differing.test(name))
        .map(([name, value]) => `${name}=${value}`)
        .sort();
    for (const [name, { environment = {} }] of nodes) assert.deepEqual(common(environment), common(ofPod), name);
  });

  it("tells the nodes each other's names; the first alone makes the cluster", () => {
    const addresses = nodes.map(([name]) => `http://${name}:5122`);
    for (const [name, { environment = {} }] of nodes) {
      assert.equal(environment.RESTATE_NODE_NAME, name);
      assert.equal(environment.RESTATE_ADVERTISED_ADDRESS, `http://${name}:5122`);
      assert.deepEqual(JSON.parse(environment.RESTATE_METADATA_CLIENT__ADDRESSES ?? ""), addresses);
      assert.equal(environment.RESTATE_AUTO_PROVISION, String(name === "restate-1"));
    }
    assert.equal(nodes.length, 3);
  });

  it("starts what Kubernetes starts, at the names of compose", () => {
    const withNames = (args: readonly string[] | undefined): readonly string[] =>
      (args ?? []).map((arg) =>
        arg
          .replace("busbar-worker-$(WORKER_VERSION)", "worker-v1")
          .replace("$(IDENTITY_KEY)", "${BUSBAR_IDENTITY_KEY:-}")
          .replace("http://localhost:8080", "http://localhost:${BUSBAR_PORT:-8080}"),
      );
    assert.deepEqual(composed.services["worker-v1"]?.command, withNames(containerOf("busbar-worker").args));
    assert.deepEqual(composed.services.api?.command, withNames(containerOf("busbar-api").args));
  });

  it("is as Compose wants it", { skip: compose.skip }, () => {
    const args = ["compose", "--file", composeFile, "config", "--quiet"];
    const env = { ...process.env, BUSBAR_IDENTITY_KEY: "publickeyv1_none" };
    const { status, stdout, stderr } = spawnSync("docker", args, { encoding: "utf8", env });
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  });
});

describe("docs/guides/cluster.md", () => {
  const matches = (pattern: RegExp): readonly (readonly string[])[] =>
    guideCommands.flatMap((command) => [...command.matchAll(pattern)].map(([, ...groups]) => groups));

  it("applies folders that there are", () => {
    const folders = matches(/kubectl apply -k (\S+)/g).flat();
    assert.ok(folders.length >= 4);
    for (const folder of folders)
      assert.ok(existsSync(new URL(`../${folder}/kustomization.yaml`, import.meta.url)), folder);
  });

  it("makes the Secrets and the ConfigMap that pods wait for, with the keys that they read", () => {
    const made = matches(
      /kubectl -n busbar create (?:secret generic|configmap) (\S+) +--from-(?:file|literal)=([^=]+)=/g,
    );
    assert.deepEqual(made, [
      ["restate-identity", "private.pem"],
      ["restate-identity", "public"],
      ["restate-snapshots", "RESTATE_WORKER__SNAPSHOTS__DESTINATION"],
    ]);
    assert.equal(
      variables(restateContainer).RESTATE_WORKER__INVOKER__REQUEST_IDENTITY_PRIVATE_KEY_PEM_FILE,
      "/identity/private.pem",
    );
    const worker = readFileSync(join(FOLDER, "cluster/worker/worker.yaml"), "utf8");
    assert.match(worker, /configMapKeyRef: \{ name: restate-identity, key: public \}/);
  });

  it("names objects that there are", () => {
    const there = [...sets, ...deployments, ...jobs, ...services].map(
      ({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name.replace(/^(busbar-worker)$/, "$1-v1")}`,
    );
    const named = matches(/\b((?:statefulset|deployment|service|job)\/[a-z0-9-]+)/g).flat();
    assert.ok(named.length >= 6);
    for (const name of named) assert.ok(there.includes(name), name);
  });

  it("starts services of the compose file", () => {
    const given = matches(
      /docker compose --file cluster\.yaml (?:up --detach|kill|logs|run --rm)((?: [a-z][a-z0-9-]*)*)/g,
    );
    const words = given.flatMap(([names = ""]) => names.split(" ").filter((name) => name !== ""));
    const of = (command: string): readonly string[] => words.filter((word) => word.startsWith(command));
    assert.deepEqual(new Set(of("restate-")), new Set(["restate-1", "restate-2", "restate-3"]));
    assert.ok(of("api").length > 0 && composed.services.api !== undefined);
  });
});

describe("restate-server", () => {
  /** Words between two underscores are tables of the file, those of a name stand with hyphens. */
  const keyOf = (name: string): string =>
    name.replace("RESTATE_", "").toLowerCase().replaceAll("__", ".").replaceAll("_", "-");

  const nodes: readonly (readonly [where: string, env: Labels])[] = [
    ["Kubernetes", variables(restateContainer)],
    ...Object.entries(composed.services)
      .filter(([name]) => name.startsWith("restate-"))
      .map(([name, { environment = {} }]) => [`compose: ${name}`, environment] as const),
  ];
  for (const [where, given] of nodes) {
    it(`knows each variable that it is given, and its value: ${where}`, { skip: restateServer.skip }, () => {
      if (!restateServer.found) return;
      const env = Object.fromEntries(
        Object.entries(given)
          .filter(([name]) => name.startsWith("RESTATE_"))
          .map(([name, value]) => [name, name === "RESTATE_NODE_NAME" && value === "" ? "restate-0" : value] as const)
          .map(([name, value]) => [name, value.replace("$(RESTATE_NODE_NAME)", "restate-0")]),
      );
      const { status, stdout, stderr } = spawnSync(restateServer.peer, ["--dump-config"], { encoding: "utf8", env });
      assert.equal(status, 0, stderr);
      const settings = readToml(stdout);
      for (const [name, value] of Object.entries(env)) {
        const shown = settings.get(keyOf(name));
        assert.ok(shown !== undefined, `${name}: it has no ${keyOf(name)}`);
        if (/^\d+ MiB$/.test(value)) assert.equal(shown, `"${value.replace(" ", ".0 ")}"`);
        else if (!value.startsWith("[")) assert.equal(shown.replaceAll('"', "").replace(/\/$/, ""), value);
      }
    });
  }
});

/** As `--dump-config` prints it: `key = value` under `[table]`. Of values over several lines the first is enough. */
function readToml(text: string): ReadonlyMap<string, string> {
  let table = "";
  const settings = new Map<string, string>();
  for (const line of text.split("\n")) {
    const heading = /^\[([^\]]+)\]$/.exec(line)?.[1];
    if (heading !== undefined) table = `${heading}.`;
    const [, key, value] = /^([a-z0-9-]+) = (.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) settings.set(`${table}${key}`, value);
  }
  return settings;
}
