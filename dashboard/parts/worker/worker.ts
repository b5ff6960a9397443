/** The part of Trusted Types that is needed here; browsers without them take any URL. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

let trust: ((url: string) => string) | undefined;

/**
 * Starts a program that runs beside the page. The page names each in its head, as it was built (scripts/dashboard-bundle.ts).
 * @param name of its file, without `.ts`: `layout-worker`
 */
export function startWorker(name: string): Worker {
  const url = document.querySelector<HTMLMetaElement>(`meta[name="worker:${name}"]`)?.content;
  if (url === undefined) throw new Error(`this page names no ${name}`);
  trust ??= createTrust();
  return new Worker(trust(url), { type: "module" });
}

/** The policy of the page wants to be told which URLs may be programs: those that it names itself. */
function createTrust(): (url: string) => string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("busbar-workers", { createScriptURL: (url) => url });
  return (url) => policy?.createScriptURL(url) ?? url;
}
