import { type ClusterPlan, type SitePlan, wattQuota } from "@ertis/provisioning-model";
import { addonNamespaces } from "../addons/addons.ts";
import type { Manifest } from "../manifest.ts";
import { anyGpuResource, hasOneModel } from "../queues/names.ts";
import { defaultProjects, type Project, projectManifests } from "../queues/projects.ts";
import { renderStack } from "../render-stack.ts";
import { admissionManifests } from "./admission-policy.ts";
import { admissionRules, type WholeNodeGpus } from "./admission-rules.ts";
import { platformAlertManifests } from "./alerts.ts";
import { burnInManifests } from "./burn-in.ts";
import { nicPolicyManifest } from "./network-policy.ts";
import { priorityClassManifests } from "./priorities.ts";
import { storageManifests } from "./storage.ts";

/**
 * What a hall gets on top of its add-ons: namespaces, projects, rules at the API server, network and
 * storage, the proof of hosts, alerts. The ClusterPolicy of GPUs is not among them: the GPU Operator's
 * chart makes it from its values.
 */
export function platformManifests(
  plan: SitePlan,
  cluster: ClusterPlan,
  projects: readonly Project[] = defaultProjects,
): readonly Manifest[] {
  const rules = admissionRules(plan.allowedDomains, wholeNodeGpus(plan, cluster));
  return renderStack({ project: "platform", stack: cluster.name }, [
    ...addonNamespaces("platform"),
    ...rules.flatMap(admissionManifests),
    ...priorityClassManifests(),
    ...projects.flatMap(projectManifests),
    ...burnInManifests(plan, cluster),
    nicPolicyManifest(plan),
    ...storageManifests(plan, cluster),
    ...platformAlertManifests(plan, cluster),
  ]);
}

function wholeNodeGpus(plan: SitePlan, cluster: ClusterPlan): readonly WholeNodeGpus[] {
  return wattQuota(plan, cluster)
    .perGpu.filter(({ isWholeNode }) => isWholeNode)
    .map(({ resourceName, nodeClass }) => ({
      resourceNames: hasOneModel(cluster) ? [resourceName, anyGpuResource] : [resourceName],
      gpuCount: nodeClass.gpuCount,
    }));
}
