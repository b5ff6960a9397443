import { quote } from "../../tree/raw.ts";

const DOMAIN = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::\d+)?`;
const PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const TAG = String.raw`:\w[\w.-]{0,127}`;
const DIGEST = "@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}";
/** As the engines' own grammar has it (github.com/distribution/reference). */
const REFERENCE = new RegExp(`^(?:${DOMAIN}/)?${PART}(?:/${PART})*(?:${TAG})?(?:${DIGEST})?$`);

/** To podman an image whose name begins so is a file or folder of the machine. */
const TRANSPORT = /^(?:dir|docker-archive|docker-daemon|oci|oci-archive|containers-storage|sif|ostree|tarball):/;

const MAX_LENGTH = 512;

/** What is wrong with the name of an image, or undefined. A name that a client could take for an option is wrong. */
export function problemOfImage(image: string): string | undefined {
  if (image === "") return "the image is missing";
  if (image.startsWith("-")) return `an image cannot begin with a dash, as ${quote(image)} does`;
  if (image.length > MAX_LENGTH || !REFERENCE.test(image)) {
    const lower = image.toLowerCase();
    const hint = lower !== image && REFERENCE.test(lower) ? "; names of images are lower case" : "";
    return `${quote(image)} is no name of an image${hint}`;
  }
  return TRANSPORT.test(image) ? `${quote(image)} would be a file of the machine to podman; name an image` : undefined;
}
