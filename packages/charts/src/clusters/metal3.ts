import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { cleaningMode } from "../inventory/host-manifests.ts";
import { domainLabel } from "../inventory/host-labels.ts";
import {
  metal3ApiVersions,
  type Metal3ClusterTemplateSpec,
  type Metal3MachineTemplateSpec,
} from "../kinds/metal3.ts";
import type { Manifest } from "../manifest.ts";
import { hashedTemplate, referenceTo } from "./hashed-template.ts";
import { dataTemplate } from "./host-data.ts";
import type { InfrastructureParts } from "./infrastructure.ts";
import {
  controlPlaneClass,
  hostSelectorOf,
  hostsOfClass,
  workerClasses,
  type MachineClass,
} from "./machine-class.ts";
import {
  endpointVariable,
  hostImageVariable,
  metal3Patches,
  metal3Values,
} from "./metal3-variables.ts";

const apiVersion = metal3ApiVersions.infrastructure;

export function metal3Parts(plan: SitePlan, cluster: ClusterPlan): InfrastructureParts {
  const data = dataTemplate(cluster);
  const remediation = remediationTemplate(cluster);
  return {
    clusterTemplate: clusterTemplate(plan, cluster),
    machineTemplate: (machineClass) => machineTemplate(plan, cluster, { machineClass, data }),
    others: [data, remediation],
    remediation: referenceTo(remediation),
    variables: [endpointVariable, hostImageVariable],
    patches: metal3Patches(workerClasses(cluster).map(({ name }) => name)),
    values: metal3Values(cluster),
  };
}

/**
 * A failure domain is a power feed: the control plane is spread over those that have a host for it, and
 * a feed that trips takes one MachineDeployment of each class with it, not a part of each.
 */
function clusterTemplate(plan: SitePlan, cluster: ClusterPlan): Manifest {
  const withControlPlane = new Set(
    hostsOfClass(cluster, controlPlaneClass).map(({ powerFeed }) => powerFeed),
  );
  const spec: Metal3ClusterTemplateSpec = {
    template: {
      metadata: { annotations: { "metal3.io/metal3-label-sync-prefixes": "ertis.kz" } },
      spec: {
        cloudProviderEnabled: false,
        // Replaced by the variable; a template must not be without it.
        controlPlaneEndpoint: { host: "0.0.0.0", port: 1 },
        failureDomains: cluster.powerFeeds.map(({ name, rowIndexes }) => ({
          name,
          controlPlane: withControlPlane.has(name),
          attributes: {
            powerFeed: name,
            rows: rowIndexes.map((rowIndex) => domainLabel(plan, rowIndex)).join(","),
          },
        })),
      },
    },
  };
  return hashedTemplate({
    apiVersion,
    kind: "Metal3ClusterTemplate",
    namespace: cluster.name,
    purpose: "cluster",
    spec,
  });
}

/** An upgrade takes the same host back (`nodeReuse`): there are no spare ones, and its disks keep data. */
function machineTemplate(
  plan: SitePlan,
  cluster: ClusterPlan,
  parts: { readonly machineClass: MachineClass; readonly data: Manifest },
): Manifest {
  const spec: Metal3MachineTemplateSpec = {
    nodeReuse: true,
    template: {
      spec: {
        automatedCleaningMode: cleaningMode(parts.machineClass.role),
        dataTemplate: { name: parts.data.metadata.name },
        hostSelector: hostSelectorOf(parts.machineClass),
        // Replaced by the variable; Metal3 refuses a template without an image.
        image: {
          url: `https://${plan.registry}/the-host-image-is-a-variable-of-the-cluster.raw`,
          checksum: "0".repeat(64),
          checksumType: "sha256",
          diskFormat: "raw",
        },
      },
    },
  };
  return hashedTemplate({
    apiVersion,
    kind: "Metal3MachineTemplate",
    namespace: cluster.name,
    purpose: parts.machineClass.name,
    spec,
  });
}

/** A sick host is rebooted once before its machine is given up and the host set aside. */
function remediationTemplate(cluster: ClusterPlan): Manifest {
  return hashedTemplate({
    apiVersion,
    kind: "Metal3RemediationTemplate",
    namespace: cluster.name,
    purpose: "reboot",
    spec: {
      template: { spec: { strategy: { type: "Reboot", retryLimit: 1, timeoutSeconds: 900 } } },
    },
  });
}
