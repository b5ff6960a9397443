import { KINDS } from "../kinds/kinds.ts";
import { type Fields, object, own } from "../tree/fields.ts";

/** The keys of a policy that concern all nodes. */
export const HOST_KEYS = { env: own, addresses: own, files: own } as const;

/** All keys of a policy; the kinds have theirs in their folders. */
export const POLICY_KEYS: Fields = {
  ...HOST_KEYS,
  ...Object.fromEntries(
    KINDS.flatMap(({ policy }) => (policy === undefined ? [] : [[policy.key, object(policy.owner, policy.fields)]])),
  ),
};
