/** Keys as `restate-server --dump-config` shows them, tables with dots: `"worker.invoker.inactivity-timeout": "2s"`. */
export interface RestateConfig {
  readonly [key: string]: string | number | boolean | readonly string[];
}

/** What every server of a test has: nothing that asks the network, and little memory. */
export const SMALL: RestateConfig = {
  roles: ["http-ingress", "admin", "worker", "log-server", "metadata-server"],
  "listen-mode": "tcp",
  "default-num-partitions": 4,
  "rocksdb-total-memory-size": "256 MiB",
  "disable-telemetry": true,
  "admin.disable-web-ui": true,
  // octocrab looks for a newer release; queries fail while the partitions have no leader, which is waited for.
  "log-filter": "warn,octocrab=off,restate_admin::query_utils=off",
  "log-format": "compact",
  "log-disable-ansi-codes": true,
};

/** What a node of several has, beside its own name and addresses: two of three have to keep what is written. */
export function clusterConfig(addresses: readonly string[], index: number): RestateConfig {
  return {
    "default-replication": 2,
    // More than one would make more than one cluster.
    "auto-provision": index === 0,
    "metadata-client.type": "replicated",
    "metadata-client.addresses": addresses,
    "bifrost.default-provider": "replicated",
    // 5 s as it comes: so long a node that is new or back is not yet asked for anything.
    "gossip-suspect-interval": "500ms",
  };
}

/** As TOML, where a string or a list of them looks as in JSON. */
export function toToml(config: RestateConfig): string {
  return Object.entries(config)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
    .join("");
}
