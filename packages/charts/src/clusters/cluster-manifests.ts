import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { externalSecret } from "../kinds/external-secrets.ts";
import type { Manifest } from "../manifest.ts";
import { renderStack } from "../render-stack.ts";
import { clusterClass, type ClassTemplates } from "./cluster-class.ts";
import { clusterManifest } from "./cluster.ts";
import { controlPlaneTemplate } from "./control-plane.ts";
import { inMemoryParts } from "./in-memory.ts";
import type { Infrastructure } from "./infrastructure.ts";
import { controlPlaneClass, workerClasses } from "./machine-class.ts";
import { metal3Parts } from "./metal3.ts";
import { encryptionKey, encryptionSecretName } from "./names.ts";
import { bootstrapTemplate } from "./worker-bootstrap.ts";

/**
 * The cluster of a hall: its class, the templates of the class, and the Cluster. `in-memory` writes the
 * same class over machines that exist only in Cluster API's development provider.
 */
export function clusterManifests(
  plan: SitePlan,
  cluster: ClusterPlan,
  options: { readonly infrastructure: Infrastructure },
): readonly Manifest[] {
  const { infrastructure } = options;
  const parts = infrastructure === "metal3" ? metal3Parts(plan, cluster) : inMemoryParts(cluster);
  const templates: ClassTemplates = {
    controlPlane: controlPlaneTemplate(plan, cluster, infrastructure),
    controlPlaneMachine: parts.machineTemplate(controlPlaneClass),
    workers: workerClasses(cluster).map((machineClass) => ({
      name: machineClass.name,
      bootstrap: bootstrapTemplate(plan, cluster, { machineClass, infrastructure }),
      machine: parts.machineTemplate(machineClass),
    })),
  };
  return renderStack({ project: "clusters", stack: cluster.name }, [
    ...(infrastructure === "metal3" ? [encryptionSecret(plan, cluster)] : []),
    ...parts.others,
    parts.clusterTemplate,
    templates.controlPlane,
    templates.controlPlaneMachine,
    ...templates.workers.flatMap(({ bootstrap, machine }) => [bootstrap, machine]),
    clusterClass(cluster, parts, templates),
    clusterManifest(plan, cluster, parts),
  ]);
}

function encryptionSecret(plan: SitePlan, cluster: ClusterPlan): Manifest {
  return externalSecret({
    metadata: { name: encryptionSecretName(cluster), namespace: cluster.name },
    remoteKey: `clusters/${plan.site.id}/${cluster.name}/encryption`,
    properties: [encryptionKey],
    type: "cluster.x-k8s.io/secret",
    // A control plane that is replaced without it could not read what the others encrypted.
    isKept: true,
  });
}
