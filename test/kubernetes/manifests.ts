// The manifests of deploy/kubernetes, as the tests look at them: only the fields that they ask for are named.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";

export const FOLDER = fileURLToPath(new URL("../../deploy/kubernetes/", import.meta.url));

export interface Labels {
  readonly [name: string]: string;
}

export interface Selector {
  readonly matchLabels: Labels;
}

export interface Probe {
  readonly grpc: { readonly port: number };
  readonly httpGet?: { readonly port: string };
  readonly tcpSocket?: { readonly port: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly resources: { readonly requests: Labels; readonly limits: Labels };
  readonly securityContext: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

export interface Affinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly {
    readonly topologyKey: string;
    readonly labelSelector: Selector;
  }[];
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Labels };
  readonly spec: {
    readonly automountServiceAccountToken: boolean;
    readonly securityContext: unknown;
    readonly affinity?: { readonly podAffinity?: Affinity; readonly podAntiAffinity?: Affinity };
    readonly terminationGracePeriodSeconds?: number;
    readonly containers: readonly Container[];
    readonly volumes: readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
      readonly configMap?: { readonly name: string };
      readonly secret?: { readonly secretName: string };
      readonly emptyDir?: { readonly sizeLimit: string };
    }[];
  };
}

interface Of<K extends string, S> {
  readonly kind: K;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly spec: S;
}

type PolicyPort = { readonly port: string | number; readonly protocol?: string };
type PolicyPeer = { readonly podSelector: Selector; readonly namespaceSelector?: Selector };

export type Deployment = Of<
  "Deployment",
  {
    readonly replicas: number;
    readonly strategy?: { readonly type?: string };
    readonly selector: Selector;
    readonly template: PodTemplate;
  }
>;
export type StatefulSet = Of<
  "StatefulSet",
  {
    readonly serviceName: string;
    readonly replicas: number;
    readonly selector: Selector;
    readonly template: PodTemplate;
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[];
  }
>;
export type Disruption = Of<"PodDisruptionBudget", { readonly maxUnavailable: number; readonly selector: Selector }>;
export type Job = Of<"Job", { readonly backoffLimit: number; readonly template: PodTemplate }>;
export type Service = Of<
  "Service",
  {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly selector: Labels;
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
  }
>;
export type Claim = Of<"PersistentVolumeClaim", { readonly accessModes: readonly string[] }>;
export type NetworkPolicy = Of<
  "NetworkPolicy",
  {
    readonly podSelector: Selector;
    readonly ingress?: readonly { readonly from?: readonly PolicyPeer[]; readonly ports: readonly PolicyPort[] }[];
    readonly egress?: readonly { readonly to?: readonly PolicyPeer[]; readonly ports: readonly PolicyPort[] }[];
  }
>;
export type ConfigMap = Of<"ConfigMap", undefined> & { readonly data: { readonly [file: string]: string } };
export type Manifest =
  | Deployment
  | StatefulSet
  | Disruption
  | Job
  | Service
  | Claim
  | NetworkPolicy
  | ConfigMap
  | Of<"Namespace", undefined>;

export interface Kustomization {
  readonly kind: "Kustomization" | "Component";
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
  readonly nameSuffix?: string;
  readonly labels?: readonly { readonly pairs: Labels }[];
}

export function parseManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS() as Manifest;
  });
}

export function readKustomization(folder: string): Kustomization {
  const [document] = parseAllDocuments(readFileSync(join(FOLDER, folder, "kustomization.yaml"), "utf8"));
  return document?.toJS() as Kustomization;
}

/** Paths of all files that there are, relative to the folder. */
export function listFiles(): readonly string[] {
  return readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length).replaceAll("\\", "/"))
    .sort();
}

/** The services of the pipeline with the Jobs that run it, or what stands in cluster/. */
export type Part = "pipeline" | "cluster";

/** All that stands in the files that are no kustomizations. */
export function readManifests(part: Part): readonly Manifest[] {
  return listFiles()
    .filter((path) => path.endsWith(".yaml") && !path.endsWith("kustomization.yaml"))
    .filter((path) => path.startsWith("cluster/") === (part === "cluster"))
    .flatMap((path) => parseManifests(readFileSync(join(FOLDER, path), "utf8")));
}

export function ofKind<K extends Manifest["kind"]>(
  kind: K,
  manifests: readonly Manifest[],
): readonly Extract<Manifest, { readonly kind: K }>[] {
  return manifests.filter((each): each is Extract<Manifest, { readonly kind: K }> => each.kind === kind);
}

/** Whether the labels are among those given. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}
