import type { ClusterPlan } from "@ertis/provisioning-model";
import { bootMacAnnotation, ipPoolName } from "../inventory/names.ts";
import { metal3ApiVersions } from "../kinds/metal3.ts";
import type { Manifest } from "../manifest.ts";
import { hashedTemplate } from "./hashed-template.ts";

/**
 * What a host learns at its first start: its own name, which becomes the node's, and a fixed address of
 * the hall's pool on the port it booted from. Ports of the GPU fabric are the Network Operator's.
 */
export function dataTemplate(cluster: ClusterPlan): Manifest {
  const pool = ipPoolName(cluster);
  return hashedTemplate({
    apiVersion: metal3ApiVersions.infrastructure,
    kind: "Metal3DataTemplate",
    namespace: cluster.name,
    purpose: "hosts",
    spec: {
      clusterName: cluster.name,
      metaData: {
        objectNames: ["name", "local-hostname", "local_hostname"].map((key) => ({
          key,
          object: "baremetalhost",
        })),
      },
      networkData: {
        links: {
          ethernets: [
            {
              id: "primary",
              type: "phy",
              macAddress: {
                fromAnnotation: { object: "baremetalhost", annotation: bootMacAnnotation },
              },
            },
          ],
        },
        networks: {
          ipv4: [
            {
              id: "hosts",
              link: "primary",
              ipAddressFromIPPool: pool,
              routes: [{ network: "0.0.0.0", prefix: 0, gateway: { fromIPPool: pool } }],
            },
          ],
        },
        services: { dnsFromIPPool: pool },
      },
    },
  });
}
