import type { ClusterPlan, Host } from "@ertis/provisioning-model";

/** Secret with the credentials of a host's BMC. */
export function bmcSecretName(host: Host): string {
  return `${host.name}-bmc`;
}

/** Pool of the addresses of a hall's hosts; one a hall. */
export function ipPoolName(cluster: ClusterPlan): string {
  return `${cluster.name}-hosts`;
}

/** On a host: the MAC that its network configuration is bound to, as templates can read it. */
export const bootMacAnnotation = "ertis.kz/boot-mac";
