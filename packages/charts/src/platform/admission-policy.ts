import type { Manifest } from "../manifest.ts";

/** One rule at the API server: what it looks at, what must hold, and what is said when it does not. */
export interface AdmissionRule {
  readonly name: string;
  readonly resources: readonly ResourceRule[];
  /** Which namespaces; all where absent. */
  readonly namespaces?: Readonly<Record<string, unknown>>;
  /** A label whose change is judged, too; else only what is new or has a changed spec. */
  readonly watchedLabel?: string;
  readonly variables: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly { readonly expression: string; readonly message: string }[];
}

export interface ResourceRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
}

export const pods: ResourceRule = {
  apiGroups: [""],
  apiVersions: ["v1"],
  resources: ["pods", "pods/ephemeralcontainers"],
};

export const jobs: readonly ResourceRule[] = [
  { apiGroups: ["batch"], apiVersions: ["v1"], resources: ["jobs"] },
  { apiGroups: ["jobset.x-k8s.io"], apiVersions: ["v1alpha2"], resources: ["jobsets"] },
];

/** What makes pods: refused early, or a job would hold its watts while its pods are refused one by one. */
export const podMakers: readonly ResourceRule[] = [
  ...jobs,
  {
    apiGroups: ["apps"],
    apiVersions: ["v1"],
    resources: ["deployments", "statefulsets", "daemonsets"],
  },
];

/**
 * `templates`: for whatever kind it is, its pods as a list of things with `metadata` and `spec`.
 * `specs`: the specs of those.
 */
export const podVariables: AdmissionRule["variables"] = [
  {
    name: "templates",
    expression:
      "object.kind == 'Pod' ? [object] : object.kind == 'JobSet' ? " +
      "object.spec.replicatedJobs.map(r, r.template.spec.template) : [object.spec.template]",
  },
  { name: "specs", expression: "variables.templates.map(t, t.spec)" },
];

/** All that may hold GPUs in the pod whose spec is called so: a sidecar is an init container. */
export function containersOf(spec: string): string {
  return `(${spec}.containers + (has(${spec}.initContainers) ? ${spec}.initContainers : []))`;
}

/** `gpuTemplates`: the templates that ask for a GPU of any model. */
export const gpuVariables: AdmissionRule["variables"] = [
  ...podVariables,
  {
    name: "gpuTemplates",
    expression:
      `variables.templates.filter(t, ${containersOf("t.spec")}.exists(c, has(c.resources) && ` +
      "has(c.resources.limits) && c.resources.limits.exists(k, k.startsWith('nvidia.com/'))))",
  },
];

/** The policy and its binding. Failing closed: what cannot be judged does not run. */
export function admissionManifests(rule: AdmissionRule): readonly Manifest[] {
  return [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: rule.name },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          ...(rule.namespaces === undefined ? {} : { namespaceSelector: rule.namespaces }),
          resourceRules: rule.resources.map((resource) => ({
            ...resource,
            operations: ["CREATE", "UPDATE"],
          })),
        },
        // What was let in before the rule may still end, and be touched by controllers.
        matchConditions: [
          { name: "stays", expression: "!has(object.metadata.deletionTimestamp)" },
          {
            name: "is-new-or-changed",
            expression: [
              "request.operation == 'CREATE'",
              "object.spec != oldObject.spec",
              ...(rule.watchedLabel === undefined ? [] : [hasOtherLabel(rule.watchedLabel)]),
            ].join(" || "),
          },
        ],
        variables: rule.variables,
        validations: rule.validations.map((one) => ({ ...one, reason: "Forbidden" })),
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: rule.name },
      spec: { policyName: rule.name, validationActions: ["Deny", "Audit"] },
    },
  ];
}

function hasOtherLabel(label: string): string {
  const [now, before] = ["object", "oldObject"].map(
    (object) => `${object}.metadata.?labels[?'${label}'].orValue('')`,
  );
  return `${now} != ${before}`;
}
