export { type AddonOptions } from "./addon.ts";
export type { Profile, StackConfiguration } from "./configuration.ts";
export { type Deploy, entry, type Outputs } from "./entry.ts";
export { kindWithGroup, manifestKey } from "./manifest-key.ts";
export {
  type ManifestOptions,
  ManifestSet,
  type ManifestSetArgs,
  type ManifestSetOptions,
} from "./manifest-set.ts";
export { type HallTarget, requireHall } from "./require-hall.ts";
export type { StackContext } from "./stack-context.ts";
export { StackError } from "./stack-error.ts";
export type { StackFacts, StackOutputs } from "./stack-facts.ts";
export { stackReference } from "./stack-reference.ts";
export { type NamedTarget, type StackTarget } from "./stack-target.ts";
export type { PlacedAddon } from "./set-index.ts";
export { type Wait } from "./waits.ts";
