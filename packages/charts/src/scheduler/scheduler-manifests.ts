import type { SitePlan } from "@ertis/provisioning-model";
import { contentHash } from "../content-hash.ts";
import { defaultDenyManifest, namespaceManifest } from "../kinds/core.ts";
import { externalSecret } from "../kinds/external-secrets.ts";
import { certificate } from "../management/certificates.ts";
import { sharedSite } from "../management/shared-site.ts";
import type { Manifest } from "../manifest.ts";
import { defaultProjects, type Project } from "../queues/projects.ts";
import { renderStack } from "../render-stack.ts";
import { accessManifests } from "./access.ts";
import { schedulerAlertManifests } from "./alerts.ts";
import { deploymentManifest } from "./deployment.ts";
import { serverHost, serverLabels, serverNames } from "./names.ts";
import { probeFile, probeScript } from "./probe-script.ts";
import {
  configurationFile,
  peopleFile,
  serverConfigurationText,
  type SiteText,
} from "./server-configuration.ts";

export interface SchedulerOptions {
  /** The site files, which the server reads itself: one for each plan. */
  readonly siteTexts: readonly SiteText[];
  readonly projects?: readonly Project[];
}

/** etcd takes objects of 1.5 MiB, the API server ConfigMaps of 1 MiB; some is for names and labels. */
const configMapBytesMax = 1_000_000;

const { name, namespace } = serverNames;

/** The Ertis server on the management cluster, for all sites: it outlives every hall. */
export function schedulerManifests(
  plans: readonly SitePlan[],
  options: SchedulerOptions,
): readonly Manifest[] {
  const { siteTexts, projects = defaultProjects } = options;
  const siteMaps = siteTexts.map(siteMap);
  const configuration = configMap(`${name}-configuration`, {
    [configurationFile]: serverConfigurationText(plans, projects),
    [probeFile]: probeScript(),
  });
  return renderStack({ project: "scheduler", stack: "main" }, [
    namespaceManifest(namespace, "restricted"),
    defaultDenyManifest(namespace),
    ...accessManifests(),
    configuration,
    ...siteMaps,
    externalSecret({
      metadata: { name: "ertis-people", namespace },
      remoteKey: "scheduler/people",
      properties: [peopleFile],
    }),
    certificate({
      name,
      namespace,
      dnsNames: [serverHost, `${serverHost}.cluster.local`, `${name}.${namespace}`],
      // The probe shows it as a client does.
      usages: ["digital signature", "server auth", "client auth"],
    }),
    volumeClaim,
    deploymentManifest({
      registry: sharedSite(plans).registry,
      siteMaps: siteMaps.map(({ metadata }) => metadata.name),
      configurationMap: configuration.metadata.name,
      configurationHash: contentHash([configuration, ...siteMaps]),
    }),
    service,
    disruptionBudget,
    ...schedulerAlertManifests(),
  ]);
}

/** One for each site file, so that none grows beyond what a ConfigMap holds. */
function siteMap({ siteId, text }: SiteText): Manifest {
  return configMap(`${name}-site-${siteId}`, { [`${siteId}.yaml`]: text });
}

function configMap(mapName: string, data: Readonly<Record<string, string>>): Manifest {
  const bytes = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > configMapBytesMax) {
    throw new RangeError(
      `ConfigMap ${mapName} would hold ${bytes} bytes, and ${configMapBytesMax} fit. A site file is ` +
        "that long only without templates: say what repeats in templates (infra/sites)",
    );
  }
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: mapName, namespace }, data };
}

const volumeClaim: Manifest = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: `${name}-data`, namespace },
  spec: {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "100Gi" } },
  },
};

const service: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace, labels: serverLabels },
  spec: {
    type: "ClusterIP",
    selector: serverLabels,
    ports: [{ name: "grpc", port: serverNames.port, targetPort: "grpc", appProtocol: "grpc" }],
  },
};

/**
 * Drains may go on: the log is on the volume, callers try again, and a budget that allowed nothing would
 * stop every upgrade of the management cluster. A pod that does not serve never holds one up.
 */
const disruptionBudget: Manifest = {
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name, namespace },
  spec: {
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: "AlwaysAllow",
    selector: { matchLabels: serverLabels },
  },
};
