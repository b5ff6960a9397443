import assert from "node:assert/strict";
import type { PodTemplate } from "./manifests.ts";

/** That a pod has no right which it does not need, and bounds for all that it may take. */
export function assertRestricted({ spec }: PodTemplate): void {
  assert.equal(spec.automountServiceAccountToken, false);
  assert.deepEqual(spec.securityContext, {
    runAsNonRoot: true,
    runAsUser: 65532,
    runAsGroup: 65532,
    fsGroup: 65532,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  });
  for (const container of spec.containers) {
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    const { requests, limits } = container.resources;
    assert.deepEqual(Object.keys(requests), ["cpu", "memory", "ephemeral-storage"]);
    assert.deepEqual(Object.keys(limits), ["cpu", "memory", "ephemeral-storage"]);
  }
  // What a pod may write to an emptyDir is part of what its container may write.
  const written = spec.volumes.map(({ emptyDir }) => (emptyDir === undefined ? 0 : mebibytes(emptyDir.sizeLimit)));
  const limit = mebibytes(spec.containers[0]?.resources.limits["ephemeral-storage"] ?? "");
  const sum = written.reduce((total, each) => total + each, 0);
  assert.ok(sum < limit, `${sum} MiB of ${limit}`);
}

function mebibytes(amount: string): number {
  const [, number = "", unit] = /^(\d+)([MG])i$/.exec(amount) ?? [];
  return Number(number) * (unit === "G" ? 1024 : 1);
}
