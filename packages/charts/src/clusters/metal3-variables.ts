import type { ClusterPlan } from "@ertis/provisioning-model";
import type { ClassPatch, ClassVariable } from "../kinds/cluster-api.ts";
import { metal3ApiVersions, type HostImageSpec } from "../kinds/metal3.ts";
import { apiServerPort } from "./virtual-address.ts";

/**
 * The host image is a variable of the Cluster and not a part of the templates, because it must change in
 * one update with the Kubernetes version: Cluster API then holds both back until a group of machines has
 * its turn. In the templates it would reach the hosts alone first, with a kubelet newer than its API
 * server, and every machine would be rolled twice.
 */
export const hostImageVariable: ClassVariable = {
  name: "hostImage",
  required: true,
  schema: {
    openAPIV3Schema: {
      type: "object",
      required: ["url", "checksum", "checksumType", "diskFormat"],
      properties: {
        url: { type: "string", pattern: "^https://" },
        checksum: { type: "string", pattern: "^[0-9a-f]{64}$" },
        checksumType: { type: "string", enum: ["sha256"] },
        diskFormat: { type: "string", enum: ["raw", "qcow2"] },
      },
    },
  },
};

export const endpointVariable: ClassVariable = {
  name: "controlPlaneEndpoint",
  required: true,
  schema: {
    openAPIV3Schema: {
      type: "object",
      required: ["host", "port"],
      properties: {
        host: { type: "string", minLength: 1 },
        port: { type: "integer", minimum: 1, maximum: 65_535 },
      },
    },
  },
};

export function metal3Patches(workerClassNames: readonly string[]): readonly ClassPatch[] {
  const apiVersion = metal3ApiVersions.infrastructure;
  return [
    {
      name: "control-plane-endpoint",
      description: "Where the API servers answer",
      definitions: [
        {
          selector: {
            apiVersion,
            kind: "Metal3ClusterTemplate",
            matchResources: { infrastructureCluster: true },
          },
          jsonPatches: [
            {
              op: "replace",
              path: "/spec/template/spec/controlPlaneEndpoint",
              valueFrom: { variable: endpointVariable.name },
            },
          ],
        },
      ],
    },
    {
      name: "host-image",
      description: "What is written to the hosts, together with the Kubernetes version",
      definitions: [
        {
          selector: {
            apiVersion,
            kind: "Metal3MachineTemplate",
            matchResources: {
              controlPlane: true,
              ...(workerClassNames.length === 0
                ? {}
                : { machineDeploymentClass: { names: workerClassNames } }),
            },
          },
          jsonPatches: [
            {
              op: "replace",
              path: "/spec/template/spec/image",
              valueFrom: { variable: hostImageVariable.name },
            },
          ],
        },
      ],
    },
  ];
}

export function metal3Values(cluster: ClusterPlan): Readonly<Record<string, unknown>> {
  const { url, sha256 } = cluster.hostImage;
  const hostImage: HostImageSpec = {
    url,
    checksum: sha256,
    checksumType: "sha256",
    diskFormat: url.endsWith(".qcow2") ? "qcow2" : "raw",
  };
  return {
    [endpointVariable.name]: {
      host: cluster.networks.controlPlaneAddress,
      port: apiServerPort,
    },
    [hostImageVariable.name]: hostImage,
  };
}
