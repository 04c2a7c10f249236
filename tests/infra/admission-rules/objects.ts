/** Where the objects go that name no namespace: one of a project. */
export const tenant = "project-open";

/** A namespace without Pod Security levels, so that only our rules can refuse. */
export function namespace(name: string, project?: string): unknown {
  const labels = project === undefined ? {} : { "ertis.kz/project": project };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

export interface PodOptions {
  readonly namespace?: string;
  readonly image?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly container?: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly owner?: Readonly<Record<string, string>>;
}

export const goodImage: string = "registry.small.ertis.kz/models/train:1";
export const queued = { "kueue.x-k8s.io/queue-name": "default" };
export const anywhere = { "kueue.x-k8s.io/podset-unconstrained-topology": "true" };

function podParts(options: PodOptions): { readonly metadata: unknown; readonly spec: unknown } {
  const { image = goodImage, spec = {}, container = {}, labels = {}, annotations = {} } = options;
  return {
    metadata: { labels, annotations },
    spec: { restartPolicy: "Never", containers: [{ name: "main", image, ...container }], ...spec },
  };
}

function ownedBy(owner: PodOptions["owner"]): readonly unknown[] {
  const uid = "7d1c3b52-0a4e-4f7e-9a55-1f6f1f0f7c10";
  return owner === undefined ? [] : [{ ...owner, name: "owner", uid, controller: true }];
}

export function pod(options: PodOptions = {}): unknown {
  const { metadata, spec } = podParts(options);
  const { finalizers = [] } = options;
  const at = {
    name: "one",
    namespace: options.namespace ?? tenant,
    finalizers,
    ownerReferences: ownedBy(options.owner),
  };
  return { apiVersion: "v1", kind: "Pod", metadata: { ...Object(metadata), ...at }, spec };
}

/** Labels are of the job, annotations of its pods. */
export function job(options: PodOptions = {}): unknown {
  const { labels = { ...queued, "ertis.kz/project": "open" } } = options;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: "one",
      namespace: options.namespace ?? tenant,
      labels,
      ownerReferences: ownedBy(options.owner),
    },
    spec: { template: podParts({ ...options, labels: {} }) },
  };
}

export function gpus(
  count: number,
  resource = "nvidia.com/gpu",
): Readonly<Record<string, unknown>> {
  return { resources: { limits: { [resource]: String(count) } } };
}
