import type * as pulumi from "@pulumi/pulumi";
import { isRecord } from "./record.ts";
import type { ProjectName } from "@ertis/provisioning-model";

/**
 * What a stack knows only once it is up, and others need: never a secret, and never what follows from
 * the site files. This is all that goes from stack to stack.
 */
export interface StackFacts {
  readonly management: AddonFacts;
  readonly inventory: { readonly namespace: string };
  /** The Secret with the cluster's kubeconfig on the management cluster, as `namespace/name`. */
  readonly clusters: { readonly kubeconfigSecret: string };
  readonly platform: AddonFacts;
  readonly queues: { readonly clusterQueues: readonly string[] };
  readonly scheduler: { readonly deployment: string };
}

interface AddonFacts {
  /** Name of the add-on to the id of its release. */
  readonly addons: Readonly<Record<string, string>>;
}

type Parsers = {
  readonly [Project in ProjectName]: (
    outputs: Readonly<Record<string, unknown>>,
  ) => StackFacts[Project] | undefined;
};

/** From the outputs of a stack; undefined when it is not up as a whole, so that facts are missing. */
export const factParsers: Parsers = {
  management: parseAddons,
  inventory: ({ namespace }) => (typeof namespace === "string" ? { namespace } : undefined),
  clusters: ({ kubeconfigSecret }) =>
    typeof kubeconfigSecret === "string" ? { kubeconfigSecret } : undefined,
  platform: parseAddons,
  queues: ({ clusterQueues }) => (isTexts(clusterQueues) ? { clusterQueues } : undefined),
  scheduler: ({ deployment }) => (typeof deployment === "string" ? { deployment } : undefined),
};

function parseAddons({ addons }: Readonly<Record<string, unknown>>): AddonFacts | undefined {
  if (!isRecord(addons)) {
    return undefined;
  }
  const entries = Object.entries(addons).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return { addons: Object.fromEntries(entries) };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** The facts as a stack exports them: each may still be an output. */
export type StackOutputs<Project extends ProjectName> = {
  readonly [Name in keyof StackFacts[Project]]: pulumi.Input<StackFacts[Project][Name]>;
};
