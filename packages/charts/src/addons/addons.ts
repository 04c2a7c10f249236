import { namespaceManifest } from "../kinds/core.ts";
import type { Manifest } from "../manifest.ts";
import type { AddonDescription, AddonProject } from "./addon.ts";
import { managementAddons } from "./management-addons.ts";
import { platformAddons } from "./platform-addons.ts";
import { queueAddons } from "./queue-addons.ts";

/** Every third-party component, by project and in the order of their dependencies. */
export const addons: readonly AddonDescription[] = [
  ...managementAddons,
  ...platformAddons,
  ...queueAddons,
];

export function addonsOf(project: AddonProject): readonly AddonDescription[] {
  return addons.filter((addon) => addon.project === project);
}

/** The namespaces of a project's add-ons, made before the releases; `kube-system` is always there. */
export function addonNamespaces(project: AddonProject): readonly Manifest[] {
  return addonsOf(project)
    .filter(({ namespace }) => namespace !== "kube-system")
    .map(({ namespace, podSecurity }) => namespaceManifest(namespace, podSecurity));
}
