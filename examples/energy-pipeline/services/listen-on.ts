// Where a service listens, as its environment says. The program and the health check of its image read it here both.

/** By convention; all three can be on one machine. */
export const DEFAULT_PORTS: { readonly [service: string]: number } = {
  "energy-generator": 50051,
  "energy-analyzer": 50052,
  "report-generator": 50053,
};

export interface ListenOn {
  /** 0 is a free one. */
  readonly port: number;
  readonly host: string;
}

/**
 * A variable that is set to nothing is not set: that is what compose makes of one that is missing.
 * @throws Error that says what is wrong with PORT, in one line
 */
export function readListenOn({ SERVICE, PORT, HOST }: NodeJS.ProcessEnv): ListenOn {
  if (PORT && !(/^\d{1,5}$/.test(PORT) && Number(PORT) <= 65_535)) {
    throw new Error(`PORT is a number from 0 to 65535, not ${JSON.stringify(PORT)}`);
  }
  return { port: PORT ? Number(PORT) : (DEFAULT_PORTS[SERVICE ?? ""] ?? 50_051), host: HOST || "127.0.0.1" };
}
