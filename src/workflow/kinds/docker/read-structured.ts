import type { Template } from "../../model/template.ts";
import { hasEnvReference } from "../../model/template.ts";
import { type Place, placeAt } from "../../tree/place.ts";
import { isForbiddenKey, isRawObject, quote, type RawObject } from "../../tree/raw.ts";
import { type Reader, readFields, readTemplate, reportForbiddenKey } from "../../tree/read-fields.ts";
import { reportWrongType } from "../../tree/report-wrong-type.ts";
import { checkContainer } from "./check-container.ts";
import type { ContainerOption, MountParts } from "./container-option.ts";
import { CONTAINER_KEYS, VOLUME_KEYS } from "./keys.ts";
import type { Container } from "./node.ts";
import type { ContainerSettings } from "./settings.ts";

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Variables that the engine's client, the system's loader or the client's libraries obey. What comes from the
 * environment reaches the container through the client's environment, so it must not have one of these names.
 */
const CLIENT_ENV =
  /^(?:PATH|PATHEXT|HOME|USER|USERNAME|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|SYSTEMROOT|WINDIR|COMSPEC|SHELL|IFS|ENV|BASH_\w+|PWD|TMPDIR|TEMP|TMP|NOTIFY_SOCKET|(?:HTTPS?|FTP|ALL|NO)_PROXY|GODEBUG|GO[A-Z]+|REGISTRY_AUTH_FILE|(?:DOCKER|BUILDKIT|BUILDX|COMPOSE|CONTAINERS?|PODMAN|BUILDAH|STORAGE|XDG|LD|DYLD|GLIBC|MALLOC|NODE|NPM|SSL|SSH|DBUS|LISTEN|BUSBAR)_\w*)$/i;

/** The structured form of a container, `docker: { image, … }`; undefined if anything in it is wrong. */
export function readStructured(
  reader: Reader,
  raw: unknown,
  place: Place,
  settings: ContainerSettings,
): Container | undefined {
  const { problems } = reader;
  if (!isRawObject(raw)) {
    reportWrongType(problems, "docker must be an object", raw, place);
    return undefined;
  }
  const before = problems.count();
  const values = readFields(reader, raw, place, CONTAINER_KEYS, "docker");
  if (!Object.hasOwn(raw, "image")) problems.add("WORKFLOW_MISSING_KEY", "docker has no image", place, { at: "key" });
  if (!Object.hasOwn(raw, "volumes")) {
    const message = "docker has no volumes; Busbar adds none by itself, and volumes: [] says that there are none";
    const remedy = 'Add volumes: ["HOST_PATH:/data"], or volumes: [] where none is meant.';
    problems.add("WORKFLOW_MISSING_VOLUME", message, place, { at: "key", remedy });
  }
  const at = (key: string): Place => placeAt(place, key);
  const image = values.image === undefined ? "" : readText(reader, values.image, at("image"), "image", {});
  const args = readList(reader, values.args, at("args"), "args", { empty: true });
  const volumes = readVolumes(reader, values.volumes, at("volumes"));
  const env = readEnv(reader, values.env, at("env"));
  if (values.memory !== undefined && !/^[1-9]\d*(?:\.\d+)?[bkmg]?$/i.test(values.memory)) {
    const message = `memory must be a number of bytes or one with k, m or g, like 512m, not ${quote(values.memory)}`;
    problems.add("WORKFLOW_INVALID_VALUE", message, at("memory"));
  }
  if (problems.count() > before) return undefined;
  const container: Container = {
    program: settings.engine,
    options: [
      ...volumes,
      ...[...env]
        .filter(([, value]) => !hasEnvReference(value))
        .map(([name, value]) => prefixed(`--env=${name}=`, value)),
      ...(["network", "user", "memory", "cpus"] as const).flatMap((key) =>
        values[key] === undefined ? [] : [`--${key}=${values[key]}`],
      ),
    ],
    image: image ?? "",
    args,
    env: Object.fromEntries([...env].filter(([, value]) => hasEnvReference(value))),
    allow: settings.allow,
  };
  checkContainer(problems, container, place);
  return problems.count() === before ? container : undefined;
}

function prefixed(prefix: string, value: Template): Template {
  if (typeof value === "string") return prefix + value;
  const [first, ...rest] = value;
  return typeof first === "string" ? [prefix + first, ...rest] : [prefix, ...value];
}

interface TextOptions {
  readonly env?: boolean;
  readonly empty?: boolean;
}

function readText(
  reader: Reader,
  value: unknown,
  place: Place,
  key: string,
  options: TextOptions,
): Template | undefined {
  if (typeof value !== "string") {
    reportWrongType(reader.problems, `${key} must be a text`, value, place, { wanted: "text" });
    return undefined;
  }
  if (value === "" && options.empty === true) return value;
  return readTemplate(reader, value, place, key, { env: options.env === true });
}

function readList(reader: Reader, raw: unknown, place: Place, key: string, options: TextOptions): readonly Template[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    reportWrongType(reader.problems, `${key} must be a list of texts`, raw, place);
    return [];
  }
  return raw.map((one: unknown, index) => readText(reader, one, placeAt(place, index), key, options) ?? "");
}

function readVolumes(reader: Reader, raw: unknown, place: Place): readonly ContainerOption[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    reportWrongType(reader.problems, "volumes must be a list of texts or objects", raw, place);
    return [];
  }
  return raw.map((one: unknown, index) => {
    const at = placeAt(place, index);
    if (isRawObject(one)) return readMount(reader, one, at);
    return prefixed("--volume=", readText(reader, one, at, "volumes", {}) ?? "");
  });
}

function readMount(reader: Reader, raw: RawObject, place: Place): MountParts {
  const { source = "", target = "", read_only } = readFields(reader, raw, place, VOLUME_KEYS, "a volume");
  for (const key of ["source", "target"]) {
    if (Object.hasOwn(raw, key)) continue;
    reader.problems.add("WORKFLOW_MISSING_KEY", `a volume in parts has no ${key}`, place);
  }
  return { source, target, readOnly: read_only ?? false };
}

function readEnv(reader: Reader, raw: unknown, place: Place): ReadonlyMap<string, Template> {
  const { problems } = reader;
  const env = new Map<string, Template>();
  if (raw === undefined) return env;
  if (!isRawObject(raw)) {
    reportWrongType(problems, "env must be an object of texts", raw, place);
    return env;
  }
  for (const name of Object.keys(raw)) {
    const at = placeAt(place, name);
    if (isForbiddenKey(name)) reportForbiddenKey(problems, name, at);
    else if (!ENV_NAME.test(name)) {
      const message = `env ${quote(name)} is no name of a variable: letters, digits and _ only, not first a digit`;
      problems.add("WORKFLOW_INVALID_VALUE", message, at, { at: "key" });
    } else {
      const value = readText(reader, raw[name], at, `env ${name}`, { env: true, empty: true });
      if (value !== undefined) env.set(name, value);
      if (value !== undefined && hasEnvReference(value) && CLIENT_ENV.test(name)) {
        const message = `env ${name} cannot come from Busbar's environment: the engine's own client would obey it; write its value as plain text, or give it another name`;
        problems.add("WORKFLOW_INVALID_VALUE", message, at, { at: "key" });
      }
    }
  }
  return env;
}
