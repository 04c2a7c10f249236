import type { ClusterPlan } from "@ertis/provisioning-model";
import {
  clusterApiVersion,
  type ClusterClassSpec,
  type MachineDeploymentClass,
} from "../kinds/cluster-api.ts";
import type { Manifest } from "../manifest.ts";
import { referenceTo } from "./hashed-template.ts";
import { healthCheck } from "./health-checks.ts";
import type { InfrastructureParts } from "./infrastructure.ts";

export interface ClassTemplates {
  readonly controlPlane: Manifest;
  readonly controlPlaneMachine: Manifest;
  readonly workers: readonly {
    readonly name: string;
    readonly bootstrap: Manifest;
    readonly machine: Manifest;
  }[];
}

/** The class of one hall. Its name stays; what changes are the names of the templates in it. */
export function clusterClass(
  cluster: ClusterPlan,
  parts: InfrastructureParts,
  templates: ClassTemplates,
): Manifest {
  const { remediation, variables, patches } = parts;
  const spec: ClusterClassSpec = {
    infrastructure: { templateRef: referenceTo(parts.clusterTemplate) },
    controlPlane: {
      templateRef: referenceTo(templates.controlPlane),
      machineInfrastructure: { templateRef: referenceTo(templates.controlPlaneMachine) },
      healthCheck: healthCheck({ sickMachinesMax: 1, isInFlightLimited: false, remediation }),
    },
    workers: {
      machineDeployments: templates.workers.map(
        ({ name, bootstrap, machine }): MachineDeploymentClass => ({
          class: name,
          bootstrap: { templateRef: referenceTo(bootstrap) },
          infrastructure: { templateRef: referenceTo(machine) },
          deletion: {
            // Machines that are marked for deletion or sick go first in any order; then the least used.
            order: "Newest",
            nodeDrainTimeoutSeconds: 3600,
            nodeVolumeDetachTimeoutSeconds: 600,
            nodeDeletionTimeoutSeconds: 600,
          },
          healthCheck: healthCheck({ sickMachinesMax: 2, isInFlightLimited: true, remediation }),
          // No spare host to start a second one on.
          rollout: {
            strategy: {
              type: "RollingUpdate",
              rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
            },
          },
        }),
      ),
    },
    ...(variables.length === 0 ? {} : { variables }),
    ...(patches.length === 0 ? {} : { patches }),
  };
  return {
    apiVersion: clusterApiVersion,
    kind: "ClusterClass",
    metadata: { name: cluster.name, namespace: cluster.name },
    spec,
  };
}
