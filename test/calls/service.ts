import { type RunningService, type ServiceLog, serve } from "../../src/service/index.ts";

const silent: ServiceLog = { info() {}, warn() {}, error() {}, with: () => silent };

/** A real service, made with the kit, that ends each call as the call wishes. */
export function startWishedService(): Promise<RunningService> {
  return serve({
    name: "wished",
    port: 0,
    signals: [],
    log: silent,
    async execute({ inputFile }, { signal }) {
      if (inputFile === "fail") throw new Error("as was wished");
      if (inputFile === "never") await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "done";
    },
  });
}
