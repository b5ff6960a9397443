// Programs that read manifests as a cluster does: kubernetes-validate (PyPI) with the schemas of the API, and kustomize.
import { spawnSync } from "node:child_process";
import { requirePython } from "../../src/testing/python.ts";
import { type Peer, requirePeer } from "../../src/testing/require.ts";

/** A Python that has kubernetes-validate. */
export function requireKubernetesValidate(): Peer<string> {
  return requirePython("kubernetes-validate", ["kubernetes_validate"]);
}

/**
 * @param version of Kubernetes, as `1.37`
 * @returns what is wrong with a file of manifests, a line each; unknown fields are
 */
export function validate(python: string, file: string, version: string): readonly string[] {
  const args = ["-m", "kubernetes_validate", "--strict", "--quiet", "--kubernetes-version", version, file];
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: "utf8" });
  if (status === 0) return [];
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
  return lines.length === 0 ? [`kubernetes-validate ended with ${status}`] : lines;
}

/** `kustomize build`, or kubectl's own: version 5 (older ones know no `labels`). */
export function requireKustomize(): Peer<readonly string[]> {
  return requirePeer("kustomize", () => {
    const alone = spawnSync("kustomize", ["version"], { encoding: "utf8" });
    if (alone.status === 0 && /v5\.|\(devel\)/.test(alone.stdout)) return ["kustomize", "build"];
    const kubectl = spawnSync("kubectl", ["version", "--client"], { encoding: "utf8" });
    return kubectl.status === 0 && /^Kustomize Version: v5\./m.test(kubectl.stdout)
      ? ["kubectl", "kustomize"]
      : undefined;
  });
}

export function build([command = "", ...args]: readonly string[], folder: string): string {
  const { status, stdout, stderr } = spawnSync(command, [...args, folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${folder}: ${stderr}`);
  return stdout;
}
