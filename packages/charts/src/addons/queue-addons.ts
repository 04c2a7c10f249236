import { kueueConfigurationText } from "../queues/kueue-configuration.ts";
import { queueNames } from "../queues/names.ts";
import { versions } from "../versions.ts";
import type { AddonDescription } from "./addon.ts";
import { repositoryAndTag, splitImage } from "./image-values.ts";

const { addons } = versions;
const kueueImage = `registry.k8s.io/kueue/kueue:${addons.kueue.app}`;
const jobsetImage = `registry.k8s.io/jobset/jobset:${addons.jobset.app}`;

/**
 * The queue controller. Its configuration holds the watts of each GPU, so it changes with the site; the
 * chart puts it into the pod's annotations as a checksum, and the controller starts anew.
 */
const kueue: AddonDescription = {
  name: "kueue",
  project: "queues",
  chart: {
    name: "kueue",
    upstream: { kind: "oci", url: "oci://registry.k8s.io/kueue/charts/kueue" },
  },
  version: addons.kueue,
  namespace: queueNames.namespace,
  podSecurity: "restricted",
  images: [kueueImage],
  values: ({ registry, hall }) => ({
    fullnameOverride: "kueue",
    enablePrometheus: true,
    enableKueueViz: false,
    controllerManager: {
      replicas: 2,
      podDisruptionBudget: { enabled: true, minAvailable: 1 },
      manager: {
        image: { ...repositoryAndTag(registry, kueueImage), pullPolicy: "IfNotPresent" },
        resources: {
          requests: { cpu: "1", memory: "2Gi" },
          limits: { cpu: "4", memory: "4Gi" },
        },
      },
    },
    ...(hall === undefined
      ? {}
      : {
          managerConfig: {
            controllerManagerConfigYaml: kueueConfigurationText(hall.plan, hall.cluster),
          },
        }),
  }),
  nodeSelectorPaths: ["controllerManager.nodeSelector"],
  tolerationPaths: ["controllerManager.tolerations"],
  dependsOn: [],
  crds: ["kueue.x-k8s.io"],
  healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "kueue-controller-manager" },
};

/** Gangs of several kinds of pods as one job. */
const jobset: AddonDescription = {
  name: "jobset",
  project: "queues",
  chart: {
    name: "jobset",
    upstream: { kind: "oci", url: "oci://registry.k8s.io/jobset/charts/jobset" },
  },
  version: addons.jobset,
  namespace: "jobset-system",
  podSecurity: "restricted",
  images: [jobsetImage],
  values: ({ registry }) => ({ image: splitImage(registry, jobsetImage) }),
  nodeSelectorPaths: ["controller.nodeSelector"],
  tolerationPaths: ["controller.tolerations"],
  dependsOn: [],
  crds: ["jobset.x-k8s.io"],
  healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "jobset-controller" },
};

export const queueAddons: readonly AddonDescription[] = [jobset, kueue];
