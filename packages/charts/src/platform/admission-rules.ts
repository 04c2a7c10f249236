import { stateTaint } from "@ertis/provisioning-model";
import { burnInProject, projectLabel } from "../queues/projects.ts";
import {
  type AdmissionRule,
  containersOf,
  gpuVariables,
  jobs,
  podMakers,
  pods,
  podVariables,
} from "./admission-policy.ts";
import { burnInNames, jobControllers, systemNamespaces } from "./names.ts";

const queueLabel = "kueue.x-k8s.io/queue-name";
const topologyAnnotations = [
  "kueue.x-k8s.io/podset-required-topology",
  "kueue.x-k8s.io/podset-preferred-topology",
  "kueue.x-k8s.io/podset-unconstrained-topology",
];

const outsideSystem = {
  matchExpressions: [
    { key: "kubernetes.io/metadata.name", operator: "NotIn", values: systemNamespaces },
  ],
};
const inProjects = { matchExpressions: [{ key: projectLabel, operator: "Exists" }] };
const inTenants = {
  matchExpressions: [
    { key: projectLabel, operator: "Exists" },
    { key: projectLabel, operator: "NotIn", values: [burnInProject] },
  ],
};

/** A list of texts in CEL. */
function celList(values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(", ")}]`;
}

/** GPUs that are counted right only when a pod takes all of a host: so many at once, of these names. */
export interface WholeNodeGpus {
  readonly resourceNames: readonly string[];
  readonly gpuCount: number;
}

/** The rules of a cluster whose images may come from registries below these domains only. */
export function admissionRules(
  allowedDomains: readonly string[],
  wholeNodes: readonly WholeNodeGpus[],
): readonly AdmissionRule[] {
  return [
    inCountryImages(allowedDomains),
    noHostPaths,
    noPrivilege,
    stateTolerations,
    gpuQueues,
    gpuTopology,
    projectLabels,
    ...(wholeNodes.length === 0 ? [] : [wholeNodeRequests(wholeNodes)]),
  ];
}

function inCountryImages(domains: readonly string[]): AdmissionRule {
  const images = ["containers", "initContainers", "ephemeralContainers"].map(
    (field) => `(has(s.${field}) ? s.${field}.map(c, has(c.image) ? c.image : '') : [])`,
  );
  const volumes =
    "(has(s.volumes) ? s.volumes.filter(v, has(v.image))" +
    ".map(v, has(v.image.reference) ? v.image.reference : '') : [])";
  const isAllowed = `${celList(domains)}.exists(d, i.split('/')[0].split(':')[0].endsWith(d))`;
  return {
    name: "images-in-country",
    resources: [pods, ...podMakers],
    variables: [
      ...podVariables,
      { name: "images", expression: `variables.specs.map(s, ${[...images, volumes].join(" + ")})` },
    ],
    validations: [
      {
        expression: `variables.images.all(list, list.all(i, i.contains('/') && ${isAllowed}))`,
        message:
          `images come from registries of the country only (${domains.join(", ")}), init and ` +
          "ephemeral containers included, and image volumes; name the site's registry in front of the image",
      },
    ],
  };
}

const noHostPaths: AdmissionRule = {
  name: "no-host-paths",
  resources: [pods, ...podMakers],
  namespaces: outsideSystem,
  variables: podVariables,
  validations: [
    {
      expression: "variables.specs.all(s, !has(s.volumes) || s.volumes.all(v, !has(v.hostPath)))",
      message: "hostPath volumes are for the platform's own namespaces; use a claim or emptyDir",
    },
  ],
};

const noPrivilege: AdmissionRule = {
  name: "no-privilege-in-projects",
  resources: [pods, ...podMakers],
  namespaces: inProjects,
  variables: podVariables,
  validations: [
    {
      expression:
        `variables.specs.all(s, ${containersOf("s")}` +
        ".all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || " +
        "!c.securityContext.privileged))",
      message: "privileged containers do not run in projects",
    },
    {
      expression:
        "variables.specs.all(s, !(has(s.hostNetwork) && s.hostNetwork) && " +
        "!(has(s.hostPID) && s.hostPID) && !(has(s.hostIPC) && s.hostIPC))",
      message: "hostNetwork, hostPID and hostIPC are for the platform's own namespaces",
    },
  ],
};

/** A host that is being proved or repaired takes nobody's work, whatever a pod says it tolerates. */
const stateTolerations: AdmissionRule = {
  name: "only-burn-in-tolerates-host-states",
  resources: [pods, ...podMakers],
  namespaces: outsideSystem,
  variables: [
    ...podVariables,
    {
      name: "tolerant",
      expression:
        "variables.specs.filter(s, has(s.tolerations) && s.tolerations.exists(t, " +
        `!has(t.key) || t.key == '' || t.key == '${stateTaint.key}'))`,
    },
  ],
  validations: [
    {
      expression:
        `object.metadata.namespace == '${burnInNames.namespace}' && variables.tolerant.all(s, ` +
        `has(s.serviceAccountName) && s.serviceAccountName == '${burnInNames.serviceAccount}') || ` +
        "variables.tolerant.size() == 0",
      message:
        `only the service account ${burnInNames.serviceAccount} of ${burnInNames.namespace} ` +
        `tolerates ${stateTaint.key}; take the toleration (or the one without a key) out`,
    },
  ],
};

/**
 * What the controller of a job has made for it: the job was judged, and its queue's label is on the job
 * alone. An owner is only words that anybody may write, so who writes them counts as well: the Job
 * controller, or the controller of JobSets, and Kueue when it lets them go. Pods get no GPUs later on.
 */
const isMadeForJob =
  "(object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false) && " +
  "(object.kind == 'Pod' && o.kind == 'Job' && o.apiVersion == 'batch/v1' || " +
  "object.kind == 'Job' && o.kind == 'JobSet' && o.apiVersion.startsWith('jobset.x-k8s.io/'))) && " +
  "(object.kind == 'Pod' && request.operation == 'UPDATE' || " +
  `${celList(jobControllers)}.exists(p, request.userInfo.username.startsWith(p))))`;

const gpuQueues: AdmissionRule = {
  name: "gpus-through-queues",
  resources: [pods, ...jobs],
  namespaces: outsideSystem,
  variables: gpuVariables,
  validations: [
    {
      expression:
        `variables.gpuTemplates.size() == 0 || ${isMadeForJob} || ` +
        `(has(object.metadata.labels) && '${queueLabel}' in object.metadata.labels)`,
      message: `what asks for GPUs carries the label ${queueLabel}, for example "default"`,
    },
  ],
};

/** Kueue leaves a job without one of these pending for ever, because its nodes are placed by topology. */
const gpuTopology: AdmissionRule = {
  name: "gpus-say-their-topology",
  resources: [pods, ...jobs],
  namespaces: inProjects,
  variables: gpuVariables,
  validations: [
    {
      expression:
        "variables.gpuTemplates.all(t, has(t.metadata) && has(t.metadata.annotations) && " +
        `${celList(topologyAnnotations)}.exists(a, a in t.metadata.annotations))`,
      message:
        "pods with GPUs say how close they must be, in an annotation of the pod template: " +
        `${topologyAnnotations[0]} or ${topologyAnnotations[1]} with a level (ertis.kz/rack, ` +
        `ertis.kz/row, ertis.kz/power-feed, ertis.kz/hall), or ${topologyAnnotations[2]}: "true"`,
    },
  ],
};

const projectLabels: AdmissionRule = {
  name: "jobs-name-their-project",
  resources: jobs,
  namespaces: inTenants,
  watchedLabel: projectLabel,
  variables: [
    {
      name: "project",
      expression: `namespaceObject.metadata.labels['${projectLabel}']`,
    },
  ],
  validations: [
    {
      expression:
        `${isMadeForJob} || has(object.metadata.labels) && '${projectLabel}' in object.metadata.labels && ` +
        `object.metadata.labels['${projectLabel}'] == variables.project`,
      message: `jobs carry the label ${projectLabel} with the project of their namespace`,
    },
  ],
};

/**
 * Where a class draws its whole peak as soon as one GPU works, a quarter of a host would be charged a
 * quarter of the watts and draw all of them.
 */
function wholeNodeRequests(wholeNodes: readonly WholeNodeGpus[]): AdmissionRule {
  return {
    name: "gpus-by-whole-hosts",
    resources: [pods, ...jobs],
    namespaces: inProjects,
    variables: gpuVariables,
    validations: wholeNodes.map(({ resourceNames, gpuCount }) => ({
      expression:
        `variables.gpuTemplates.all(t, ${containersOf("t.spec")}.all(c, !has(c.resources) || ` +
        "!has(c.resources.limits) || " +
        `${celList(resourceNames)}.all(r, !(r in c.resources.limits) || ` +
        `string(c.resources.limits[r]) == '${gpuCount}')))`,
      message: `ask for all ${gpuCount} GPUs of a host: these hosts draw their peak as soon as one works`,
    })),
  };
}
