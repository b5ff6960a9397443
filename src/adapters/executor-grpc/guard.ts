import { realpathSync } from "node:fs";
import { isIP } from "node:net";
import { err, ok } from "../../kernel/result.ts";
import { admitsIp, admitsName, admitsUnix } from "../../workflow/policy/addresses.ts";
import { type HostPolicy, liesIn } from "../../workflow/policy/policy.ts";
import type { Guard } from "../grpc-client/guard.ts";

/** What a host's policy lets services be reached at, and which files may be read for it. */
export function createGuard({ addresses, files }: Pick<HostPolicy, "addresses" | "files">): Guard {
  return {
    admitsName: (name, port) => admitsName(addresses, name, port),
    admits(endpoint, name) {
      if (endpoint.path !== undefined) return admitsUnix(addresses, endpoint.path);
      const { host, port } = endpoint;
      if (isIP(host.replace(/%.*$/s, "")) === 0) return admitsName(addresses, host, port);
      return admitsIp(addresses, name === host ? undefined : name, host, port);
    },
    readable(file) {
      const root = files.find((folder) => liesIn(file, folder));
      if (root === undefined) return err(undefined);
      try {
        const real = realpathSync(file);
        return liesIn(real, realpathSync(root)) ? ok(real) : err(undefined);
      } catch (error) {
        return err((error as NodeJS.ErrnoException).code ?? "EIO");
      }
    },
  };
}
