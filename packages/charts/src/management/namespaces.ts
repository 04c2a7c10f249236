import { addonNamespaces } from "../addons/addons.ts";
import { defaultDenyManifest, namespaceManifest, type PodSecurityLevel } from "../kinds/core.ts";
import type { Manifest } from "../manifest.ts";
import { allowController, allowStateDatabase } from "./network-policies.ts";

export const managementNamespaces = {
  core: "capi-system",
  bootstrap: "capi-kubeadm-bootstrap-system",
  controlPlane: "capi-kubeadm-control-plane-system",
  infrastructure: "capm3-system",
  addresses: "metal3-ipam-system",
  bareMetal: "baremetal-operator-system",
  certificates: "cert-manager",
  database: "state-database",
} as const;

/** Namespaces that no add-on brings, or in which more than its operator runs. */
const ownNamespaces: Readonly<Record<string, PodSecurityLevel>> = {
  [managementNamespaces.core]: "restricted",
  [managementNamespaces.bootstrap]: "restricted",
  [managementNamespaces.controlPlane]: "restricted",
  [managementNamespaces.infrastructure]: "restricted",
  [managementNamespaces.addresses]: "restricted",
  // Ironic serves hosts that have no system yet from the network of its own host.
  [managementNamespaces.bareMetal]: "privileged",
  [managementNamespaces.database]: "restricted",
};

/** Those whose traffic is known in full; charts of the add-ons bring policies of their own. */
const controllerNamespaces = [
  managementNamespaces.core,
  managementNamespaces.bootstrap,
  managementNamespaces.controlPlane,
  managementNamespaces.infrastructure,
  managementNamespaces.addresses,
];

export function namespaceManifests(): readonly Manifest[] {
  return [
    ...addonNamespaces("management").filter(({ metadata }) => !(metadata.name in ownNamespaces)),
    ...Object.entries(ownNamespaces).map(([name, level]) => namespaceManifest(name, level)),
    ...controllerNamespaces.flatMap((namespace) => [
      defaultDenyManifest(namespace),
      allowController(namespace),
    ]),
    defaultDenyManifest(managementNamespaces.database),
    allowStateDatabase(managementNamespaces.database),
  ];
}
